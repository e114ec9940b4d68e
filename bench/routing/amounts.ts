/** What is paid, in satoshis. */
export const AMOUNTS = {
  small: { leastSat: 1_000, mostSat: 100_000 },
  large: { leastSat: 100_000, mostSat: 3_000_000 },
} as const;
