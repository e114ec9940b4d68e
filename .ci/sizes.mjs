// File sizes: small files have one subject. Tests and their fixtures are not counted.
import { readFileSync } from 'node:fs';
import { files, isTest } from './tree.mjs';

const MEDIAN = 80;
const NINETIETH = 220;
const LONGEST = 400;

const sizes = files(/^(engine|web|workers|services|bench|e2e)\/.*\.(ts|svelte|css|mjs)$/)
  .filter((path) => !isTest(path) && !path.includes('/fixtures/'))
  .map((path) => ({ path, lines: readFileSync(path, 'utf8').split('\n').length - 1 }))
  .sort((a, b) => a.lines - b.lines);
const at = (share) => sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * share))]?.lines ?? 0;

const findings = sizes
  .filter(({ lines }) => lines > LONGEST)
  .map(({ path, lines }) => `${path}: ${lines} lines`);
if (at(0.5) >= MEDIAN) findings.push(`the median file has ${at(0.5)} lines, not under ${MEDIAN}`);
if (at(0.9) >= NINETIETH) findings.push(`the 90th percentile has ${at(0.9)} lines, not under ${NINETIETH}`);
for (const finding of findings) console.error(finding);
console.log(`sizes: ${sizes.length} files, median ${at(0.5)}, 90th percentile ${at(0.9)}, longest ${at(1)}`);
process.exit(findings.length === 0 ? 0 : 1);
