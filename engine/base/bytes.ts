import { assert } from './assert.ts';

const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const NIBBLE = new Int8Array(128).fill(-1);
for (let i = 0; i < 10; i++) NIBBLE[48 + i] = i;
for (let i = 0; i < 6; i++) {
  NIBBLE[97 + i] = 10 + i;
  NIBBLE[65 + i] = 10 + i;
}

/** Bytes that are made into text at once: as many arguments as every engine takes. */
const CHUNK = 4_096;

/** Lowercase hex. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += CHUNK)
    text += hexOf(bytes, from, Math.min(from + CHUNK, bytes.length));
  return text;
}

/** At once: what is pieced together of digits is put into one text when it is first compared, as every id is. */
function hexOf(bytes: Uint8Array, from: number, to: number): string {
  const units: number[] = [];
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    units.push(DIGITS[byte >> 4] ?? 0, DIGITS[byte & 15] ?? 0);
  }
  return Reflect.apply(String.fromCharCode, null, units);
}

/** The bytes of a hex string, either case; null when it is not hex. */
export function parseHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = NIBBLE[text.charCodeAt(2 * i)] ?? -1;
    const low = NIBBLE[text.charCodeAt(2 * i + 1)] ?? -1;
    if (high < 0 || low < 0) return null;
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}

/** @throws {Bug} when it is not hex: for our own constants and ids; outside text goes through `parseHex`. */
export function fromHex(text: string): Uint8Array {
  const bytes = parseHex(text);
  assert(bytes !== null, 'not hex');
  return bytes;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Not constant time: for public data only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Lexicographic order, shorter first when one is a prefix of the other. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export const reversed = (bytes: Uint8Array): Uint8Array => bytes.slice().reverse();
