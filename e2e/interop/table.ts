import { FEATURE_NAMES, FEATURES } from '../../engine/wire/feature-table.ts';
import { whyNot } from './cannot.ts';
import { FEATURES_HEAD, FROM_CHROMIUM } from './document.ts';
import { DIFFERENCES } from './differences.ts';
import type { FeaturesSeen } from './features-seen.ts';
import type { ImplementationName } from './implementation.ts';
import { IMPLEMENTATIONS } from './implementations.ts';
import { PLACES, type Place } from './place.ts';
import { playedIn } from './played-in.ts';
import { SCENARIO_LINES, type ScenarioName } from './scenario-lines.ts';

/** One scenario with one implementation, as it went, and where our side ran. */
export type Cell = {
  readonly place: Place;
  readonly peer: string;
  readonly scenario: string;
  readonly passed: boolean;
  readonly seconds: number;
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
export const cellsOf = (report: unknown): readonly Cell[] =>
  (report as Report).testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status, duration = 0 }) => ({
      place: PLACES.find((place) => ancestorTitles.includes(place)) ?? 'process',
      peer: ancestorTitles.at(-1) ?? '',
      scenario: title,
      passed: status === 'passed',
      seconds: duration / 1000,
    })),
  );

/** docs/interop.md. */
export function tableText(cells: readonly Cell[], features: FeaturesSeen): string {
  return [
    '# Interoperability',
    '',
    'Written by `npm run interop`, from what each scenario went like last: do not edit. Each is written once ([e2e/interop](../e2e/interop))',
    'and runs against every implementation, on regtest. A number is the seconds that it took; a letter is a reason below',
    'why it cannot be; what failed is open, and what is empty has not run yet. `npm run interop -- --build` fetches and',
    'builds what npm does not bring.',
    '',
    ...scenarioTable(cells, 'process'),
    '',
    ...reasons(),
    FROM_CHROMIUM,
    '',
    'With our side as people have it, by `npm run interop -- --browser`: the built page in Chromium, its engine in a worker,',
    'its state in IndexedDB in a profile on disk, the chain by `fetch`, peers through [the proxy](../services/proxy/README.md).',
    '`kill` is kill -9 of the browser with all its processes, `cuts` breaks the line between the proxy and the peer. Nobody',
    'dials a page: where they dial above, we do here.',
    '',
    ...scenarioTable(cells, 'chromium'),
    '',
    '## Where they differ',
    '',
    ...DIFFERENCES.map(({ peer, what, rule, weDo }) => `- **${peer}.** ${what} _${rule}_ ${weDo}`),
    '',
    FEATURES_HEAD,
    '',
    'What each side says in `init`: `!` requires it, `+` offers it.',
    '',
    ...featureTable(features),
    '',
  ].join('\n');
}

const row = (...texts: readonly string[]): string => `| ${texts.join(' | ')} |`;

function scenarioTable(cells: readonly Cell[], place: Place): string[] {
  const there = cells.filter((one) => one.place === place);
  return [
    row('scenario', 'what happens', ...IMPLEMENTATIONS.map(({ title }) => title)),
    row('---', '---', ...IMPLEMENTATIONS.map(() => '---:')),
    ...SCENARIO_LINES.filter(({ name }) => playedIn(place).includes(name)).map(({ name, title }) =>
      row(`\`${name}\``, title, ...IMPLEMENTATIONS.map((one) => cellText(there, one.name, name))),
    ),
  ];
}

function cellText(cells: readonly Cell[], peer: ImplementationName, scenario: ScenarioName): string {
  const why = whyNot(peer, scenario);
  if (why !== null) return `cannot (${letterOf(why)})`;
  const cell = cells.find((one) => one.peer === peer && one.scenario === scenario);
  if (cell === undefined) return '';
  return cell.passed ? cell.seconds.toFixed(1) : '**failed**';
}

/** The same reason is told once. */
function allReasons(): readonly string[] {
  const all = SCENARIO_LINES.flatMap(({ name }) => IMPLEMENTATIONS.map((one) => whyNot(one.name, name)));
  return [...new Set(all.filter((why) => why !== null))];
}
const letterOf = (why: string): string => String.fromCharCode(97 + allReasons().indexOf(why));
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
