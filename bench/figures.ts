/** The value below which `share` of the sorted samples lie. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  if (value === undefined) throw new Error('no samples');
  return value;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

export type Spread = {
  readonly count: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly max: number;
};

export const spreadOf = (samples: readonly number[]): Spread => ({
  count: samples.length,
  min: quantile(samples, 0),
  p50: median(samples),
  p90: quantile(samples, 0.9),
  max: quantile(samples, 1),
});

/** Standard error of the sum of differences between what both sides did with the same questions. */
export function errorOfSum(differences: readonly number[]): number {
  const count = differences.length;
  if (count < 2) return NaN;
  const mean = differences.reduce((sum, one) => sum + one, 0) / count;
  const squares = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return Math.sqrt((count / (count - 1)) * squares);
}

export const signed = (value: number): string =>
  value === 0 ? '0' : `${value < 0 ? '−' : '+'}${written(Math.abs(value))}`;

/** Three significant digits, thousands set apart; whole bytes. */
export function written(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}
