import { isReached, ratioOf, type Bench, type Goal, type Row } from './bench.ts';
import { written } from './figures.ts';

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
  readonly verdict: 'met' | 'missed' | 'not measured';
};

export const goalText = (goal: Goal | undefined): string => {
  if (goal === undefined) return '';
  return 'atMost' in goal ? `≤ ${written(goal.atMost)}` : `≥ ${goal.ratio} ×`;
};

/** Every goal of what was run, in that order; a bench that failed stands for its goals. */
export const judged = (outcomes: readonly Outcome[]): readonly Judged[] =>
  outcomes.flatMap(({ bench: { name, title }, rows, failure }) => [
    ...rows.flatMap((row): readonly Judged[] =>
      row.goal === undefined ? [] : [judgedRow(name, row, row.goal)],
    ),
    ...(failure === null
      ? []
      : [{ bench: name, what: title, goal: '', found: failure, verdict: 'not measured' } as const]),
  ]);

function judgedRow(bench: string, row: Row, goal: Goal): Judged {
  const reached = isReached(row);
  const ratio = ratioOf(row);
  const found =
    reached === null
      ? '-'
      : 'atMost' in goal
        ? `${written(row.leyden ?? NaN)} ${row.unit}`
        : `${(ratio ?? NaN).toFixed(2)} ×`;
  const verdict = reached === null ? 'not measured' : reached ? 'met' : 'missed';
  return { bench, what: row.what, goal: goalText(goal), found, verdict };
}

/** A goal that was missed is said, and no failure of the bench. */
export const exitCodeOf = (goals: readonly Judged[]): 0 | 1 =>
  goals.some(({ verdict }) => verdict === 'not measured') ? 1 : 0;
