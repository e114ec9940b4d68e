import type { Growing } from './target.ts';

/** xorshift32: quick, and the same from the same seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  /** 0 … below − 1 */
  below(below: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) % below;
  }
}

/** Where lengths, counts and amounts turn over. */
const EDGES: readonly (readonly number[])[] = [
  [0], [1], [0x7f], [0x80], [0xfc], [0xfd], [0xfe], [0xff],
  [0xff, 0xff], [0xfd, 0xff, 0xff], [0xfd, 0, 0xfd], [0xfe, 0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0x80, 0, 0, 0, 0, 0, 0, 0],
]; // prettier-ignore

/** Words of the texts that are read. */
const WORDS = ['bitcoin:', 'lightning:', 'lnbc', 'lnbcrt', '?amount=', '&', '=', '%', '%00', '@', ':9735', '.onion', 'NaN', '1e999', '-1', 'null', '[[[[', '{"a":', '"', '\\u0000', '\u{1f4a5}', '99999999999999999999']
  .map((word) => new TextEncoder().encode(word)); // prettier-ignore

const MAX_LENGTH = 70_000;

/** A new input from one of the corpus, by one to eight changes. */
export function mutated(corpus: readonly Uint8Array[], dice: Dice): Uint8Array {
  const pick = (): Uint8Array => corpus[dice.below(corpus.length)] ?? new Uint8Array();
  let bytes: Uint8Array = pick().slice();
  for (let changes = 1 + dice.below(8); changes > 0; changes--) {
    const at = dice.below(bytes.length + 1);
    switch (dice.below(10)) {
      case 0:
      case 1:
        if (at < bytes.length) bytes[at] = dice.below(256);
        break;
      case 2:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
        break;
      case 3:
        bytes.set((EDGES[dice.below(EDGES.length)] ?? []).slice(0, bytes.length - at), at);
        break;
      case 4:
        bytes = spliced(bytes, at, at, Uint8Array.from(EDGES[dice.below(EDGES.length)] ?? []));
        break;
      case 5:
        bytes = spliced(bytes, at, at + dice.below(Math.min(32, bytes.length - at + 1)), new Uint8Array());
        break;
      case 6:
        bytes = bytes.slice(0, at);
        break;
      case 7: {
        const other = pick();
        const from = dice.below(other.length + 1);
        bytes = spliced(bytes, at, at, other.subarray(from, from + dice.below(64)));
        break;
      }
      case 8:
        bytes = spliced(bytes, at, at, WORDS[dice.below(WORDS.length)] ?? new Uint8Array());
        break;
      default: {
        // Much of the same: what is not linear shows itself.
        const piece = bytes.slice(at, at + 1 + dice.below(16));
        const times = 1 << dice.below(11);
        if (piece.length * times < 20_000) {
          const many = new Uint8Array(piece.length * times);
          for (let i = 0; i < times; i++) many.set(piece, i * piece.length);
          bytes = spliced(bytes, at, at, many);
        }
      }
    }
  }
  return bytes.length > MAX_LENGTH ? bytes.slice(0, MAX_LENGTH) : bytes;
}

/** A piece of an input over and over, where it stood; `from` and `to` are drawn. */
export function repeating(input: Uint8Array, dice: Dice): Growing {
  const from = dice.below(input.length + 1);
  const most = dice.below(3) === 0 ? input.length - from : Math.min(64, input.length - from);
  const to = from + dice.below(most + 1);
  const piece = input.subarray(from, to);
  return (times) => {
    const many = new Uint8Array(piece.length * times);
    for (let i = 0; i < times; i++) many.set(piece, i * piece.length);
    return spliced(input, from, to, many);
  };
}

function spliced(bytes: Uint8Array, from: number, to: number, piece: Uint8Array): Uint8Array {
  const joined = new Uint8Array(bytes.length - (to - from) + piece.length);
  joined.set(bytes.subarray(0, from));
  joined.set(piece, from);
  joined.set(bytes.subarray(to), from + piece.length);
  return joined;
}
