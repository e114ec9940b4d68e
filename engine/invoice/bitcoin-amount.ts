import { sat, type Sat } from '../base/units.ts';

const SAT_PER_BITCOIN = 100_000_000n;
const MAX_SAT = 21_000_000n * SAT_PER_BITCOIN;

/** BIP 21 `amount`: decimal bitcoin, exact. Null for anything else, more than there will be, or parts of a satoshi. */
export function parseBitcoinAmount(text: string): Sat | null {
  const [, whole = '', fraction = ''] = /^([0-9]{0,8})(?:\.([0-9]{0,20}))?$/.exec(text) ?? [];
  if (whole === '' && fraction === '') return null;
  const digits = fraction.replace(/0+$/, '');
  if (digits.length > 8) return null;
  const amount = BigInt(whole || '0') * SAT_PER_BITCOIN + BigInt(digits.padEnd(8, '0'));
  return amount <= MAX_SAT ? sat(amount) : null;
}

/** The shortest decimal; never an exponent. */
export function formatBitcoinAmount(amount: Sat): string {
  const fraction = (amount % SAT_PER_BITCOIN).toString().padStart(8, '0').replace(/0+$/, '');
  const whole = amount / SAT_PER_BITCOIN;
  return fraction === '' ? `${whole}` : `${whole}.${fraction}`;
}
