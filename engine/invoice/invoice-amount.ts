import { msat, type Msat } from '../base/units.ts';

/** 21 million bitcoin. */
const MAX = 2_100_000_000_000_000_000n;

/** Millisatoshis in one of each multiplier; pico-bitcoin are a tenth of one. */
const UNITS = { '': 100_000_000_000n, m: 100_000_000n, u: 100_000n, n: 100n } as const;

export type AmountFault = 'amount' | 'multiplier' | 'sub-millisatoshi';

/** BOLT 11 §Human-Readable Part: an `amount` with its multiplier; null when it is empty. */
export function readInvoiceAmount(text: string): Msat | null | AmountFault {
  if (text === '') return null;
  // "if amount contains a non-digit OR is followed by anything except a multiplier: MUST fail the payment."
  const [, digits, multiplier] = /^([0-9]+)(.*)$/.exec(text) ?? [];
  if (digits === undefined || multiplier === undefined) return 'amount';
  if (digits.length > 20) return 'amount';
  const number = BigInt(digits);
  if (number === 0n) return 'amount';
  if (multiplier === 'p') {
    // "if multiplier is p and the last decimal of amount is not 0: MUST fail the payment."
    if (number % 10n !== 0n) return 'sub-millisatoshi';
    return inRange(number / 10n);
  }
  if (multiplier !== '' && multiplier !== 'm' && multiplier !== 'u' && multiplier !== 'n')
    return 'multiplier';
  return inRange(number * UNITS[multiplier]);
}

const inRange = (amount: bigint): Msat | AmountFault => (amount <= MAX ? msat(amount) : 'amount');

/** BOLT 11: "SHOULD use the shortest representation possible, by using the largest multiplier". */
export function writeInvoiceAmount(amount: Msat): string {
  for (const [multiplier, unit] of Object.entries(UNITS))
    if (amount % unit === 0n) return `${amount / unit}${multiplier}`;
  return `${amount}0p`;
}
