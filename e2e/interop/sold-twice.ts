/** Whoever sells channels sold two under one short channel id, and does not start again: see `differences.ts`. */
export class SoldTwice extends Error {}

export const isSoldTwice = (error: unknown): boolean =>
  error instanceof SoldTwice || (error instanceof Error && isSoldTwice(error.cause));
