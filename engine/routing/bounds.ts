import type { Graph } from '../gossip/graph.ts';
import { channelIndexOf } from '../gossip/graph.ts';
import type { ExternalScores } from './external-scores.ts';
import type { Histories } from './histories.ts';
import type { Belief } from './scorer.ts';
import { capacityOf } from './view.ts';

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
/** For so long after its last lesson, what others tell of a channel's past counts: twice the half-life that LDK gives it. */
const HISTORY_SECONDS = 28 * 86_400;
/** Room for channels that are learnt of before bounds are made anew. */
const SPARE_SLOTS = 512;

export type Bound = {
  readonly graph: Graph;
  readonly at: number;
  readonly bounds: Bounds;
  /** By slot: when it was learnt. */
  readonly learntAt: Float64Array;
  used: number;
};

/** Channels between two moments in which others are served. */
const SLICE = 1_024;

/** Those of all that is known of the channels of a graph, with what is learnt of them while they are made. */
export function* makeBound(
  graph: Graph,
  at: number,
  beliefs: ReadonlyMap<unknown, Belief>,
  external: ExternalScores | null,
  histories: Histories | null,
): Generator<undefined, Bound> {
  const slots = new Int32Array(2 * graph.channels.count);
  const others = Math.min(external?.count ?? 0, graph.channels.count);
  const room = 2 * (beliefs.size + others + SPARE_SLOTS) + 1;
  const bounds = {
    slots,
    low: new Float64Array(room),
    high: new Float64Array(room),
    told: new Int32Array(room),
    histories,
  };
  const bound: Bound = { graph, at, bounds, learntAt: new Float64Array(room), used: 0 };
  if (external !== null) yield* setExternal(bound, external);
  let looked = 0;
  for (const belief of beliefs.values()) {
    if (++looked % SLICE === 0) yield;
    const { capacity } = belief;
    const { low, high } = faded(belief, at);
    if (capacity - (high - low) < FORGET_SHARE * capacity) continue;
    const channel = channelIndexOf(graph, belief.scid);
    // The newer word counts, whosever it is.
    const slot = channel < 0 ? 0 : (slots[2 * channel] ?? 0);
    if (slot === 0 || (bound.learntAt[slot] ?? 0) <= belief.at)
      setBelief(bound, channel, { ...belief, low, high });
  }
  return bound;
}

/** False when there is no room left. */
export function setBelief(
  bound: Bound,
  channel: number,
  { low, high, capacity, at }: Omit<Belief, 'scid'>,
): boolean {
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
function* setExternal(
  bound: Bound,
  { count, scidHigh, scidLow, least, lessThanAll, at }: ExternalScores,
): Generator<undefined, void> {
  const { channels } = bound.graph;
  let i = 0;
  for (let channel = 0; channel < channels.count && i < count; channel++) {
    if (channel % SLICE === SLICE - 1) yield;
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
    setBelief(bound, channel, { ...belief, ...now, at: (at[i] ?? 0) > bound.at ? 0 : learntAt });
    if (!hasHistory) continue;
    const { slots, told } = bound.bounds;
    for (const direction of [0, 1]) told[slots[2 * channel + direction] ?? 0] = 2 * i + direction + 1;
  }
}

export function faded(
  { low, high, capacity, at }: Omit<Belief, 'scid'>,
  now: number,
): { readonly low: number; readonly high: number } {
  const left = 2 ** (-Math.max(0, now - at) / HALF_LIFE_SECONDS);
  return { low: low * left, high: capacity - (capacity - high) * left };
}
