import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../install.mjs';
import { run as runProgram } from '../install/command.mjs';
import { whyNot } from './cannot.ts';
import { featuresSeen, RESULTS } from './features-seen.ts';
import type { ImplementationName } from './implementation.ts';
import { IMPLEMENTATIONS, isHere } from './implementations.ts';
import { SCENARIO_LINES } from './scenario-lines.ts';
import { cellsOf, tableText, type Cell } from './table.ts';

type Say = (line: string) => void;

const DOCUMENT = join(ROOT, 'docs', 'interop.md');
/** Two runs may be under way at once. */
const REPORT = join(RESULTS, `interop-run-${process.pid}.json`);
/** Each scenario with each implementation as it went last. */
const CELLS = join(RESULTS, 'interop-cells.json');

/** No names: everybody that is here, everything. Once each cell has passed, in one run or several, it is documented. */
export async function play(
  peers: readonly ImplementationName[],
  scenarios: readonly string[],
  say: Say,
): Promise<number> {
  mkdirSync(RESULTS, { recursive: true });
  const here = IMPLEMENTATIONS.filter(isHere).map(({ name }) => name);
  const cells: Cell[] = [];
  let failed = 0;
  for (const peer of peers.length > 0 ? peers : here) {
    rmSync(REPORT, { force: true });
    if ((await run([peer, ...scenarios])) !== 0) failed++;
    if (existsSync(REPORT)) cells.push(...cellsOf(JSON.parse(readFileSync(REPORT, 'utf8'))));
  }
  for (const { peer, scenario, passed, seconds } of cells)
    say(`${passed ? 'ok  ' : 'FAIL'} ${peer.padEnd(9)} ${scenario.padEnd(24)} ${seconds.toFixed(1)} s`);
  await writeIfWhole(remembered(cells), say);
  rmSync(REPORT, { force: true });
  return failed === 0 ? 0 : 1;
}

function remembered(cells: readonly Cell[]): readonly Cell[] {
  const isNew = ({ peer, scenario }: Cell): boolean =>
    cells.some((one) => one.peer === peer && one.scenario === scenario);
  const all = [...known().filter((one) => !isNew(one)), ...cells];
  writeFileSync(CELLS, JSON.stringify(all));
  return all;
}

const known = (): readonly Cell[] =>
  existsSync(CELLS) ? (JSON.parse(readFileSync(CELLS, 'utf8')) as readonly Cell[]) : [];

/** docs/interop.md, from what each went like last: what failed stands there as failed, and what never ran is empty. */
export async function writeDocument(say: Say): Promise<void> {
  writeFileSync(DOCUMENT, tableText(known(), featuresSeen()));
  await runProgram('npx', ['prettier', '--write', DOCUMENT], { cwd: ROOT });
  say('docs/interop.md is written.');
}

/** By itself only when every cell has passed or is declared. */
async function writeIfWhole(cells: readonly Cell[], say: Say): Promise<void> {
  const open = IMPLEMENTATIONS.flatMap(({ name: peer }) =>
    SCENARIO_LINES.map(({ name }) => name)
      .filter((name) => whyNot(peer, name) === null)
      .filter((name) => !cells.some((one) => one.peer === peer && one.scenario === name && one.passed))
      .map((name) => `${peer} ${name}`),
  );
  if (open.length === 0) await writeDocument(say);
  else say(`docs/interop.md is left as it is, until these pass: ${open.join(', ')}.`);
}

function run(names: readonly string[]): Promise<number> {
  const words = [
    '--project',
    'interop',
    '--reporter=verbose',
    '--reporter=json',
    `--outputFile.json=${REPORT}`,
  ];
  return vitest(words, { LEYDEN_INTEROP: names.join(','), LEYDEN_INTEROP_WHOLE: '1' });
}

/** Everybody that is here, or was named, at once. */
export const soak = (peers: readonly ImplementationName[], minutes: number): Promise<number> =>
  vitest(['--project', 'soak'], { LEYDEN_INTEROP: peers.join(','), LEYDEN_SOAK_MINUTES: String(minutes) });

function vitest(words: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn('npx', ['vitest', 'run', ...words], {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, ...env },
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}
