import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../install.mjs';
import { run as runProgram } from '../install/command.mjs';
import { whyNot } from './cannot.ts';
import { cellsIn, featuresIn } from './document.ts';
import { featuresSeen, RESULTS } from './features-seen.ts';
import type { ImplementationName } from './implementation.ts';
import { IMPLEMENTATIONS, isHere } from './implementations.ts';
import { PLACES, type Place } from './place.ts';
import { playedIn } from './played-in.ts';
import { cellsOf, tableText, type Cell } from './table.ts';

type Say = (line: string) => void;

const DOCUMENT = join(ROOT, 'docs', 'interop.md');
/** Of what is still to pass, by name. */
const MOST_NAMED = 12;
/** Two runs may be under way at once. */
const REPORT = join(RESULTS, `interop-run-${process.pid}.json`);
/** Each scenario with each implementation as it went last, for each place. */
const CELLS: Readonly<Record<Place, string>> = {
  process: join(RESULTS, 'interop-cells.json'),
  chromium: join(RESULTS, 'interop-cells-chromium.json'),
};

/** No names: everybody that is here, everything. Once each cell has passed, in one run or several, it is documented. */
export async function play(
  place: Place,
  peers: readonly ImplementationName[],
  scenarios: readonly string[],
  say: Say,
): Promise<number> {
  mkdirSync(RESULTS, { recursive: true });
  // What is played with is what stands here, unless somebody brings a build.
  if (place === 'chromium' && process.env['LEYDEN_SITE'] === undefined)
    await runProgram('npm', ['run', '-s', 'build'], { cwd: ROOT });
  const here = IMPLEMENTATIONS.filter(isHere).map(({ name }) => name);
  const cells: Cell[] = [];
  const run = runNow();
  let failed = 0;
  for (const peer of peers.length > 0 ? peers : here) {
    const declared = playedIn(place).filter(
      (name) => scenarios.includes(name) && whyNot(peer, name) !== null,
    );
    for (const name of declared) say(`${peer} cannot ${name}: ${whyNot(peer, name)}`);
    // Without a scenario there is nothing to play, which is no failure.
    if (declared.length > 0 && declared.length === scenarios.length) continue;
    rmSync(REPORT, { force: true });
    if ((await vitestOf(place, [peer, ...scenarios])) !== 0) failed++;
    if (existsSync(REPORT)) cells.push(...cellsOf(JSON.parse(readFileSync(REPORT, 'utf8')), run));
  }
  for (const { peer, scenario, passed, seconds } of cells)
    say(`${passed ? 'ok  ' : 'FAIL'} ${peer.padEnd(9)} ${scenario.padEnd(24)} ${seconds.toFixed(1)} s`);
  remember(place, cells);
  await writeIfWhole(say);
  rmSync(REPORT, { force: true });
  return failed === 0 ? 0 : 1;
}

/** The day, and the commit that stands here; `+`: and what was changed since. */
function runNow(): string {
  const git = (...words: readonly string[]): string =>
    execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' }).trim();
  const day = new Date().toISOString().slice(0, 10);
  try {
    // What a run writes is no change to what is run.
    const isChanged = git('status', '--porcelain', '--', '.', ':!docs/interop.md') !== '';
    return `${day} ${git('rev-parse', '--short=8', 'HEAD')}${isChanged ? '+' : ''}`;
  } catch {
    return `${day} (no repository)`;
  }
}

/** Over what stands there. */
function remember(place: Place, cells: readonly Cell[]): void {
  writeFileSync(CELLS[place], JSON.stringify(laterOver(knownIn(place), cells)));
}

/** Of each scenario with each implementation what went later. */
function laterOver(earlier: readonly Cell[], later: readonly Cell[]): readonly Cell[] {
  const isNew = ({ place, peer, scenario }: Cell): boolean =>
    later.some((one) => one.place === place && one.peer === peer && one.scenario === scenario);
  return [...earlier.filter((one) => !isNew(one)), ...later];
}

const knownIn = (place: Place): readonly Cell[] =>
  existsSync(CELLS[place])
    ? (JSON.parse(readFileSync(CELLS[place], 'utf8')) as readonly Cell[]).map((one) => ({
        ...one,
        place,
        run: one.run ?? null,
      }))
    : [];
const documentText = (): string => (existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : '');
/** What was run here, over what the document says of runs before. */
const known = (): readonly Cell[] => laterOver(cellsIn(documentText()), PLACES.flatMap(knownIn));

/** docs/interop.md, from what each went like last, here or as it stands there: what failed is said, what never ran is empty. */
export async function writeDocument(say: Say): Promise<void> {
  writeFileSync(DOCUMENT, tableText(known(), { ...featuresIn(documentText()), ...featuresSeen() }));
  await runProgram('npx', ['prettier', '--write', DOCUMENT], { cwd: ROOT });
  say('docs/interop.md is written.');
}

/** By itself only when every cell has passed or is declared. */
async function writeIfWhole(say: Say): Promise<void> {
  const open = PLACES.flatMap((place) => IMPLEMENTATIONS.flatMap(({ name }) => openCells(place, name)));
  if (open.length === 0) await writeDocument(say);
  else {
    const more = open.length > MOST_NAMED ? ` and ${open.length - MOST_NAMED} more` : '';
    say(
      `docs/interop.md is left as it is, until these pass: ${open.slice(0, MOST_NAMED).join(', ')}${more}.`,
    );
  }
}

/** What has not passed there with this one in a run that has a name: what passed before may have been another scenario. */
function openCells(place: Place, peer: ImplementationName): readonly string[] {
  const passed = known().filter(
    (one) => one.place === place && one.peer === peer && one.passed && one.run !== null,
  );
  return playedIn(place)
    .filter((name) => whyNot(peer, name) === null && !passed.some(({ scenario }) => scenario === name))
    .map((name) => (place === 'process' ? `${peer} ${name}` : `${peer} ${name} in Chromium`));
}

function vitestOf(place: Place, names: readonly string[]): Promise<number> {
  const words = [
    '--project',
    'interop',
    '--reporter=verbose',
    '--reporter=json',
    `--outputFile.json=${REPORT}`,
  ];
  return vitest(words, {
    LEYDEN_INTEROP: names.join(','),
    LEYDEN_INTEROP_WHOLE: '1',
    LEYDEN_INTEROP_PLACE: place,
  });
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
