import { lastLayers, LAYERS_ROOM, relayLayer, type LastLayers } from '../../onion/layers.ts';
import type { RouteView } from '../view.ts';
import { chanceOf, count, roomOf, takes, type ExtraEdges } from './extra-edges.ts';
import { feeOf, type Path } from './ground.ts';
import { learntChance } from '../learnt.ts';
import { asDoubt, successProbability } from '../liquidity.ts';
import type { Bounds } from '../bounds.ts';
import type { Weights } from '../weights.ts';

/** One step of a part, from the payer on, in numbers. */
export type Step = {
  readonly edge: number;
  /** The node that it leads to. */
  readonly node: number;
  /** What arrives there, millisatoshis. */
  readonly amount: number;
};

export type PlannedPart = {
  readonly steps: readonly Step[];
  /** What arrives at the payee. */
  readonly amount: number;
  readonly fee: number;
  /** Fee and weights, as a search counts them. */
  readonly cost: number;
  readonly chance: number;
};

export type Rows = {
  readonly view: RouteView;
  readonly extra: ExtraEdges;
  readonly bounds: Bounds | null;
  readonly refused: ReadonlyMap<number, number>;
  readonly layers: LastLayers;
};

/**
 * The path with `amount` arriving at its end: what each channel carries, from the end on. Null when a channel cannot
 * carry that, on top of what parts before send over it, or the onion cannot say it.
 */
export function layOut(
  { view, extra, bounds, refused, layers }: Rows,
  edges: Path['edges'],
  { payee, weights }: { readonly payee: number; readonly weights: Weights },
  amount: number,
): PlannedPart | null {
  const { hop, hopShare, risk, riskShare, blockShare } = weights;
  const steps: Step[] = [];
  let carried = amount;
  let cost = 0;
  let chance = 1;
  let node = payee;
  const tail = extra.edges[-1 - (edges.at(-1) ?? 0)]?.layers ?? null;
  let bytes = lastLayers(tail ?? layers, amount);
  for (let i = edges.length - 1; i >= 0; i--) {
    const edge = edges[i] ?? 0;
    steps.push({ edge, node, amount: carried });
    cost += hop + carried * hopShare;
    // The layer of the node before says what it has to pass on; a blinded path brings that of its introduction node.
    if (i > 0 && (tail === null || i < edges.length - 1)) bytes += relayLayer(carried);
    if (edge < 0) {
      const channel = extra.edges[-1 - edge];
      if (channel === undefined || !takes(channel, carried)) return null;
      node = channel.source;
      cost += (channel.length - 1) * (hop + carried * hopShare);
      cost += channel.cltvDelta * carried * blockShare;
      const here = chanceOf(channel, carried, bounds);
      chance *= here;
      cost += (risk + carried * riskShare) * asDoubt(here);
      if (i > 0) carried += feeOf(channel.feeBase, channel.feeProportionalMillionths, carried);
      continue;
    }
    const channel = view.rows.at(edge);
    const { edge: name, capacity: room } = channel;
    const flow = carried + (view.space.used[edge] ?? 0);
    if (carried < channel.htlcMinimum || carried > channel.htlcMaximum || flow > room) return null;
    if (flow >= (refused.get(name) ?? Infinity)) return null;
    const slot = bounds?.slots[name] ?? 0;
    const here =
      bounds === null || slot === 0
        ? successProbability(flow, 0, room, room)
        : learntChance(bounds, slot, flow, room);
    chance *= here;
    cost += (risk + carried * riskShare) * asDoubt(here);
    node = channel.source;
    if (i === 0) continue;
    cost += channel.cltvDelta * carried * blockShare;
    carried += feeOf(channel.feeBase, channel.feeProportionalMillionths, carried);
  }
  if (bytes > LAYERS_ROOM) return null;
  const fee = carried - amount;
  return { steps: steps.reverse(), amount, fee, cost: cost + fee, chance };
}

/** Counts the part as using its channels (`sign` 1), or as not using them any more (−1). */
export function occupy({ view, extra }: Rows, { steps }: PlannedPart, sign: 1 | -1): void {
  for (const { edge, amount } of steps) {
    if (edge < 0) {
      const channel = extra.edges[-1 - edge];
      if (channel !== undefined) count(channel, amount, sign);
      continue;
    }
    view.space.used[edge] = (view.space.used[edge] ?? 0) + sign * amount;
  }
}

/** The most that may arrive over the path, as far as what its channels can hold and take tells. */
export function widthOf({ view, extra, refused }: Rows, { edges }: Path): number {
  let most = Infinity;
  for (let i = 0; i < edges.length; i++) {
    const edge = edges[i] ?? 0;
    if (edge < 0) {
      const channel = extra.edges[-1 - edge];
      if (channel === undefined) return 0;
      most = Math.min(most, roomOf(channel));
      // What passes on is less by the fee.
      if (i > 0) most = lessFee(most, channel.feeBase, channel.feeProportionalMillionths);
      continue;
    }
    const channel = view.rows.at(edge);
    const used = view.space.used[edge] ?? 0;
    const holds = Math.min(channel.capacity, (refused.get(channel.edge) ?? Infinity) - 1);
    const room = Math.min(channel.htlcMaximum, holds - used);
    if (i > 0) most = lessFee(most, channel.feeBase, channel.feeProportionalMillionths);
    most = Math.min(most, room);
  }
  return Math.floor(most);
}

/** The most that can be passed on out of `amount` so that the fee is paid from it. */
const lessFee = (amount: number, base: number, proportionalMillionths: number): number =>
  amount === Infinity
    ? amount
    : Math.max(0, Math.floor(((amount - base) * 1_000_000) / (1_000_000 + proportionalMillionths)));
