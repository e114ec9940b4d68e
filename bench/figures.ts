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

/** Three significant digits, thousands set apart; whole bytes. */
export function written(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}
