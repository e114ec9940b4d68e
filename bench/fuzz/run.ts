// `npm run fuzz [-- --inputs 10000000] [--target bolt11] [--seed 1] [--blind]`: everything that reads what strangers,
// disks and people write, fed with mutations that its own code coverage guides. Ends with 1 when there is a finding.
import { parseArgs } from 'node:util';
import '../../engine/testkit/curve.ts';
import { Coverage } from './coverage.ts';
import { fuzz, type Finding } from './fuzz.ts';
import { settledHeap } from './heap.ts';
import { targets, weightOf } from './targets.ts';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '10000000' },
    target: { type: 'string' },
    seed: { type: 'string', default: '1' },
    /** Without coverage: quicker, and the corpus does not grow. */
    blind: { type: 'boolean', default: false },
  },
});

const all = await targets();
const chosen =
  values.target === undefined ? all : all.filter(({ name }) => name.startsWith(values.target ?? ''));
const inputs = Number(values.inputs);
if (chosen.length === 0 || !Number.isSafeInteger(inputs) || inputs < 1) {
  console.error(
    `Give a number of inputs, and one of these targets or none: ${all.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

/** How often growth is looked at: it takes some ten milliseconds each. */
const GROWTHS = 20;
const weights = chosen.reduce((sum, target) => sum + weightOf(target), 0);

const findings: Finding[] = [];
let done = 0;
let grown = 0;
const start = performance.now();
for (const target of chosen) {
  const coverage = values.blind ? null : new Coverage();
  coverage?.start();
  const began = performance.now();
  const share = Math.ceil((inputs * weightOf(target)) / weights);
  const outcome = fuzz(
    target,
    { inputs: share, seed: Number(values.seed), growths: GROWTHS, heap: settledHeap },
    coverage,
  );
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `${target.name.padEnd(24)} ${String(outcome.inputs).padStart(9)} inputs  ${seconds.toFixed(1).padStart(7)} s  ${String(coverage?.blocks ?? 0).padStart(5)} blocks  corpus ${outcome.corpus}  grown ${outcome.grown}  slowest ${outcome.slowestMs.toFixed(1)} ms  left ${(outcome.leftBehind / 1e6).toFixed(1)} MB  ${outcome.findings.length} findings`,
  );
  coverage?.stop();
  done += outcome.inputs;
  grown += outcome.grown;
  for (const finding of outcome.findings) {
    findings.push(finding);
    console.log(`  ${finding.why}\n  ${Buffer.from(finding.input).toString('hex').slice(0, 2_000)}`);
  }
}
const seconds = (performance.now() - start) / 1000;
const megabytes = process.resourceUsage().maxRSS / 1e3;
console.log(
  `${done} inputs in ${seconds.toFixed(0)} s, ${Math.round(done / seconds)} a second, ${grown} ways to grow, ${megabytes.toFixed(0)} MB at most, ${findings.length} findings`,
);
process.exit(findings.length === 0 ? 0 : 1);
