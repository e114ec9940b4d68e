import { err, ok, type Result } from '../base/result.ts';

// BIP 173, without its limit of 90 characters. Own code, for speed: an invoice has hundreds of words.

const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const CHECKSUM_LENGTH = 6;
const VALUE = new Int8Array(128).fill(-1);
for (let i = 0; i < CHARSET.length; i++) VALUE[CHARSET.charCodeAt(i)] = i;

export type Bech32 = {
  /** Lower case. */
  readonly hrp: string;
  /** 5-bit values, without the checksum. */
  readonly words: Uint8Array;
};
export type Bech32Error =
  /** No separator, mixed case, a character that cannot be, or too short. */
  { readonly code: 'malformed' } | { readonly code: 'bad-checksum' };

function step(state: number, value: number): number {
  const top = state >>> 25;
  let next = ((state & 0x1ff_ffff) << 5) ^ value;
  if (top & 1) next ^= 0x3b6a57b2;
  if (top & 2) next ^= 0x26508e6d;
  if (top & 4) next ^= 0x1ea119fa;
  if (top & 8) next ^= 0x3d4233dd;
  if (top & 16) next ^= 0x2a1462b3;
  return next;
}

function checksumOfHrp(hrp: string): number {
  let state = 1;
  for (let i = 0; i < hrp.length; i++) state = step(state, hrp.charCodeAt(i) >>> 5);
  state = step(state, 0);
  for (let i = 0; i < hrp.length; i++) state = step(state, hrp.charCodeAt(i) & 31);
  return state;
}

/** Linear in the length of `text`, which the caller bounds. */
export function decodeBech32(text: string): Result<Bech32, Bech32Error> {
  const malformed = err<Bech32Error>({ code: 'malformed' });
  const lower = text.toLowerCase();
  // BIP 173: "Decoders MUST NOT accept strings where some characters are uppercase and some are lowercase"
  if (text !== lower && text !== text.toUpperCase()) return malformed;
  const separator = lower.lastIndexOf('1');
  if (separator < 1 || lower.length - separator - 1 < CHECKSUM_LENGTH) return malformed;
  const hrp = lower.slice(0, separator);
  for (let i = 0; i < hrp.length; i++) {
    const code = hrp.charCodeAt(i);
    if (code < 33 || code > 126) return malformed;
  }
  const words = new Uint8Array(lower.length - separator - 1);
  let state = checksumOfHrp(hrp);
  for (let i = 0; i < words.length; i++) {
    const value = VALUE[lower.charCodeAt(separator + 1 + i)] ?? -1;
    if (value < 0) return malformed;
    words[i] = value;
    state = step(state, value);
  }
  if (state !== 1) return err({ code: 'bad-checksum' });
  return ok({ hrp, words: words.subarray(0, words.length - CHECKSUM_LENGTH) });
}

/** @param hrp lower case, ours. */
export function encodeBech32({ hrp, words }: Bech32): string {
  let state = checksumOfHrp(hrp);
  let text = `${hrp}1`;
  for (const word of words) {
    state = step(state, word);
    text += CHARSET[word];
  }
  for (let i = 0; i < CHECKSUM_LENGTH; i++) state = step(state, 0);
  state ^= 1;
  for (let i = CHECKSUM_LENGTH - 1; i >= 0; i--) text += CHARSET[(state >>> (5 * i)) & 31];
  return text;
}
