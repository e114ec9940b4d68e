import { differenceOf, ratioOf, verdictOf, type Bench, type Goal, type Row, type Verdict } from './bench.ts';
import { signed, written } from './figures.ts';

/** `failure`: why it came to no end, where it did not. */
export type Outcome = {
  readonly bench: Pick<Bench, 'name' | 'title'>;
  readonly rows: readonly Row[];
  readonly seconds: number;
  readonly failure: string | null;
};

export type Judged = {
  readonly bench: string;
  readonly what: string;
  readonly goal: string;
  readonly found: string;
  readonly verdict: Verdict;
};

export const goalText = (goal: Goal | undefined): string => {
  if (goal === undefined) return '';
  if ('atMost' in goal) return `≤ ${written(goal.atMost)}`;
  return 'ratio' in goal ? `≥ ${goal.ratio} ×` : `no worse by ${goal.noWorse} ±`;
};

/** Every goal of what was run, in that order; a bench that failed stands for its goals. */
export const judged = (outcomes: readonly Outcome[]): readonly Judged[] =>
  outcomes.flatMap(({ bench: { name, title }, rows, failure }) => [
    ...rows.flatMap((row): readonly Judged[] => {
      const verdict = verdictOf(row);
      return verdict === null
        ? []
        : [{ bench: name, what: row.what, goal: goalText(row.goal), found: foundIn(row), verdict }];
    }),
    ...(failure === null
      ? []
      : [{ bench: name, what: title, goal: '', found: failure, verdict: 'not measured' } as const]),
  ]);

function foundIn(row: Row): string {
  if (row.goal === undefined || verdictOf(row) === 'not measured') return '-';
  if ('atMost' in row.goal) return `${written(row.leyden ?? NaN)} ${row.unit}`;
  if ('ratio' in row.goal) return `${(ratioOf(row) ?? NaN).toFixed(2)} ×`;
  return `${signed(differenceOf(row) ?? NaN)} ± ${written(row.error ?? NaN)} ${row.unit}`;
}

/** A goal that was missed is said, and no failure of the bench. */
export const exitCodeOf = (goals: readonly Judged[]): 0 | 1 =>
  goals.some(({ verdict }) => verdict === 'not measured') ? 1 : 0;
