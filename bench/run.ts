// `npm run bench [-- name …] [-- --quick]`: Leyden's engine beside LDK's WebAssembly, in one process, in turn. Each bench
// has a process of its own: LDK's memory never shrinks, and two in a row may be more than its WebAssembly can have.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
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
  options: { quick: { type: 'boolean', default: false }, alone: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(`No bench ${unknown.join(', ')}. There are: ${BENCHES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

type Measured = Pick<Outcome, 'rows' | 'failure'>;

async function measure(bench: Bench): Promise<Measured> {
  try {
    const rows = await bench.run(values.quick);
    print(bench, rows);
    return { rows, failure: null };
  } catch (error) {
    // The others are measured all the same.
    console.error(`\n${bench.name}: ${bench.title}`, error);
    return { rows: [], failure: String(error).split('\n')[0] ?? '' };
  }
}

function measureAlone({ name }: Bench): Promise<Measured> {
  return new Promise((resolve) => {
    const args = [name, '--alone', ...(values.quick ? ['--quick'] : [])];
    const child = fork(fileURLToPath(import.meta.url), args, { serialization: 'advanced' });
    let measured: Measured | null = null;
    child.on('message', (message) => (measured = message as Measured));
    child.on('exit', (code, signal) =>
      resolve(measured ?? { rows: [], failure: `the process ended with ${signal ?? code}` }),
    );
  });
}

const wanted = BENCHES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
if (values.alone) {
  for (const bench of wanted) {
    const measured = await measure(bench);
    await new Promise<void>((resolve) => process.send?.(measured, () => resolve()));
  }
  // LDK keeps no timers, but its WebAssembly keeps the process awake.
  process.exit(0);
}

const outcomes: Outcome[] = [];
for (const bench of wanted) {
  const start = performance.now();
  const measured = await measureAlone(bench);
  outcomes.push({ bench, ...measured, seconds: (performance.now() - start) / 1000 });
}
const goals = judged(outcomes);
printGoals(goals);
console.log(`\nall figures: ${save(outcomes, values.quick)}`);
process.exitCode = exitCodeOf(goals);
