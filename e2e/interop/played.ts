import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../install.mjs';
import { whyNot } from './cannot.ts';
import { featuresSeen, RESULTS } from './features-seen.ts';
import type { ImplementationName } from './implementation.ts';
import { IMPLEMENTATIONS, isHere } from './implementations.ts';
import { SCENARIO_LINES } from './scenario-lines.ts';
import { cellsOf, tableText, type Cell } from './table.ts';

type Say = (line: string) => void;

const DOCUMENT = join(ROOT, 'docs', 'interop.md');
const reportOf = (peer: string, isWhole: boolean): string =>
  join(RESULTS, `interop-${peer}${isWhole ? '' : '-part'}.json`);

/** No names: everybody that is here, everything. Whole runs of all that there is, also one by one, make the document. */
export async function play(
  peers: readonly ImplementationName[],
  scenarios: readonly string[],
  say: Say,
): Promise<number> {
  mkdirSync(RESULTS, { recursive: true });
  const isWhole = scenarios.length === 0;
  const here = IMPLEMENTATIONS.filter(isHere).map(({ name }) => name);
  const cells: Cell[] = [];
  let failed = 0;
  for (const peer of peers.length > 0 ? peers : here) {
    const report = reportOf(peer, isWhole);
    rmSync(report, { force: true });
    const code = await run([peer, ...scenarios], report);
    if (code !== 0) failed++;
    cells.push(...read(report));
  }
  for (const { peer, scenario, passed, seconds } of cells)
    say(`${passed ? 'ok  ' : 'FAIL'} ${peer.padEnd(9)} ${scenario.padEnd(24)} ${seconds.toFixed(1)} s`);
  if (isWhole) write(say);
  return failed === 0 ? 0 : 1;
}

const read = (report: string): readonly Cell[] =>
  existsSync(report) ? cellsOf(JSON.parse(readFileSync(report, 'utf8'))) : [];

/** Every cell has passed in the last whole run of its implementation, or is declared. */
function write(say: Say): void {
  const cells = IMPLEMENTATIONS.flatMap(({ name }) => read(reportOf(name, true)));
  const open = IMPLEMENTATIONS.flatMap(({ name: peer }) =>
    SCENARIO_LINES.map(({ name }) => name)
      .filter((name) => whyNot(peer, name) === null)
      .filter((name) => !cells.some((one) => one.peer === peer && one.scenario === name && one.passed))
      .map((name) => `${peer} ${name}`),
  );
  if (open.length > 0) {
    say(`docs/interop.md is left as it is: not passed in a whole run are ${open.join(', ')}.`);
    return;
  }
  writeFileSync(DOCUMENT, tableText(cells, featuresSeen()));
  say('docs/interop.md is written.');
}

function run(names: readonly string[], report: string): Promise<number> {
  const words = ['run', '--project', 'interop', '--reporter=verbose'];
  return new Promise((resolve) => {
    const child = spawn('npx', ['vitest', ...words, '--reporter=json', `--outputFile.json=${report}`], {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, LEYDEN_INTEROP: names.join(','), LEYDEN_INTEROP_WHOLE: '1' },
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}
