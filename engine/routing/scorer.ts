import type { NodeId } from '../base/ids.ts';
import type { Scid, Timestamp } from '../base/units.ts';
import { ranOut } from '../base/slices.ts';
import { channelIndexOf } from '../gossip/graph.ts';
import { faded, makeBound, setBelief, type Bound, type Bounds } from './bounds.ts';
import type { ExternalScores } from './external-scores.ts';
import { Histories } from './histories.ts';
import { Shunned, type Shun, type ShunnedNow } from './shunned.ts';
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
  boundsFor(view: RouteView, now: number): Bounds | null {
    return ranOut(this.boundsInSlices(view, now));
  }

  /** The same, giving way every few thousand steps. */
  *boundsInSlices({ graph }: RouteView, now: number): Generator<undefined, Bounds | null> {
    if (this.#beliefs.size === 0 && this.#external === null) return null;
    const bound = this.#bound;
    if (bound?.graph === graph && isFresh(bound, now)) return bound.bounds;
    const external = this.#external;
    const made = yield* makeBound(graph, now, this.#beliefs, external, this.#histories);
    if (this.#external === external) this.#bound = made;
    return made.bounds;
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

  /** What a search reads, with what was just learnt: without making all of it anew. */
  #amend(belief: Belief): void {
    const bound = this.#bound;
    if (bound === null) return;
    if (!setBelief(bound, channelIndexOf(bound.graph, belief.scid), belief)) this.#bound = null;
  }
}

const isFresh = ({ at }: Bound, now: number): boolean => now >= at && now - at < FRESH_SECONDS;

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
