// `npm run bench [-- name …] [-- --quick]`: Leyden's engine beside LDK's WebAssembly, in one process, in turn. Each bench
// has a process of its own: LDK's memory never shrinks, and two in a row may be more than its WebAssembly can have.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { alone, OPTIONS, type Measured } from './alone.ts';
import type { Bench } from './bench.ts';
import { PAYING } from './payment/paying.ts';
import { browserPaymentBench } from './page/browser-payment-bench.ts';
import { coldStartBench } from './page/cold-start-bench.ts';
import { firstSatBench } from './page/first-sat-bench.ts';
import { readyChannelBench } from './page/ready-channel-bench.ts';
import { framesBench } from './page/frames-bench.ts';
import { growthBench } from './routing/growth.ts';
import { judgedBench } from './routing/judged-both.ts';
import { routingBench } from './routing/routing-bench.ts';
import { exitCodeOf, judged, type Outcome } from './goals.ts';
import { printGoals, save } from './report.ts';

const BENCHES: readonly Bench[] = [
  ...PAYING,
  routingBench,
  judgedBench,
  growthBench,
  coldStartBench,
  readyChannelBench,
  firstSatBench,
  framesBench,
  browserPaymentBench,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: OPTIONS,
});
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(`No bench ${unknown.join(', ')}. There are: ${BENCHES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

/** `bench/payment/main.ts` in JavaScript; what it imports of npm's packages stays theirs. */
async function paying(): Promise<string> {
  const outDir = fileURLToPath(new URL('.results/paying', import.meta.url));
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: fileURLToPath(new URL('payment/main.ts', import.meta.url)),
      target: 'es2023',
      outDir,
      emptyOutDir: true,
      copyPublicDir: false,
    },
  });
  return `${outDir}/main.js`;
}

async function measureAlone(bench: Bench): Promise<Measured> {
  const args = [bench.name, '--alone', ...(values.quick ? ['--quick'] : [])];
  // Without tsx, which a fork has of its parent.
  const child = PAYING.includes(bench)
    ? fork(await paying(), args, { serialization: 'advanced', execArgv: [] })
    : fork(fileURLToPath(import.meta.url), args, { serialization: 'advanced' });
  return new Promise((resolve) => {
    let measured: Measured | null = null;
    child.on('message', (message) => (measured = message as Measured));
    child.on('exit', (code, signal) =>
      resolve(measured ?? { rows: [], failure: `the process ended with ${signal ?? code}` }),
    );
  });
}

if (values.alone) await alone(BENCHES);
const wanted = BENCHES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
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
