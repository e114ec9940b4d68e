import { FEATURE_NAMES, FEATURES } from '../../engine/wire/feature-table.ts';
import { partsLeftOut, whyNot } from './cannot.ts';
import { FEATURES_HEAD, FROM_CHROMIUM, RUNS_HEAD } from './document.ts';
import { DIFFERENCES } from './differences.ts';
import { EXCHANGES, type Exchange } from './exchanges.ts';
import type { FeaturesSeen } from './features-seen.ts';
import type { ImplementationName } from './implementation.ts';
import { IMPLEMENTATIONS } from './implementations.ts';
import { PLACES, type Place } from './place.ts';
import { IN_OUR_PROCESS, playedIn, SAME_ANYWHERE } from './played-in.ts';
import { SCENARIO_LINES, type ScenarioName } from './scenario-lines.ts';

/** One scenario with one implementation, as it went, and where our side ran. */
export type Cell = {
  readonly place: Place;
  readonly peer: string;
  readonly scenario: string;
  readonly passed: boolean;
  readonly seconds: number;
  /** When, and with which commit of ours; null: from before that was noted. */
  readonly run: string | null;
};

type Report = {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
      readonly duration?: number;
    }[];
  }[];
};

/** From vitest's own report. */
export const cellsOf = (report: unknown, run: string): readonly Cell[] =>
  (report as Report).testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status, duration = 0 }) => ({
      place: PLACES.find((place) => ancestorTitles.includes(place)) ?? 'process',
      peer: ancestorTitles.at(-1) ?? '',
      scenario: title,
      passed: status === 'passed',
      seconds: duration / 1000,
      run,
    })),
  );

/** docs/interop.md. */
export function tableText(cells: readonly Cell[], features: FeaturesSeen): string {
  return [
    '# Interoperability',
    '',
    'Written by `npm run interop`, from what each scenario went like last: do not edit. Each is written once ([e2e/interop](../e2e/interop))',
    'and runs against every implementation, on regtest. A number is the seconds that it took; a letter is a reason below',
    'why it cannot be, or beside a number why a part of it cannot; `#` is the run that it was, see [Runs](#runs). Open is what',
    'failed, what is empty, as it has not run yet, and a number without a run: it is of one from before that was noted.',
    '`npm run interop -- --build` fetches and builds what npm does not bring.',
    '',
    ...scenarioTable(cells, 'process'),
    '',
    ...reasons(),
    'In `kill` and `kill-paying` they die by kill -9 of their process. We run in the process of the test: there our disk takes',
    'nothing more from an instant on, and our lines are cut; from Chromium it is kill -9 too. Force closes with HTLCs pending,',
    '`reorg` and `fee-spike` are played on a channel that we opened and on one that they did, with anchors; `revoked` and the two',
    'losses on one that we did. After a close what is ours is counted to the sat, but for the losses, where up to 30,000 sat may go',
    'for fees; what is theirs within 5,000 sat, as some pay to sweep it, and with HTLCs pending it is not counted. Where a',
    'list of theirs has no field for it, their side is not asked: Electrum’s names no fee rate of a commitment, and those of LDK',
    'and ldk-node no balance of their own where all of it is below the reserve.',
    '',
    FROM_CHROMIUM,
    '',
    'With our side as people have it, by `npm run interop -- --browser`: the built page in Chromium, its engine in a worker,',
    'its state in IndexedDB in a profile on disk, the chain by `fetch`, peers through [the proxy](../services/proxy/README.md).',
    '`kill` is kill -9 of the browser with all its processes, `cuts` breaks the line between the proxy and the peer: what goes',
    'there is sealed, so it is cut at each piece of bytes. Nobody dials a page: where they dial above, we do here. Played over',
    'TCP alone, as they look into a process of ours or make it say something else:',
    `${named(IN_OUR_PROCESS)}.`,
    '',
    'And as nothing of them is of the page, whose disk, deaths and lines others play there:',
    `${named(SAME_ANYWHERE)}.`,
    '',
    ...scenarioTable(cells, 'chromium'),
    '',
    '## Where the line is cut',
    '',
    'Before and after each of these, in each direction: a scenario in which one of them was not said, or not cut, fails.',
    '',
    ...cutTable(),
    '',
    'Payments, refusals, fee rates of ours and closes are cut on channels that we opened. Not cut at: `init`, `error`,',
    '`warning`, with which a connection begins or ends; `update_fail_malformed_htlc`, which nobody here has a reason to say;',
    'peer storage, onion messages and queries for gossip, which begin anew with each connection and hold no money; messages',
    'of LSPS, where who sells is killed at each step instead (`channel-bought-killed`, `channel-bought-killed-paying`).',
    '',
    RUNS_HEAD,
    '',
    'The day, and the commit that was run; `+`: with what was not committed yet.',
    '',
    ...runsOf(cells).map((run, i) => `- #${i + 1} ${run}`),
    '',
    '## Where they differ',
    '',
    'What each does that the books do not have, or have otherwise; what they say; what we do; and the tests and the scenarios',
    'of the table above that show it.',
    '',
    ...DIFFERENCES.flatMap(({ peer, what, rule, weDo, shownBy }) => [
      `- **${peer}.** ${what} _${rule}_ ${weDo}`,
      ...shownBy.map((proof) => `  - ${proofText(proof)}`),
    ]),
    '',
    FEATURES_HEAD,
    '',
    'What each side says in `init`: `!` requires it, `+` offers it.',
    '',
    ...featureTable(features),
    '',
  ].join('\n');
}

/** As `.ci/named-tests.mjs` reads it. */
function proofText(proof: string): string {
  const [file = '', name] = proof.split(' › ');
  return name === undefined ? `\`${file}\`` : `\`${file}\` › ${name}`;
}

const named = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

function cutTable(): string[] {
  return [
    row('scenario', 'by us', 'by them', 'where it is said'),
    row('---', '---', '---', '---'),
    ...Object.entries<Exchange>(EXCHANGES).map(([scenario, { us, them, maybe = [] }]) =>
      row(`\`${scenario}\``, named(us), named(them), named(maybe)),
    ),
  ];
}

/** The same day and commit is one. */
const runsOf = (cells: readonly Cell[]): readonly string[] =>
  [...new Set(cells.map(({ run }) => run).filter((run) => run !== null))].sort();

const row = (...texts: readonly string[]): string => `| ${texts.join(' | ')} |`;

function scenarioTable(cells: readonly Cell[], place: Place): string[] {
  const there = cells.filter((one) => one.place === place);
  const runs = runsOf(cells);
  return [
    row('scenario', 'what happens', ...IMPLEMENTATIONS.map(({ title }) => title)),
    row('---', '---', ...IMPLEMENTATIONS.map(() => '---:')),
    ...SCENARIO_LINES.filter(({ name }) => playedIn(place).includes(name)).map(({ name, title }) =>
      row(`\`${name}\``, title, ...IMPLEMENTATIONS.map((one) => cellText(there, runs, one.name, name))),
    ),
  ];
}

function cellText(
  cells: readonly Cell[],
  runs: readonly string[],
  peer: ImplementationName,
  scenario: ScenarioName,
): string {
  const why = whyNot(peer, scenario);
  if (why !== null) return `cannot (${letterOf(why)})`;
  const cell = cells.find((one) => one.peer === peer && one.scenario === scenario);
  if (cell === undefined) return '';
  return [
    cell.passed ? cell.seconds.toFixed(1) : '**failed**',
    ...partsLeftOut(peer, scenario).map((part) => `(${letterOf(part)})`),
    ...(cell.run === null ? [] : [`#${runs.indexOf(cell.run) + 1}`]),
  ].join(' ');
}

/** The same reason is told once. */
function allReasons(): readonly string[] {
  const all = SCENARIO_LINES.flatMap(({ name }) =>
    IMPLEMENTATIONS.flatMap((one) => [whyNot(one.name, name), ...partsLeftOut(one.name, name)]),
  );
  return [...new Set(all.filter((why) => why !== null))];
}
/** a to z, and then aa to az. */
function letterOf(why: string): string {
  const index = allReasons().indexOf(why);
  return (index < 26 ? '' : 'a') + String.fromCharCode(97 + (index % 26));
}
const reasons = (): readonly string[] => {
  const all = allReasons();
  return all.length === 0 ? [] : [...all.map((why) => `- (${letterOf(why)}) ${why}`), ''];
};

function featureTable(seen: FeaturesSeen): string[] {
  const sides = [
    'us',
    ...IMPLEMENTATIONS.map(({ name }) => name).filter((name) => name !== 'leyden'),
  ] as const;
  const named = FEATURE_NAMES.map((name) => ({ name: `\`${name}\``, bit: FEATURES[name].bit }));
  const known = new Set(named.map(({ bit }) => bit));
  const others = sides
    .flatMap((side) => seen[side] ?? [])
    .map((bit) => bit - (bit % 2))
    .filter((bit) => !known.has(bit));
  const rows = [...named, ...[...new Set(others)].map((bit) => ({ name: 'not in BOLT 9', bit }))]
    .filter(({ bit }) => sides.some((side) => markOf(seen[side] ?? [], bit) !== ''))
    .sort((a, b) => a.bit - b.bit);
  return [
    row('bits', 'feature', ...sides.map((side) => (side === 'us' ? 'Leyden' : side))),
    row('---:', '---', ...sides.map(() => ':---:')),
    ...rows.map(({ name, bit }) =>
      row(`${bit}/${bit + 1}`, name, ...sides.map((side) => markOf(seen[side] ?? [], bit))),
    ),
  ];
}

const markOf = (bits: readonly number[], bit: number): string =>
  bits.includes(bit) ? '!' : bits.includes(bit + 1) ? '+' : '';
