/** A code that a decoder walks bit by bit: how many codes of each length, and the symbols in order of their codes. */
type Code = { readonly counts: Uint16Array; readonly symbols: Uint16Array };

const MAX_BITS = 15;
/** RFC 1951 §3.2.5: the shortest length or distance of each code, and how many bits follow it. */
const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12289, 16385, 24577,
];
const DISTANCE_EXTRA = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
/** RFC 1951 §3.2.7: the order in which the lengths of the code lengths come. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const END_OF_BLOCK = 256;

/**
 * What zlib (RFC 1950 over RFC 1951) made smaller; null when that is not what it is, or when it comes to more than
 * `most` bytes.
 */
export function inflateZlib(bytes: Uint8Array, most: number): Uint8Array | null {
  const header = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  // Deflate, a window of at most 32 kB, a check that fits, no dictionary.
  if ((header & 0x0f00) !== 0x0800 || header >> 12 > 7 || header % 31 !== 0 || (header & 0x20) !== 0)
    return null;
  try {
    const inflating = new Inflating(bytes, 2, most);
    const inflated = inflating.run();
    const sum = inflating.rest(4);
    return sum !== null && adler32(inflated) === sum ? inflated : null;
  } catch (error) {
    if (error instanceof NotDeflated) return null;
    throw error;
  }
}

class NotDeflated extends Error {
  override readonly name = 'NotDeflated';
}

class Inflating {
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #most: number;
  #held = 0;
  #holds = 0;
  #out = new Uint8Array(1024);
  #length = 0;

  constructor(bytes: Uint8Array, at: number, most: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#most = most;
  }

  run(): Uint8Array {
    for (let isLast = false; !isLast;) {
      isLast = this.#bits(1) === 1;
      const kind = this.#bits(2);
      if (kind === 0) this.#stored();
      else if (kind === 1) this.#block(FIXED_LENGTHS, FIXED_DISTANCES);
      else if (kind === 2) this.#block(...this.#codes());
      else throw new NotDeflated();
    }
    return this.#out.slice(0, this.#length);
  }

  /** The next whole bytes as a number, when they are the last; null when not. */
  rest(count: number): number | null {
    if (this.#at + count !== this.#bytes.length) return null;
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 256 + (this.#bytes[this.#at + i] ?? 0);
    return value;
  }

  #bits(count: number): number {
    while (this.#holds < count) {
      const next = this.#bytes[this.#at++];
      if (next === undefined) throw new NotDeflated();
      this.#held |= next << this.#holds;
      this.#holds += 8;
    }
    const value = this.#held & ((1 << count) - 1);
    this.#held >>>= count;
    this.#holds -= count;
    return value;
  }

  #put(byte: number): void {
    if (this.#length >= this.#most) throw new NotDeflated();
    if (this.#length === this.#out.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#out);
      this.#out = larger;
    }
    this.#out[this.#length++] = byte;
  }

  #stored(): void {
    this.#held = 0;
    this.#holds = 0;
    const [a = 0, b = 0, c = 0, d = 0] = this.#bytes.subarray(this.#at, this.#at + 4);
    const length = a | (b << 8);
    if ((c | (d << 8)) !== (length ^ 0xffff) || this.#at + 4 + length > this.#bytes.length)
      throw new NotDeflated();
    this.#at += 4;
    for (const byte of this.#bytes.subarray(this.#at, this.#at + length)) this.#put(byte);
    this.#at += length;
  }

  #symbol({ counts, symbols }: Code): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let bits = 1; bits <= MAX_BITS; bits++) {
      code |= this.#bits(1);
      const count = counts[bits] ?? 0;
      if (code - count < first) return symbols[index + code - first] ?? 0;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new NotDeflated();
  }

  #block(lengths: Code, distances: Code): void {
    for (;;) {
      const symbol = this.#symbol(lengths);
      if (symbol === END_OF_BLOCK) return;
      if (symbol < END_OF_BLOCK) {
        this.#put(symbol);
        continue;
      }
      const length = this.#extended(symbol - 257, LENGTH_BASE, LENGTH_EXTRA);
      const distance = this.#extended(this.#symbol(distances), DISTANCE_BASE, DISTANCE_EXTRA);
      if (distance > this.#length) throw new NotDeflated();
      for (let i = 0; i < length; i++) this.#put(this.#out[this.#length - distance] ?? 0);
    }
  }

  #extended(symbol: number, base: readonly number[], extra: readonly number[]): number {
    const least = base[symbol];
    if (least === undefined) throw new NotDeflated();
    return least + this.#bits(extra[symbol] ?? 0);
  }

  /** RFC 1951 §3.2.7. */
  #codes(): readonly [Code, Code] {
    const lengthCount = this.#bits(5) + 257;
    const distanceCount = this.#bits(5) + 1;
    const codeCount = this.#bits(4) + 4;
    if (lengthCount > 286 || distanceCount > 30) throw new NotDeflated();
    const lengths = new Uint8Array(19);
    for (const place of ORDER.slice(0, codeCount)) lengths[place] = this.#bits(3);
    const code = codeOf(lengths);
    const all = new Uint8Array(lengthCount + distanceCount);
    for (let at = 0; at < all.length;) {
      const symbol = this.#symbol(code);
      if (symbol < 16) {
        all[at++] = symbol;
        continue;
      }
      if (symbol === 16 && at === 0) throw new NotDeflated();
      const value = symbol === 16 ? (all[at - 1] ?? 0) : 0;
      const times =
        symbol === 16 ? 3 + this.#bits(2) : symbol === 17 ? 3 + this.#bits(3) : 11 + this.#bits(7);
      if (at + times > all.length) throw new NotDeflated();
      all.fill(value, at, at + times);
      at += times;
    }
    return [codeOf(all.subarray(0, lengthCount)), codeOf(all.subarray(lengthCount))];
  }
}

/** RFC 1951 §3.2.2: codes of one length are consecutive, in the order of their symbols. */
function codeOf(lengths: Uint8Array): Code {
  const counts = new Uint16Array(MAX_BITS + 1);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  counts[0] = 0;
  let left = 1;
  for (let bits = 1; bits <= MAX_BITS; bits++) {
    left = 2 * left - (counts[bits] ?? 0);
    // More codes than there are.
    if (left < 0) throw new NotDeflated();
  }
  const starts = new Uint16Array(MAX_BITS + 2);
  for (let bits = 1; bits <= MAX_BITS; bits++) starts[bits + 1] = (starts[bits] ?? 0) + (counts[bits] ?? 0);
  const symbols = new Uint16Array(lengths.length);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    symbols[starts[length] ?? 0] = symbol;
    starts[length] = (starts[length] ?? 0) + 1;
  }
  return { counts, symbols };
}

/** RFC 1951 §3.2.6. */
const FIXED_LENGTHS = codeOf(
  Uint8Array.from({ length: 288 }, (_, symbol) =>
    symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
  ),
);
const FIXED_DISTANCES = codeOf(new Uint8Array(30).fill(5));

/** RFC 1950 §8.2. */
function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 0x1_0000 + a;
}
