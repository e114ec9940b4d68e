import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import { installSecp256k1 } from '../../crypto/secp256k1.ts';
import { toyCurve } from './toy-curve.ts';
import { scheduleRunner } from './run-schedule.ts';
import { schedule } from './schedule.ts';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
  },
});
const wanted = Number(values.schedules);
const first = Number(values.seed);

installSecp256k1(toyCurve);
const runSchedule = scheduleRunner();

/** So many share a seed: a failure is found again by running one batch. */
const BATCH = 500;
const started = performance.now();
const failures: string[] = [];
let run = 0;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const seconds = (): string => ((performance.now() - started) / 1000).toFixed(0);

for (let batch = 0; run < wanted; batch++) {
  const numRuns = Math.min(BATCH, wanted - run);
  const seed = first + batch;
  const found = await fc.check(fc.asyncProperty(schedule, runSchedule), { seed, numRuns });
  run += found.numRuns;
  if (found.failed) {
    const [script] = found.counterexample ?? [];
    const text = `seed ${seed}: ${String(found.errorInstance)}\n${JSON.stringify(script)}`;
    failures.push(text);
    say(text);
  }
  if (batch % 10 === 9) say(`${run} schedules, ${seconds()} s, ${failures.length} failures`);
}
say(`${run} schedules in ${seconds()} s, ${failures.length} failures`);
process.exitCode = failures.length === 0 ? 0 : 1;
