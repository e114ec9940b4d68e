import type { Spread } from './figures.ts';

/** What a figure must reach. `ratio`: how many times better than LDK's. `atMost`: in the row's own unit. */
export type Goal = { readonly ratio: number } | { readonly atMost: number };

export type Row = {
  readonly what: string;
  readonly unit: 'ms' | 'µs' | 'bytes' | 'per second' | 'payments' | 'sat' | 'per cent';
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

/** Null when nothing is to be reached. */
export function isReached(row: Row): boolean | null {
  if (row.goal === undefined || row.leyden === null) return null;
  if ('atMost' in row.goal) return row.leyden <= row.goal.atMost;
  const ratio = ratioOf(row);
  return ratio === null ? null : ratio >= row.goal.ratio;
}
