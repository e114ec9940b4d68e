// `npm run bench [-- name …] [-- --quick]`: Leyden's engine beside LDK's WebAssembly, in one process, in turn.
import { parseArgs } from 'node:util';
import type { Bench, Row } from './bench.ts';
import { invoiceBench } from './invoice/invoice-bench.ts';
import { burstBench } from './payment/burst-bench.ts';
import { bytesBench } from './payment/bytes-bench.ts';
import { roundTripBench } from './payment/round-trip-bench.ts';
import { browserPaymentBench } from './page/browser-payment-bench.ts';
import { coldStartBench } from './page/cold-start-bench.ts';
import { firstSatBench } from './page/first-sat-bench.ts';
import { readyChannelBench } from './page/ready-channel-bench.ts';
import { framesBench } from './page/frames-bench.ts';
import { growthBench } from './routing/growth.ts';
import { judgedBench } from './routing/judged-both.ts';
import { routingBench } from './routing/routing-bench.ts';
import { exitCodeOf, judged, type Outcome } from './goals.ts';
import { print, printGoals, save } from './report.ts';

const BENCHES: readonly Bench[] = [
  roundTripBench,
  burstBench,
  invoiceBench,
  routingBench,
  judgedBench,
  growthBench,
  bytesBench,
  coldStartBench,
  readyChannelBench,
  firstSatBench,
  framesBench,
  browserPaymentBench,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(`No bench ${unknown.join(', ')}. There are: ${BENCHES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const outcomes: Outcome[] = [];
for (const bench of BENCHES) {
  if (positionals.length > 0 && !positionals.includes(bench.name)) continue;
  const start = performance.now();
  let rows: readonly Row[] = [];
  let failure: string | null = null;
  try {
    rows = await bench.run(values.quick);
    print(bench, rows);
  } catch (error) {
    // The others are measured all the same.
    console.error(`\n${bench.name}: ${bench.title}`, error);
    failure = String(error).split('\n')[0] ?? '';
  }
  outcomes.push({ bench, rows, seconds: (performance.now() - start) / 1000, failure });
}
const goals = judged(outcomes);
printGoals(goals);
console.log(`\nall figures: ${save(outcomes, values.quick)}`);
// LDK keeps no timers, but its WebAssembly keeps the process awake.
process.exit(exitCodeOf(goals));
