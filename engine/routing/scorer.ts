import type { Scid } from '../base/units.ts';
import { channelIndexOf, type Graph } from '../gossip/graph.ts';
import type { RouteView } from './view.ts';

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
  /** `passed`: the HTLC went through and came back. `kept`: the money is over there. `refused`: not enough on that side. */
  readonly outcome: 'passed' | 'kept' | 'refused';
};

/** Learns how much channels can carry from what happened to payments. One instance for all payments. */
export class Scorer {
  readonly #beliefs = new Map<Scid, Belief>();
  #bound: { readonly graph: Graph; readonly at: number; readonly bounds: Bounds | null } | null = null;

  constructor(beliefs: Iterable<Belief> = []) {
    for (const belief of beliefs) this.#beliefs.set(belief.scid, belief);
  }

  /** All that is known, the oldest first: to be kept. */
  get beliefs(): Iterable<Belief> {
    return this.#beliefs.values();
  }

  get size(): number {
    return this.#beliefs.size;
  }

  /** `capacity` in millisatoshis: what the channel can hold as far as is known. */
  learn({ scid, direction, amount: told, outcome }: Lesson, capacity: number, now: number): void {
    const amount = Math.min(told, capacity);
    const known = this.#beliefs.get(scid);
    const before = known === undefined ? { low: 0, high: capacity } : faded(known, now);
    // From the side of the node that pays along this direction.
    const [low, high] =
      direction === 0 ? [before.low, before.high] : [capacity - before.high, capacity - before.low];
    const least = outcome === 'refused' ? Math.min(low, amount) : Math.max(low, amount);
    const most = outcome === 'refused' ? Math.min(high, amount) : Math.max(high, least);
    const moved = outcome === 'kept' ? amount : 0;
    const next: readonly [number, number] = [Math.max(0, least - moved), Math.max(0, most - moved)];
    const [lowA, highA] = direction === 0 ? next : [capacity - next[1], capacity - next[0]];
    // Kept in the order of the last lesson.
    this.#beliefs.delete(scid);
    this.#beliefs.set(scid, {
      scid,
      low: Math.max(0, lowA),
      high: Math.min(capacity, highA),
      capacity,
      at: now,
    });
    const [oldest] = this.#beliefs.keys();
    if (this.#beliefs.size > MOST_BELIEFS && oldest !== undefined) this.#beliefs.delete(oldest);
    this.#bound = null;
  }

  /** As they are now, for the channels of a view. Null when nothing is known of any. */
  boundsFor({ graph }: RouteView, now: number): Bounds | null {
    const bound = this.#bound;
    if (bound?.graph === graph && now - bound.at < 60 && now >= bound.at) return bound.bounds;
    const bounds = this.#beliefs.size === 0 ? null : this.#make(graph, now);
    this.#bound = { graph, at: now, bounds };
    return bounds;
  }

  #make(graph: Graph, now: number): Bounds {
    const slots = new Int32Array(2 * graph.channels.count);
    const low = new Float64Array(2 * this.#beliefs.size + 1);
    const high = new Float64Array(2 * this.#beliefs.size + 1);
    let slot = 0;
    for (const belief of this.#beliefs.values()) {
      const channel = channelIndexOf(graph, belief.scid);
      const { capacity } = belief;
      const current = faded(belief, now);
      if (channel < 0 || capacity - (current.high - current.low) < FORGET_SHARE * capacity) continue;
      slots[2 * channel] = ++slot;
      low[slot] = current.low;
      high[slot] = current.high;
      slots[2 * channel + 1] = ++slot;
      low[slot] = capacity - current.high;
      high[slot] = capacity - current.low;
    }
    return { slots, low, high };
  }
}

function faded(
  { low, high, capacity, at }: Belief,
  now: number,
): { readonly low: number; readonly high: number } {
  const left = 2 ** (-Math.max(0, now - at) / HALF_LIFE_SECONDS);
  return { low: low * left, high: capacity - (capacity - high) * left };
}
