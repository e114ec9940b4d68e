import { below } from './liquidity.ts';

/**
 * How others' scores tell where the bounds of a channel stood over time (rust-lightning, scoring.rs, `bucketed_history`):
 * 32 shares of the capacity, fine at its ends and coarse in the middle, each with how often a bound stood there; one
 * count of 32 is one time. First those of what node_id_1 holds at least, then those of what is not more than all but that.
 */
export const HISTORY_BUCKETS = 32;
export const HISTORY_LENGTH = 2 * HISTORY_BUCKETS;
const ONCE = 32;

/** Where each begins, and where the last ends, as a share of the capacity. */
const EDGES = edges();
function edges(): Float64Array {
  const half = [1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 1_024, 1_024, 2_048, 2_048];
  const upper = [2_048, 2_048, 1_024, 1_024, 1_024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1, 1];
  const found = new Float64Array(HISTORY_BUCKETS + 1);
  for (const [i, width] of [...half, ...upper].entries()) found[i + 1] = (found[i] ?? 0) + width / 16_384;
  return found;
}
/** The prior of `liquidity.ts` at each of them. */
const BELOW = EDGES.map(below);

const ROW = HISTORY_BUCKETS + 1;

/**
 * How likely channels can carry an amount, by what their histories say. Worked out for those alone that a search looks
 * at, and then kept: twice 33 numbers for a channel.
 */
export class Histories {
  readonly #counts: Uint16Array;
  /** By `2 × channel + direction`: its row in `#rows`, plus 1. */
  readonly #places: Int32Array;
  #rows = new Float32Array(64 * ROW);
  #used = 0;

  /** `counts`: 64 for each channel. */
  constructor(counts: Uint16Array) {
    this.#counts = counts;
    this.#places = new Int32Array((2 * counts.length) / HISTORY_LENGTH);
  }

  /** Whether there is any of the channel, by its place among the counts. */
  has(channel: number): boolean {
    const from = HISTORY_LENGTH * channel;
    const half = from + HISTORY_BUCKETS;
    const least = this.#counts.subarray(from, half);
    const lessThanAll = this.#counts.subarray(half, half + HISTORY_BUCKETS);
    return least.some((count) => count >= ONCE) && lessThanAll.some((count) => count >= ONCE);
  }

  /** That `share` of the capacity can be carried; `directed`: 2 × channel, 1 more where node_id_2 pays. */
  chance(directed: number, share: number): number {
    if (share <= 0) return 1;
    if (share >= 1) return 0;
    const row = ROW * this.#rowOf(directed);
    let bucket = 0;
    for (let step = HISTORY_BUCKETS / 2; step >= 1; step /= 2)
      if ((EDGES[bucket + step] ?? 1) <= share) bucket += step;
    const [from = 0, to = 1] = [EDGES[bucket], EDGES[bucket + 1]];
    const [before = 1, after = 0] = [this.#rows[row + bucket], this.#rows[row + bucket + 1]];
    return before + ((after - before) * (share - from)) / (to - from);
  }

  #rowOf(directed: number): number {
    const place = this.#places[directed] ?? 0;
    if (place > 0) return place - 1;
    const row = this.#used++;
    this.#places[directed] = row + 1;
    if (this.#rows.length < ROW * this.#used) {
      const wider = new Float32Array(2 * this.#rows.length);
      wider.set(this.#rows);
      this.#rows = wider;
    }
    const from = HISTORY_LENGTH * (directed >>> 1);
    const half = from + HISTORY_BUCKETS;
    const a = this.#counts.subarray(from, half);
    const b = this.#counts.subarray(half, half + HISTORY_BUCKETS);
    const out = this.#rows.subarray(ROW * row, ROW * (row + 1));
    if (directed % 2 === 0) fill(out, a, b);
    else fill(out, b, a);
    return row;
  }
}

/**
 * For each edge, how likely more than that lies on the side that pays. Each pair of a lower and an upper bound that fit
 * together is a time when the balance lay between them, as the prior has it there. As in rust-lightning, pairs weigh by
 * the square of their counts, and of the times when nothing was known to be there, the highest upper bound alone tells:
 * one refusal after the other of less and less is one thing learnt, not many. The prior counts as one time more, so
 * that no channel is ruled out by its past.
 */
function fill(out: Float32Array, least: Uint16Array, lessThanAll: Uint16Array): void {
  const topOfEmpty = highestOf(lessThanAll);
  const chances = new Float64Array(ROW);
  let weights = 0;
  for (let i = 0; i < HISTORY_BUCKETS; i++) {
    const low = least[i] ?? 0;
    if (low === 0) continue;
    for (let j = 0; j < HISTORY_BUCKETS - i; j++) {
      const high = lessThanAll[j] ?? 0;
      if (high === 0) continue;
      const weight = (low * high) ** 2;
      weights += weight;
      add(chances, weight, i, HISTORY_BUCKETS - (i === 0 ? topOfEmpty : j));
    }
  }
  const times = weights === 0 ? 0 : least.reduce((sum, count) => sum + count, 0) / ONCE;
  const share = times / (times + 1);
  for (let edge = 0; edge < ROW; edge++) {
    const told = weights === 0 ? 0 : (chances[edge] ?? 0) / weights;
    out[edge] = share * told + (1 - share) * (1 - (BELOW[edge] ?? 1));
  }
}

/** The balance lay between the edges `low` and `high`: the chance, at each edge, that it was more than that. */
function add(chances: Float64Array, weight: number, low: number, high: number): void {
  const [bottom = 0, top = 1] = [BELOW[low], BELOW[high]];
  for (let edge = 0; edge < high; edge++) {
    const more = edge <= low ? 1 : (top - (BELOW[edge] ?? 1)) / (top - bottom);
    chances[edge] = (chances[edge] ?? 0) + weight * more;
  }
}

/** The highest place with a count of one at least, else with any. */
function highestOf(counts: Uint16Array): number {
  const whole = counts.findLastIndex((count) => count >= ONCE);
  return whole >= 0
    ? whole
    : Math.max(
        0,
        counts.findLastIndex((count) => count > 0),
      );
}
