import { amountSpoken, amountText, type Unit } from '../format/money.ts';

/** A sentence with amounts in it: typed parts, so that an amount is always written by the one who knows the unit. */
export type Part = string | { readonly msat: bigint };
export type Phrase = readonly Part[];

export const sat = (amount: bigint): Part => ({ msat: amount * 1000n });
export const msat = (amount: bigint): Part => ({ msat: amount });

export const phraseText = (phrase: Phrase, unit: Unit): string =>
  phrase.map((part) => (typeof part === 'string' ? part : amountText(part.msat, unit))).join('');

export const phraseSpoken = (phrase: Phrase, unit: Unit): string =>
  phrase.map((part) => (typeof part === 'string' ? part : amountSpoken(part.msat, unit))).join('');
