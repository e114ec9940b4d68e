// Fields of an invoice are 5-bit words, most significant first.

/** The whole bytes in `words`; what is left of the last word is padding. */
export function bytesOfWords(words: Uint8Array): Uint8Array {
  const bytes = new Uint8Array((words.length * 5) >>> 3);
  pack(words, bytes);
  return bytes;
}

/** As `bytesOfWords`, but with zero bits appended to fill the last byte: what an invoice's signature covers. */
export function paddedBytesOfWords(words: Uint8Array): Uint8Array {
  const bytes = new Uint8Array((words.length * 5 + 7) >>> 3);
  pack(words, bytes);
  return bytes;
}

function pack(words: Uint8Array, bytes: Uint8Array): void {
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const word of words) {
    held = ((held << 5) | word) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >>> bits;
    }
  }
  if (bits > 0 && at < bytes.length) bytes[at] = held << (8 - bits);
}

/** Padded with zero bits to whole words. */
export function wordsOfBytes(bytes: Uint8Array): Uint8Array {
  const words = new Uint8Array(Math.ceil((bytes.length * 8) / 5));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      words[at++] = (held >>> bits) & 31;
    }
  }
  if (bits > 0) words[at] = (held << (5 - bits)) & 31;
  return words;
}

/** Big-endian; capped at 2^53 - 1. */
export function numberOfWords(words: Uint8Array): number {
  let value = 0;
  for (const word of words) value = value * 32 + word;
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

/** The shortest form; at least `length` words. */
export function wordsOfNumber(value: number, length = 0): Uint8Array {
  const words: number[] = [];
  for (let rest = value; rest > 0 || words.length < length; rest = Math.floor(rest / 32))
    words.unshift(rest % 32);
  return Uint8Array.from(words);
}

/** A bit field of any length, its lowest bit the last, as right-aligned bytes. */
export function bitFieldOfWords(words: Uint8Array): Uint8Array {
  const length = (words.length * 5 + 7) >>> 3;
  const bytes = new Uint8Array(length);
  for (let i = 0; i < words.length; i++) {
    const word = words[words.length - 1 - i] ?? 0;
    const bit = 5 * i;
    const at = length - 1 - (bit >>> 3);
    const shifted = word << (bit & 7);
    bytes[at] = (bytes[at] ?? 0) | (shifted & 0xff);
    if (shifted > 0xff) bytes[at - 1] = (bytes[at - 1] ?? 0) | (shifted >>> 8);
  }
  return bytes;
}

/** The shortest form of a bit field. */
export function wordsOfBitField(bytes: Uint8Array): Uint8Array {
  const count = Math.ceil((bytes.length * 8) / 5);
  const words = new Uint8Array(count);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const set = ((bytes[bytes.length - 1 - (bit >>> 3)] ?? 0) >>> (bit & 7)) & 1;
    const at = count - 1 - Math.floor(bit / 5);
    words[at] = (words[at] ?? 0) | (set << (bit % 5));
  }
  const first = words.findIndex((word) => word !== 0);
  return first < 0 ? new Uint8Array(0) : words.subarray(first);
}
