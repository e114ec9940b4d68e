import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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
/** Megabytes that may be in use when nothing runs: a schedule that is over leaves nothing behind. */
const MOST_HELD = 256;
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
const started = performance.now();
const failures: string[] = [];
let run = 0;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const seconds = (): string => ((performance.now() - started) / 1000).toFixed(0);

function megabytesHeld(): number {
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return Math.round((heapUsed + external) / 1e6);
}

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
  if (batch % 10 === 9)
    say(`${run} schedules, ${seconds()} s, ${failures.length} failures, ${megabytesHeld()} MB held`);
}
const held = megabytesHeld();
say(`${run} schedules in ${seconds()} s, ${failures.length} failures, ${held} MB held`);
if (held > MOST_HELD) say(`more than ${MOST_HELD} MB: something of each schedule stays`);
process.exitCode = failures.length === 0 && held <= MOST_HELD ? 0 : 1;
