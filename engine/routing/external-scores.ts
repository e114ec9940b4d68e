import { err, ok, type Result } from '../base/result.ts';
import { ranOut } from '../base/slices.ts';
import { inOrder } from './in-order.ts';
import { HISTORY_BUCKETS, HISTORY_LENGTH } from './histories.ts';

/**
 * What others learnt of channels, in columns by rising short channel id: of the money that node_id_1 holds in it, at
 * least `least`, and at most all but `lessThanAll`, as of `at`. Millisatoshis; unix seconds.
 */
export type ExternalScores = {
  readonly count: number;
  readonly scidHigh: Uint32Array;
  readonly scidLow: Uint32Array;
  readonly least: Float64Array;
  readonly lessThanAll: Float64Array;
  readonly at: Float64Array;
  /** See `Histories`; zeros where nothing was told. */
  readonly histories: Uint16Array;
};

/** `offset`: how far the bytes made sense. */
export type ScoresRefusal =
  | { readonly code: 'scores-malformed'; readonly offset: number }
  /** A number is beyond all money, or a channel is there twice. */
  | { readonly code: 'scores-nonsense'; readonly offset: number }
  | { readonly code: 'scores-too-many'; readonly limit: number };

/** Twice the channels of 2026, and as many again. */
export const MOST_SCORES = 200_000;
/** 21 million bitcoin, in millisatoshis. */
const ALL_MONEY = 2_100_000_000_000_000_000;

/** Bytes of a channel: its id, a length, both bounds and their time, each behind its type and its length. */
const SMALLEST_SCORE = 8 + 1 + 2 * (2 + 8) + (2 + 12);

/** Channels between two moments in which others are served. */
const SLICE = 512;

class Unreadable extends Error {
  readonly refusal: ScoresRefusal;
  constructor(refusal: ScoresRefusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/**
 * Reads what rust-lightning's `ProbabilisticScorer` writes, which is what LDK Node takes as external scores
 * (lightning/src/routing/scoring.rs, `ChannelLiquidities`): a TLV stream with its length in front; in its field 0 a count
 * and for each channel its id and a TLV stream of what is known of it: its bounds, and how often they stood where (fields 5
 * and 7; the coarse form of them that LDK wrote until 2023, fields 1 and 3, is passed over).
 */
export const readScores = (bytes: Uint8Array): Result<ExternalScores, ScoresRefusal> =>
  ranOut(readInSlices(bytes));

/** The same, giving way now and then. */
export function* readInSlices(
  bytes: Uint8Array,
): Generator<undefined, Result<ExternalScores, ScoresRefusal>> {
  const cursor = new Cursor(bytes);
  try {
    return ok(yield* read(cursor));
  } catch (error) {
    if (error instanceof Unreadable) return err(error.refusal);
    // What was read past the end.
    if (error instanceof RangeError) return err({ code: 'scores-malformed', offset: cursor.at });
    throw error;
  }
}

class Cursor {
  at = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.#view.byteLength;
  }

  fail(code: 'scores-malformed' | 'scores-nonsense' = 'scores-malformed'): never {
    throw new Unreadable({ code, offset: this.at });
  }

  u8(): number {
    return this.#view.getUint8(this.at++);
  }
  u16(): number {
    return this.#view.getUint16((this.at += 2) - 2);
  }
  u32(): number {
    return this.#view.getUint32((this.at += 4) - 4);
  }
  /** As a double: exact below 2^53. */
  u64(): number {
    return this.u32() * 0x1_0000_0000 + this.u32();
  }
  /** BOLT 1 §Appendix A. */
  bigsize(): number {
    const first = this.u8();
    if (first < 0xfd) return first;
    const value = first === 0xfd ? this.u16() : first === 0xfe ? this.u32() : this.u64();
    const least = first === 0xfd ? 0xfd : first === 0xfe ? 0x1_0000 : 0x1_0000_0000;
    return value < least ? this.fail() : value;
  }
  /** Calls `on` for each field of the stream that begins here, with the cursor at its value. */
  fields(limit: number, on: (type: number, length: number) => boolean): void {
    const length = this.bigsize();
    const end = this.at + length;
    if (end > limit) this.fail();
    let last = -1;
    while (this.at < end) {
      const type = this.bigsize();
      const size = this.bigsize();
      const next = this.at + size;
      if (type <= last || next > end) this.fail();
      last = type;
      // BOLT 1: what is even must be understood.
      if (!on(type, size) && type % 2 === 0) this.fail();
      if (this.at > next) this.fail();
      this.at = next;
    }
  }
}

function* read(cursor: Cursor): Generator<undefined, ExternalScores> {
  let [start, end] = [-1, -1];
  cursor.fields(cursor.length, (type, size) => {
    if (type !== 0) return false;
    [start, end] = [cursor.at, cursor.at + size];
    return true;
  });
  if (cursor.at !== cursor.length || start < 0) cursor.fail();
  cursor.at = start;
  return yield* channels(cursor, end);
}

/** A TLV stream with its length in front: in its field 0, counts of 16 bits. */
function history(cursor: Cursor, into: Uint16Array): void {
  cursor.fields(cursor.length, (type, size) => {
    if (type !== 0) return false;
    if (size !== 2 * into.length) cursor.fail();
    for (let i = 0; i < into.length; i++) into[i] = cursor.u16();
    return true;
  });
}

/** `CollectionLength`: 16 bits, or, for what does not fit, 64 more. */
function count(cursor: Cursor): number {
  const short = cursor.u16();
  return short === 0xffff ? cursor.u64() + 0xffff : short;
}

function* channels(cursor: Cursor, end: number): Generator<undefined, ExternalScores> {
  const total = count(cursor);
  if (total > MOST_SCORES) throw new Unreadable({ code: 'scores-too-many', limit: MOST_SCORES });
  // Before there is memory for them.
  if (total * SMALLEST_SCORE > end - cursor.at) cursor.fail();
  const { scidHigh: high, scidLow: low, least, lessThanAll, at, histories } = columns(total);
  for (let i = 0; i < total; i++) {
    if (i % SLICE === SLICE - 1) yield;
    high[i] = cursor.u32();
    low[i] = cursor.u32();
    let found = 0;
    cursor.fields(end, (type, size) => {
      if (type === 5 || type === 7) {
        const from = HISTORY_LENGTH * i + (type === 5 ? 0 : HISTORY_BUCKETS);
        history(cursor, histories.subarray(from, from + HISTORY_BUCKETS));
        return true;
      }
      const column = type === 0 ? least : type === 2 ? lessThanAll : type === 4 ? at : null;
      if (column === null) return false;
      // A time is seconds and nanoseconds.
      if (size !== (column === at ? 12 : 8)) cursor.fail();
      const value = cursor.u64();
      if (value > ALL_MONEY) cursor.fail('scores-nonsense');
      if (column === at) cursor.u32();
      column[i] = value;
      found++;
      return true;
    });
    if (found !== 3) cursor.fail();
  }
  if (cursor.at !== end) cursor.fail();
  const order = yield* inOrder(
    total,
    (a, b) => ((high[a] ?? 0) - (high[b] ?? 0) || (low[a] ?? 0) - (low[b] ?? 0)) < 0,
  );
  const sorted = columns(total);
  for (const [place, i] of order.entries()) {
    if (place % SLICE === SLICE - 1) yield;
    const before = order[place - 1] ?? i;
    if (before !== i && high[before] === high[i] && low[before] === low[i]) cursor.fail('scores-nonsense');
    sorted.scidHigh[place] = high[i] ?? 0;
    sorted.scidLow[place] = low[i] ?? 0;
    sorted.least[place] = least[i] ?? 0;
    sorted.lessThanAll[place] = lessThanAll[i] ?? 0;
    sorted.at[place] = at[i] ?? 0;
    sorted.histories.set(
      histories.subarray(HISTORY_LENGTH * i, HISTORY_LENGTH * (i + 1)),
      HISTORY_LENGTH * place,
    );
  }
  return sorted;
}

const columns = (count: number): ExternalScores => ({
  count,
  scidHigh: new Uint32Array(count),
  scidLow: new Uint32Array(count),
  least: new Float64Array(count),
  lessThanAll: new Float64Array(count),
  at: new Float64Array(count),
  histories: new Uint16Array(HISTORY_LENGTH * count),
});

/** The newest time in it, unix seconds; null when it is empty. */
export const newestOf = ({ at }: ExternalScores): number | null =>
  at.length === 0 ? null : at.reduce((a, b) => Math.max(a, b));
