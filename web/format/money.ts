/** How a person reads amounts: satoshis, or bitcoin with eight places. */
export type Unit = 'sat' | 'btc';

/** Breaks between groups are allowed: an amount wraps by thousands, never inside a group. */
export const THIN_SPACE = '\u2009';

const MAX_SAT = 2_100_000_000_000_000n;

const thousands = (digits: string): readonly string[] => {
  const groups: string[] = [];
  for (let end = digits.length; end > 0; end -= 3) groups.unshift(digits.slice(Math.max(0, end - 3), end));
  return groups;
};

/**
 * The groups to show. Thousandths of a satoshi are dropped unless `exact`: a balance says what can be spent.
 */
export function amountGroups(msat: bigint, unit: Unit, exact = false): readonly string[] {
  const size = msat < 0n ? -msat : msat;
  const sat = size / 1000n;
  const rest = exact ? (size % 1000n).toString().padStart(3, '0').replace(/0+$/, '') : '';
  if (unit === 'sat') {
    const groups = thousands(sat.toString());
    return rest === '' ? groups : [...groups.slice(0, -1), `${groups.at(-1)}.${rest}`];
  }
  const whole = thousands((sat / 100_000_000n).toString());
  const part = (sat % 100_000_000n).toString().padStart(8, '0');
  return [
    ...whole.slice(0, -1),
    `${whole.at(-1)}.${part.slice(0, 2)}`,
    part.slice(2, 5),
    part.slice(5),
    ...(rest === '' ? [] : [rest]),
  ];
}

export const amountText = (msat: bigint, unit: Unit, exact = false): string =>
  `${amountGroups(msat, unit, exact).join(THIN_SPACE)} ${unit === 'sat' ? 'sat' : 'BTC'}`;

/** What a screen reader says. */
export function amountSpoken(msat: bigint, unit: Unit, exact = false): string {
  const size = msat < 0n ? -msat : msat;
  const parts = amountGroups(size, unit, exact);
  if (unit === 'btc')
    return `${parts
      .join('')
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '')} bitcoin`;
  const text = parts.join(',');
  return `${text} ${text === '1' ? 'satoshi' : 'satoshis'}`;
}

/** BIP 21 amounts and typed ones: decimal bitcoin without trailing zeros. */
export function btcDecimal(sat: bigint): string {
  const part = (sat % 100_000_000n).toString().padStart(8, '0').replace(/0+$/, '');
  const whole = (sat / 100_000_000n).toString();
  return part === '' ? whole : `${whole}.${part}`;
}

export type TypedAmount =
  | { readonly state: 'empty' }
  | { readonly state: 'sat'; readonly sat: bigint }
  | { readonly state: 'wrong'; readonly why: 'not-a-number' | 'too-many-places' | 'zero' | 'too-large' };

/** Reads what was typed or pasted: spaces, commas and apostrophes between thousands are let through. */
export function readAmount(text: string, unit: Unit): TypedAmount {
  const plain = text.replace(/[\s\u2009\u202f\u00a0_'’]/g, '').replace(/(sats?|btc|₿)$/i, '');
  if (plain === '') return { state: 'empty' };
  const number = unit === 'sat' ? plain.replace(/,(?=\d{3}(\D|$))/g, '') : plain.replace(',', '.');
  const match = /^(\d*)(?:\.(\d*))?$/.exec(number);
  if (match === null || (match[1] === '' && (match[2] ?? '') === ''))
    return { state: 'wrong', why: 'not-a-number' };
  const whole = match[1] ?? '';
  const places = (match[2] ?? '').replace(/0+$/, '');
  const allowed = unit === 'sat' ? 0 : 8;
  if (places.length > allowed) return { state: 'wrong', why: 'too-many-places' };
  if (whole.length > 20) return { state: 'wrong', why: 'too-large' };
  const sat = BigInt(`${whole === '' ? '0' : whole}${places.padEnd(allowed, '0')}`);
  if (sat === 0n) return { state: 'wrong', why: 'zero' };
  if (sat > MAX_SAT) return { state: 'wrong', why: 'too-large' };
  return { state: 'sat', sat };
}

/** What a field shows for an amount it was given. */
export const typedText = (sat: bigint, unit: Unit): string =>
  unit === 'sat' ? sat.toString() : btcDecimal(sat);

/** "0.02%", "3%": at most two figures that matter, and never "0%" for a fee that is not nothing. */
export function feePercent(fee: bigint, amount: bigint): string {
  if (fee === 0n || amount === 0n) return '0%';
  const share = Number((fee * 1_000_000_000n) / amount) / 1_000_000_000;
  if (share < 0.0001) return '< 0.01%';
  return new Intl.NumberFormat('en', { style: 'percent', maximumSignificantDigits: 2 }).format(share);
}

/** A whole amount as drafts keep it: empty where there is none. */
export const keptAmount = (typed: TypedAmount): string => (typed.state === 'sat' ? typed.sat.toString() : '');

/** The other way: satoshis. */
export const amountKept = (text: string): bigint | null => (text === '' ? null : BigInt(text));
