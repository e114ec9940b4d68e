// npm test: installs what is missing, runs every kind of test, prints one summary. `--checks` puts the checks of
// .ci/ in front. Ends with a line "N passed, N failed".
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { failedTests } from './failed-tests.mjs';
import { ensureBitcoind, ensureChromium, ensureNpm } from './install.mjs';
import { onPath } from './install/command.mjs';
import { within } from './install/within.mjs';
import { notRun } from './not-run.mjs';

const RESULTS = 'e2e/.results';
/** Five minutes are the most that a run may build for. What was compiled by then is kept: the next one goes on from it. */
const BUILD_SECONDS = 290;
/** What e2e/interop/build.ts ends with where its sources, or a C compiler, are not to be had here. */
const OUT_OF_REACH = 3;
const checks = process.argv.includes('--checks');

await ensureNpm();
rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });

const totals = { passed: 0, failed: 0 };
const rows = [];

function run(command, env) {
  return new Promise((resolve) => {
    const child = spawn(command, {
      shell: true,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** `without`: what an end of it says of which nothing failed, and nothing passed; null for all others. */
async function step(name, command, count, env = {}, without = () => null) {
  console.log(`\n── ${name}`);
  const began = Date.now();
  const code = await (typeof command === 'string' ? run(command, env) : command());
  const why = without(code);
  if (why !== null) {
    console.log(why);
    rows.push({ name, passed: 0, failed: 0, seconds: Math.round((Date.now() - began) / 1000), why });
    return;
  }
  const counts = count?.() ?? { passed: code === 0 ? 1 : 0, failed: 0 };
  // A run that ended badly with no failed test (a crash, a broken import) is one failure.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  totals.passed += counts.passed;
  totals.failed += counts.failed;
  rows.push({
    name,
    ...counts,
    seconds: Math.round((Date.now() - began) / 1000),
    failures: counts.failed === 0 ? [] : (counts.failures ?? []),
  });
}

const ofVitest = ({ numPassedTests, numFailedTests }) => ({ passed: numPassedTests, failed: numFailedTests });
const ofPlaywright = ({ stats }) => ({ passed: stats.expected, failed: stats.unexpected + stats.flaky });

const reportOf = (name) => JSON.parse(readFileSync(`${RESULTS}/${name}.json`, 'utf8'));
const reportIfAny = (name) => {
  try {
    return reportOf(name);
  } catch {
    return {};
  }
};

/** What the report of a step says, read once it has ended. */
const counted = (name, countsOf) => () => {
  try {
    const report = reportOf(name);
    return { ...countsOf(report), failures: failedTests(report) };
  } catch {
    return { passed: 0, failed: 1 };
  }
};

const vitest = (project, ...more) =>
  `npx vitest run --project ${[project, ...more].join(' --project ')} --reporter=default --reporter=json --outputFile.json=${RESULTS}/${project}.json`;

if (checks) {
  await step('format', 'npm run -s check:format');
  await step('types', 'npm run -s check:types');
  await step('lint', 'npm run -s check:lint');
  await step('layers', 'node .ci/layers.mjs');
  await step('file sizes', 'node .ci/sizes.mjs');
  await step('words', 'node .ci/words.mjs');
  await step('named tests', 'node .ci/named-tests.mjs');
  await step('table of rules', 'node .ci/bolt-table.mjs --check');
}
await step('unit tests', vitest('unit', 'unit-alone'), counted('unit', ofVitest));
await step('scenarios', vitest('scenarios', 'scenarios-alone'), counted('scenarios', ofVitest));
await step('build', 'npm run -s build');
if (checks) await step('bundle budget', 'node .ci/bundle.mjs');

const bitcoind = await ensureBitcoind();
const chromium = await ensureChromium();
const env = { LEYDEN_BITCOIND: bitcoind, LEYDEN_CHROMIUM: chromium };
await step('real peers', vitest('real'), counted('real', ofVitest), env);
// ldk-node, which sells channels as LDK's WebAssembly here does, is built with the checks, where there is a compiler. That
// it does not compile is a failure; that it could not be had, or not in time, is said at the end.
let whyNoLdkNode = null;
function ofLdkNode(code) {
  if (code === null)
    whyNoLdkNode = `it was not built in ${BUILD_SECONDS} s; what was compiled is kept, and the next run goes on from it`;
  if (code === OUT_OF_REACH) whyNoLdkNode = 'what it is made of cannot be had here';
  return whyNoLdkNode;
}
const build = () => within('npm run -s test:interop -- --build ldk-node', BUILD_SECONDS);
if (checks && onPath(['cargo']) !== null) await step('ldk-node', build, null, {}, ofLdkNode);
else if (checks) whyNoLdkNode = 'it is not built, and there is no cargo on PATH';
// The daily scenarios, with LDK and Leyden and whoever else `npm run interop -- --build` has put here.
await step('interop', vitest('interop'), counted('interop', ofVitest), env);
await step(
  'journeys',
  'npx playwright test --config e2e/playwright.config.ts',
  counted('journeys', ofPlaywright),
  {
    ...env,
    PLAYWRIGHT_JSON_OUTPUT_NAME: `${process.cwd()}/${RESULTS}/journeys.json`,
  },
);

console.log('\n── summary');
for (const row of rows)
  console.log(
    `${row.failed > 0 ? 'FAIL' : row.why === undefined ? 'ok  ' : '----'} ${row.name.padEnd(16)} ${String(row.passed).padStart(5)} passed, ${row.failed} failed, ${row.seconds} s${row.why === undefined ? '' : `: ${row.why}`}`,
  );
for (const { name, failures = [] } of rows)
  for (const failure of failures) console.log(`\n── failed in ${name}: ${failure}`);
const lacking = notRun({ interop: reportIfAny('interop'), journeys: reportIfAny('journeys') }, whyNoLdkNode);
if (lacking !== null) console.log(`\n${lacking}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);
