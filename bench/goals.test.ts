import { expect, it } from 'vitest';
import type { Row } from './bench.ts';
import { exitCodeOf, judged, type Outcome } from './goals.ts';

const row = (what: string, change: Partial<Row>): Row => ({
  what,
  unit: 'ms',
  leyden: 2,
  ldk: 20,
  ...change,
});
const outcome = (rows: readonly Row[], failure: string | null = null): Outcome => ({
  bench: { name: 'routing', title: 'ways' },
  rows,
  seconds: 1,
  failure,
});

it('a goal that is missed is said, and fails nothing', () => {
  const goals = judged([
    outcome([
      row('one part', { goal: { ratio: 5 } }),
      row('ten parts', { goal: { ratio: 11 } }),
      row('memory', { goal: { atMost: 1 }, unit: 'bytes' }),
      row('no goal', {}),
    ]),
  ]);
  expect(goals.map(({ what, goal, found, verdict }) => [what, goal, found, verdict])).toEqual([
    ['one part', '≥ 5 ×', '10.00 ×', 'met'],
    ['ten parts', '≥ 11 ×', '10.00 ×', 'missed'],
    ['memory', '≤ 1.00', '2.00 bytes', 'missed'],
  ]);
  expect(exitCodeOf(goals)).toBe(0);
});

it.each<readonly [string, Outcome]>([
  ['a figure with a goal is not there', outcome([row('fees', { ldk: null, goal: { ratio: 1 } })])],
  ['a bench came to no end', outcome([], 'no Chromium')],
])('it fails where %s', (_, one) => {
  const goals = judged([outcome([row('one part', { goal: { ratio: 5 } })]), one]);
  expect(goals.map(({ verdict }) => verdict)).toEqual(['met', 'not measured']);
  expect(exitCodeOf(goals)).toBe(1);
});
