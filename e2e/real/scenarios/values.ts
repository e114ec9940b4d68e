import { createHash, randomBytes } from 'node:crypto';
import type { Result } from '../../../engine/base/result.ts';

const printed = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item)) ?? '';

/** @throws {Error} with the refusal */
export function valueOf<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(printed(result.error));
  return result.value;
}

/** The code of the refusal; the value's text when there was none. */
export const codeOf = (result: Result<unknown, { readonly code: string }>): string =>
  result.ok ? `ok ${printed(result.value)}` : result.error.code;

export type Secret = { readonly preimage: string; readonly paymentHash: string };
export function newSecret(): Secret {
  const preimage = randomBytes(32);
  return {
    preimage: preimage.toString('hex'),
    paymentHash: createHash('sha256').update(preimage).digest('hex'),
  };
}

/** The same numbers for the same seed, from 0 to below 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whole, from `least` to `most`. */
export const wholeBetween = (random: () => number, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1));

/** `LEYDEN_LONG=1`: the same tests, many more rounds. */
export const LONG = process.env['LEYDEN_LONG'] === '1';
export const rounds = (usual: number, long: number): number => (LONG ? long : usual);
