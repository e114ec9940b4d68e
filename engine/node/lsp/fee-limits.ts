import { msat, type Msat } from '../../base/units.ts';

const DEAR_AT_LEAST = 2_500_000n;

/** More than the greater of 1 % and 2,500 sat: a person is asked. */
export const isDear = (fee: Msat, amount: Msat): boolean =>
  fee > (amount / 100n > DEAR_AT_LEAST ? amount / 100n : DEAR_AT_LEAST);

/** Most that is ever agreed to for one channel, where settings say nothing else. */
export const DEFAULT_FEE_LIMIT_SAT = 50_000;

export const limitOf = (limitSat: number | undefined): Msat =>
  msat(BigInt(limitSat ?? DEFAULT_FEE_LIMIT_SAT) * 1000n);
