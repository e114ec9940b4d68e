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

it.each([
  ['above', 50.1, 50, 0.01, 'met', '+0.100 ± 0.0100 per cent'],
  ['the same', 50, 50, 0, 'met', '0 ± 0.00 per cent'],
  ['below by less than two errors', 49.9, 50, 0.06, 'level', '−0.100 ± 0.0600 per cent'],
  ['below by more', 49.9, 50, 0.04, 'missed', '−0.100 ± 0.0400 per cent'],
  ['below, of one question', 49, 50, NaN, 'missed', '−1.00 ± NaN per cent'],
])(
  'no worse than LDK by two standard errors of the difference: %s',
  (_, leyden, ldk, error, verdict, found) => {
    const asked = { unit: 'per cent', better: 'more', goal: { noWorse: 2 } } as const;
    const goals = judged([outcome([row('arrives', { ...asked, leyden, ldk, error })])]);
    expect(goals).toEqual([{ bench: 'routing', what: 'arrives', goal: 'no worse by 2 ±', found, verdict }]);
    expect(exitCodeOf(goals)).toBe(0);
  },
);
