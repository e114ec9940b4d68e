import { assert } from './assert.ts';
import type { Branded } from './brand.ts';

/** Thousandths of a satoshi, u64. */
export type Msat = Branded<bigint, 'Msat'>;
/** Satoshis, u64. */
export type Sat = Branded<bigint, 'Sat'>;
/** Height of a block in the best chain. */
export type BlockHeight = Branded<number, 'BlockHeight'>;
/** A number of blocks. */
export type BlockDelta = Branded<number, 'BlockDelta'>;
/** Satoshis per 1,000 weight units, u32. */
export type FeeratePerKw = Branded<number, 'FeeratePerKw'>;
/** Weight units of BIP 141. */
export type Weight = Branded<number, 'Weight'>;
/** Short channel id of BOLT 7: block height (24 bits), transaction index (24 bits), output index (16 bits). */
export type Scid = Branded<bigint, 'Scid'>;
/** Seconds since 1970-01-01 UTC. */
export type Timestamp = Branded<number, 'Timestamp'>;
/** A duration in seconds. */
export type Seconds = Branded<number, 'Seconds'>;

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** @throws {Bug} outside u64: parse outside input with a codec first. */
export function msat(amount: bigint | number): Msat {
  const value = BigInt(amount);
  assert(value >= 0n && value <= U64_MAX, 'amount outside u64');
  return value as Msat;
}

/** @throws {Bug} outside u64: parse outside input with a codec first. */
export function sat(amount: bigint | number): Sat {
  const value = BigInt(amount);
  assert(value >= 0n && value <= U64_MAX, 'amount outside u64');
  return value as Sat;
}

export const satToMsat = (amount: Sat): Msat => msat(amount * 1000n);
/** Rounds down: what a transaction output can carry. */
export const msatToSat = (amount: Msat): Sat => sat(amount / 1000n);
/** Rounds up. */
export const msatToSatCeil = (amount: Msat): Sat => sat((amount + 999n) / 1000n);

export const addMsat = (a: Msat, b: Msat): Msat => msat(a + b);
/** @throws {Bug} when the result would be negative. */
export const subMsat = (a: Msat, b: Msat): Msat => msat(a - b);
export const addSat = (a: Sat, b: Sat): Sat => sat(a + b);
/** @throws {Bug} when the result would be negative. */
export const subSat = (a: Sat, b: Sat): Sat => sat(a - b);

const wholeNumber = (value: number, what: string): number => {
  assert(Number.isSafeInteger(value) && value >= 0, `${what} is not a whole number`);
  return value;
};

export const blockHeight = (height: number): BlockHeight =>
  wholeNumber(height, 'block height') as BlockHeight;
export const blockDelta = (blocks: number): BlockDelta => wholeNumber(blocks, 'block delta') as BlockDelta;
export const feeratePerKw = (rate: number): FeeratePerKw => wholeNumber(rate, 'fee rate') as FeeratePerKw;
export const weight = (units: number): Weight => wholeNumber(units, 'weight') as Weight;
export const timestamp = (time: number): Timestamp => wholeNumber(time, 'timestamp') as Timestamp;
export const seconds = (duration: number): Seconds => wholeNumber(duration, 'duration') as Seconds;

/** BOLT 3 §Fee Calculation: rounds down. */
export const feeOf = (rate: FeeratePerKw, units: Weight): Sat => sat(Math.floor((rate * units) / 1000));
