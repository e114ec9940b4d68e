import type { NodeId } from '../base/ids.ts';
import type { Scid, Timestamp } from '../base/units.ts';
import { channelIndexOf, type Graph } from '../gossip/graph.ts';
import type { ExternalScores } from './external-scores.ts';
import { Histories } from './histories.ts';
import { Shunned, type Shun, type ShunnedNow } from './shunned.ts';
import { capacityOf, type RouteView } from './view.ts';

/**
 * What payments taught about one channel: what node_id_1 holds in it is at least `low` and at most `high`, as of `at`.
 * Millisatoshis; seconds since 1970.
 */
export type Belief = {
  readonly scid: Scid;
  readonly low: number;
  readonly high: number;
  readonly capacity: number;
  readonly at: number;
};

/** What a search reads: by directed channel of the graph, where its bounds stand; 0 where nothing is known. */
export type Bounds = {
  readonly slots: Int32Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** The entry of `histories` that tells of it, plus 1; 0 where none does. */
  readonly told: Int32Array;
  readonly histories: Histories | null;
};

/** After so long half of what was learnt of a channel is forgotten: balances move. */
const HALF_LIFE_SECONDS = 6 * 3_600;
/** What is less than a hundredth of the capacity away from knowing nothing is forgotten. */
const FORGET_SHARE = 0.01;
export const MOST_BELIEFS = 20_000;

/** What an attempt told of one directed channel. */
export type Lesson = {
  readonly scid: Scid;
  readonly direction: 0 | 1;
  readonly amount: number;
  /**
   * `passed`: the HTLC went through and came back. `kept`: the money is over there. `refused`: not enough on that side.
   * `doubted`: it, or one of some others, did not let it through.
   */
  readonly outcome: 'passed' | 'kept' | 'refused' | 'doubted';
  /** Of `doubted`: how much of the blame is this channel's, up to 1. */
  readonly share?: number;
};

/** Bounds are made anew after so long: until then a thousandth of what is known fades. */
const FRESH_SECONDS = 600;
/** For so long after its last lesson, what others tell of a channel's past counts: twice the half-life that LDK gives it. */
const HISTORY_SECONDS = 28 * 86_400;
/** Room for channels that are learnt of before bounds are made anew. */
const SPARE_SLOTS = 512;

type Bound = {
  readonly graph: Graph;
  readonly at: number;
  readonly bounds: Bounds;
  /** By slot: when it was learnt. */
  readonly learntAt: Float64Array;
  used: number;
};

/** Learns how much channels can carry from what happened to payments. One instance for all payments. */
export class Scorer {
  readonly #beliefs = new Map<Scid, Belief>();
  readonly #shunned = new Shunned();
  #external: ExternalScores | null = null;
  #histories: Histories | null = null;
  #bound: Bound | null = null;

  constructor(beliefs: Iterable<Belief> = []) {
    for (const belief of beliefs) this.#keep(belief);
  }

  /** All that is known, the oldest first: to be kept. */
  get beliefs(): Iterable<Belief> {
    return this.#beliefs.values();
  }

  get size(): number {
    return this.#beliefs.size;
  }

  /** `capacity` in millisatoshis: what the channel can hold as far as is known. */
  learn(lesson: Lesson, capacity: number, now: number): void {
    const { scid, direction, amount: told, outcome, share = 1 } = lesson;
    const amount = Math.min(told, capacity);
    const before = this.#known(scid, capacity, now);
    // From the side of the node that pays along this direction.
    const [low, high] =
      direction === 0 ? [before.low, before.high] : [capacity - before.high, capacity - before.low];
    const [least, most] = taught(low, high, amount, outcome, share);
    const moved = outcome === 'kept' ? amount : 0;
    const next: readonly [number, number] = [Math.max(0, least - moved), Math.max(0, most - moved)];
    const [lowA, highA] = direction === 0 ? next : [capacity - next[1], capacity - next[0]];
    const belief = {
      scid,
      low: Math.max(0, lowA),
      high: Math.min(capacity, highA),
      capacity,
      at: now,
    };
    this.#keep(belief);
    this.#amend(belief);
  }

  /** Ways around the channel or the node are looked for first, until then (unix seconds). */
  shun(what: Scid | NodeId, until: number): void {
    this.#shunned.add(what, until);
  }

  /** What was held against it is over. */
  pardon(what: Scid | NodeId): void {
    this.#shunned.remove(what);
  }

  get shuns(): Iterable<Shun> {
    return this.#shunned.all();
  }

  /** What was kept of another life: where nothing newer is known. */
  recall(beliefs: Iterable<Belief>): void {
    const newer = [...this.#beliefs.values()];
    for (const belief of [...beliefs, ...newer]) this.#keep(belief);
    this.#bound = null;
  }

  /** Takes in what others learnt, in place of what they said before. Null: nothing. */
  merge(scores: ExternalScores | null): void {
    this.#external = scores;
    this.#histories = scores === null ? null : new Histories(scores.histories);
    this.#bound = null;
  }

  /** Null when there is none. */
  shunned(now: Timestamp): ShunnedNow | null {
    return this.#shunned.at(now);
  }

  /** As they are now, for the channels of a view. Null when nothing is known of any. */
  boundsFor({ graph }: RouteView, now: number): Bounds | null {
    if (this.#beliefs.size === 0 && this.#external === null) return null;
    const bound = this.#bound;
    if (bound?.graph === graph && isFresh(bound, now)) return bound.bounds;
    this.#bound = this.#make(graph, now);
    return this.#bound.bounds;
  }

  /** Kept in the order of the last lesson. */
  #keep(belief: Belief): void {
    this.#beliefs.delete(belief.scid);
    this.#beliefs.set(belief.scid, belief);
    const [oldest] = this.#beliefs.keys();
    if (this.#beliefs.size > MOST_BELIEFS && oldest !== undefined) this.#beliefs.delete(oldest);
  }

  /** What node_id_1 holds, by whoever knows. */
  #known(scid: Scid, capacity: number, now: number): { readonly low: number; readonly high: number } {
    const bound = this.#bound;
    if (bound !== null && isFresh(bound, now)) {
      const channel = channelIndexOf(bound.graph, scid);
      const slot = channel < 0 ? 0 : (bound.bounds.slots[2 * channel] ?? 0);
      const [low, high] = [bound.bounds.low[slot] ?? 0, bound.bounds.high[slot] ?? 0];
      if (slot !== 0 && high <= capacity) return { low, high };
    }
    const belief = this.#beliefs.get(scid);
    return belief?.capacity === capacity ? faded(belief, now) : { low: 0, high: capacity };
  }

  #make(graph: Graph, at: number): Bound {
    const slots = new Int32Array(2 * graph.channels.count);
    const others = Math.min(this.#external?.count ?? 0, graph.channels.count);
    const room = 2 * (this.#beliefs.size + others + SPARE_SLOTS) + 1;
    const bounds = {
      slots,
      low: new Float64Array(room),
      high: new Float64Array(room),
      told: new Int32Array(room),
      histories: this.#histories,
    };
    const bound: Bound = { graph, at, bounds, learntAt: new Float64Array(room), used: 0 };
    if (this.#external !== null) setExternal(bound, this.#external);
    for (const belief of this.#beliefs.values()) {
      const { capacity } = belief;
      const { low, high } = faded(belief, at);
      if (capacity - (high - low) < FORGET_SHARE * capacity) continue;
      const channel = channelIndexOf(graph, belief.scid);
      // The newer word counts, whosever it is.
      const slot = channel < 0 ? 0 : (slots[2 * channel] ?? 0);
      if (slot === 0 || (bound.learntAt[slot] ?? 0) <= belief.at)
        set(bound, channel, { ...belief, low, high });
    }
    return bound;
  }

  /** What a search reads, with what was just learnt: without making all of it anew. */
  #amend(belief: Belief): void {
    const bound = this.#bound;
    if (bound === null) return;
    if (!set(bound, channelIndexOf(bound.graph, belief.scid), belief)) this.#bound = null;
  }
}

const isFresh = ({ at }: Bound, now: number): boolean => now >= at && now - at < FRESH_SECONDS;

/** False when there is no room left. */
function set(bound: Bound, channel: number, { low, high, capacity, at }: Omit<Belief, 'scid'>): boolean {
  if (channel < 0) return true;
  const { slots, low: lows, high: highs } = bound.bounds;
  let slot = slots[2 * channel] ?? 0;
  if (slot === 0) {
    if (bound.used + 2 >= lows.length) return false;
    slot = bound.used + 1;
    bound.used += 2;
    slots[2 * channel] = slot;
    slots[2 * channel + 1] = slot + 1;
  }
  lows[slot] = low;
  highs[slot] = high;
  lows[slot + 1] = capacity - high;
  highs[slot + 1] = capacity - low;
  bound.learntAt[slot] = at;
  return true;
}

/** Both are in the order of short channel ids. */
function setExternal(
  bound: Bound,
  { count, scidHigh, scidLow, least, lessThanAll, at }: ExternalScores,
): void {
  const { channels } = bound.graph;
  let i = 0;
  for (let channel = 0; channel < channels.count && i < count; channel++) {
    const [high, low] = [channels.scidHigh[channel] ?? 0, channels.scidLow[channel] ?? 0];
    const isBefore = (): boolean =>
      (scidHigh[i] ?? 0) < high || ((scidHigh[i] ?? 0) === high && (scidLow[i] ?? 0) < low);
    while (i < count && isBefore()) i++;
    if (i === count || scidHigh[i] !== high || scidLow[i] !== low) continue;
    const capacity = capacityOf(bound.graph, channel);
    const top = capacity - (lessThanAll[i] ?? 0);
    // Of a channel that has changed since, or made up.
    if (capacity === 0 || top < (least[i] ?? 0)) continue;
    const learntAt = Math.min(at[i] ?? 0, bound.at);
    const belief = { low: least[i] ?? 0, high: top, capacity, at: learntAt };
    const now = faded(belief, bound.at);
    const isRecent = bound.at - learntAt < HISTORY_SECONDS;
    const hasHistory = isRecent && bound.bounds.histories?.has(i) === true;
    if (!hasHistory && capacity - (now.high - now.low) < FORGET_SHARE * capacity) continue;
    // What claims to be of the future is no newer than any lesson of our own.
    set(bound, channel, { ...belief, ...now, at: (at[i] ?? 0) > bound.at ? 0 : learntAt });
    if (!hasHistory) continue;
    const { slots, told } = bound.bounds;
    for (const direction of [0, 1]) told[slots[2 * channel + direction] ?? 0] = 2 * i + direction + 1;
  }
}

/** The bounds of what the paying side holds, before any of it moved. */
function taught(
  low: number,
  high: number,
  amount: number,
  outcome: Lesson['outcome'],
  share: number,
): readonly [least: number, most: number] {
  if (outcome === 'refused') return [Math.min(low, amount), Math.min(high, amount)];
  // As far towards a refusal as the blame goes.
  if (outcome === 'doubted') return [low, high - share * Math.max(0, high - Math.max(low, amount))];
  const least = Math.max(low, amount);
  return [least, Math.max(high, least)];
}

function faded(
  { low, high, capacity, at }: Omit<Belief, 'scid'>,
  now: number,
): { readonly low: number; readonly high: number } {
  const left = 2 ** (-Math.max(0, now - at) / HALF_LIFE_SECONDS);
  return { low: low * left, high: capacity - (capacity - high) * left };
}
