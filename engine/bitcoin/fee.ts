import { feeratePerKw, sat, type FeeratePerKw, type Sat, type Weight } from '../base/units.ts';

/**
 * 1 sat/vB, and a little more: Bitcoin Core rounds sizes up to whole virtual bytes, so that 250 sat/kw may fall short
 * of its minimum relay fee.
 */
export const FEERATE_FLOOR = feeratePerKw(253);

/** Of two chain servers that are far apart about fees, what the lower says is raised so often at most. */
export const MOST_RAISED = 3;

/** Rounds up, never below `FEERATE_FLOOR`. `rate` may have a fraction, as servers give it. */
export const feerateFromSatPerVb = (rate: number): FeeratePerKw =>
  feeratePerKw(Math.max(FEERATE_FLOOR, Math.ceil(rate * 250)));

/** For display. */
export const feerateToSatPerVb = (rate: FeeratePerKw): number => rate / 250;

/** Rounds up: what to pay so that the rate is reached. (BOLT 3's fees round down: `feeOf` in base/units.ts.) */
export const feeAtLeast = (rate: FeeratePerKw, units: Weight): Sat => sat(Math.ceil((rate * units) / 1000));

/** The rate that a transaction pays, rounded down. */
export const feerateOf = (fee: Sat, units: Weight): FeeratePerKw =>
  feeratePerKw(Math.floor((Number(fee) * 1000) / units));
