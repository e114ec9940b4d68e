import type { Spread } from './figures.ts';

/**
 * What a figure must reach. `ratio`: how many times better than LDK's. `atMost`: in the row's own unit. `noWorse`: not
 * worse than LDK's by more than that many standard errors of the difference.
 */
export type Goal = { readonly ratio: number } | { readonly atMost: number } | { readonly noWorse: number };

export type Row = {
  readonly what: string;
  readonly unit: 'ms' | 'µs' | 'bytes' | 'per second' | 'payments' | 'sat' | 'per cent' | 'times';
  readonly leyden: number | null;
  /** Null where LDK has nothing to compare. */
  readonly ldk: number | null;
  /** Left out: less is better, but of what is counted by the second. */
  readonly better?: 'more';
  readonly goal?: Goal;
  /** Standard error of the difference between both, in the row's unit: that other questions might have told otherwise. */
  readonly error?: number;
  /** More for the record than the table shows. */
  readonly spread?: Readonly<Partial<Record<'leyden' | 'ldk', Spread>>>;
};

export type Bench = {
  readonly name: string;
  readonly title: string;
  /** What the reader must know to judge the figures. */
  readonly notes: readonly string[];
  /** `quick`: all benches together take less than a minute. */
  readonly run: (quick: boolean) => Promise<readonly Row[]>;
};

/** How many times better than LDK: less time and fewer bytes, or more a second. */
export function ratioOf({ unit, better, leyden, ldk }: Row): number | null {
  if (leyden === null || ldk === null) return null;
  if (leyden === ldk) return 1;
  return unit === 'per second' || better === 'more' ? leyden / ldk : ldk / leyden;
}

/** `level`: worse, by less than what other questions might have told otherwise. */
export type Verdict = 'met' | 'level' | 'missed' | 'not measured';

/** Null when nothing is to be reached. */
export function verdictOf(row: Row): Verdict | null {
  const { goal, leyden } = row;
  if (goal === undefined) return null;
  if (leyden === null) return 'not measured';
  if ('atMost' in goal) return leyden <= goal.atMost ? 'met' : 'missed';
  const ratio = ratioOf(row);
  if (ratio === null || Number.isNaN(ratio)) return 'not measured';
  if ('ratio' in goal) return ratio >= goal.ratio ? 'met' : 'missed';
  if (ratio >= 1) return 'met';
  // An error that could not be told, of too few questions, excuses nothing.
  return Math.abs(differenceOf(row) ?? NaN) <= goal.noWorse * (row.error ?? NaN) ? 'level' : 'missed';
}

/** Leyden's less LDK's, in the row's unit. */
export const differenceOf = ({ leyden, ldk }: Row): number | null =>
  leyden === null || ldk === null ? null : leyden - ldk;
