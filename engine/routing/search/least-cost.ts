import { below } from '../liquidity.ts';
import type { Bounds } from '../scorer.ts';
import type { RouteView } from '../view.ts';
import type { Weights } from '../weights.ts';
import type { ExtraEdges } from './extra-edges.ts';
import { NodeHeap } from './heap.ts';

/** BOLT 4 §Packet Structure: the payloads share 1,300 bytes; a hop takes about 60. */
export const MOST_HOPS = 20;

export type Goal = {
  readonly payer: number;
  readonly payee: number;
  /** What is to arrive, millisatoshis. */
  readonly amount: number;
  /** Of this part. */
  readonly maxFee: number;
  readonly finalCltv: number;
  readonly maxCltv: number;
  /** The payer's channels are among the extra edges, not those of the graph. */
  readonly ownChannels: boolean;
  readonly weights: Weights;
};

export type Ground = {
  readonly view: RouteView;
  readonly extra: ExtraEdges;
  readonly bounds: Bounds | null;
  /** By directed channel: 1 where it is not to be used, 2 where it is not for `refused` and more. */
  readonly avoided: Uint8Array | null;
  readonly refused: ReadonlyMap<number, number>;
  readonly avoidedNodes: ReadonlySet<number> | null;
  /** Set when a way was given up for its fee or its delay, so that it is worth to look with other weights. */
  readonly limits: { hit: boolean };
};

/** From the payer to the payee: rows of the view, or −1 − index of an extra edge. */
export type Path = { readonly edges: readonly number[]; readonly cost: number };

/** What is less likely than that is as bad as that. */
const WORST = 1e-4;

/**
 * The cheapest way for one HTLC of `amount`, fees and weights together: Dijkstra from the payee back to the payer, so
 * that what each channel has to carry is known when it is looked at. Null when there is none within the limits.
 */
export function leastCost(ground: Ground, goal: Goal): Path | null {
  const { view, extra, bounds, avoided, avoidedNodes, refused, limits } = ground;
  const { payer, payee, amount: wanted, maxFee, maxCltv, ownChannels, weights } = goal;
  const { starts, source, edge, feeBase, feeProportionalMillionths, cltvDelta } = view;
  const { htlcMinimum, htlcMaximum, capacity, space, nodeCount } = view;
  const { cost, amount, cltv, hops, via, next, seen, place, used } = space;
  const { hop, hopShare, risk, riskShare, blockShare } = weights;
  const round = ++space.round;
  const heap = new NodeHeap(space);

  cost[payee] = 0;
  amount[payee] = wanted;
  cltv[payee] = goal.finalCltv;
  hops[payee] = 0;
  seen[payee] = round;
  heap.add(payee);

  while (!heap.isEmpty) {
    const node = heap.take();
    if (node === payer) return pathFrom(ground, payer, payee);
    const need = amount[node] ?? 0;
    const delay = cltv[node] ?? 0;
    const length = (hops[node] ?? 0) + 1;
    if (length > MOST_HOPS) continue;
    const spent = (cost[node] ?? 0) + hop + need * hopShare;
    const price = risk + need * riskShare;
    const blockPrice = need * blockShare;

    for (const index of extra.into(node) ?? []) {
      const channel = extra.edges[index];
      if (channel === undefined) continue;
      if (need < channel.htlcMinimum || need > channel.htlcMaximum - channel.used) continue;
      const from = channel.source;
      const fee = channel.isOwn ? 0 : feeOf(channel.feeBase, channel.feeProportionalMillionths, need);
      const total = spent + fee + channel.cltvDelta * blockPrice;
      if (seen[from] === round && ((place[from] ?? 0) < 0 || (cost[from] ?? 0) <= total)) continue;
      if (need + fee - wanted > maxFee || delay + channel.cltvDelta > maxCltv) {
        limits.hit = true;
        continue;
      }
      if (avoidedNodes?.has(from) === true) continue;
      cost[from] = total;
      amount[from] = need + fee;
      cltv[from] = delay + channel.cltvDelta;
      hops[from] = length;
      via[from] = -1 - index;
      next[from] = node;
      if (seen[from] === round) heap.lower(from);
      else {
        seen[from] = round;
        heap.add(from);
      }
    }
    if (node >= nodeCount) continue;
    const end = starts[node + 1] ?? 0;
    for (let row = starts[node] ?? 0; row < end; row++) {
      if (need > (htlcMaximum[row] ?? 0) || need < (htlcMinimum[row] ?? 0)) continue;
      const from = source[row] ?? 0;
      // A cheaper way was found from there, or this one costs more already.
      if (seen[from] === round && ((place[from] ?? 0) < 0 || (cost[from] ?? 0) <= spent)) continue;
      const isOwn = from === payer;
      if (isOwn && ownChannels) continue;
      const fee = isOwn ? 0 : feeOf(feeBase[row] ?? 0, feeProportionalMillionths[row] ?? 0, need);
      const blocks = isOwn ? 0 : (cltvDelta[row] ?? 0);
      let total = spent + fee + blocks * blockPrice;
      if (seen[from] === round && (cost[from] ?? 0) <= total) continue;
      const name = edge[row] ?? 0;
      const flow = need + (used[name] ?? 0);
      const bar = avoided === null ? 0 : avoided[name];
      if (bar === 1 || (bar === 2 && flow >= (refused.get(name) ?? 0))) continue;
      const room = capacity[row] ?? 0;
      if (flow > room) continue;
      if (need + fee - wanted > maxFee || delay + blocks > maxCltv) {
        limits.hit = true;
        continue;
      }
      const slot = bounds === null ? 0 : (bounds.slots[name] ?? 0);
      const low = slot === 0 ? 0 : (bounds?.low[slot] ?? 0);
      if (flow > low) {
        const high = slot === 0 ? room : Math.min(room, bounds?.high[slot] ?? 0);
        const most = below(high / room);
        const chance = flow >= high ? 0 : (most - below(flow / room)) / (most - below(low / room));
        if (chance < 1) total -= Math.log(chance > WORST ? chance : WORST) * price;
        if (seen[from] === round && (cost[from] ?? 0) <= total) continue;
      }
      if (avoidedNodes !== null && avoidedNodes.has(from)) continue;
      cost[from] = total;
      amount[from] = need + fee;
      cltv[from] = delay + blocks;
      hops[from] = length;
      via[from] = row;
      next[from] = node;
      if (seen[from] === round) heap.lower(from);
      else {
        seen[from] = round;
        heap.add(from);
      }
    }
  }
  return null;
}

function pathFrom({ view }: Ground, payer: number, payee: number): Path {
  const { via, next, cost } = view.space;
  const edges: number[] = [];
  for (let node = payer; node !== payee; node = next[node] ?? payee) edges.push(via[node] ?? 0);
  return { edges, cost: cost[payer] ?? 0 };
}

/**
 * BOLT 7 §HTLC Fees: "fee_base_msat + ( amount_to_forward * fee_proportional_millionths / 1000000 )". Exact: the
 * product of both would not fit a double.
 */
export function feeOf(base: number, proportionalMillionths: number, amount: number): number {
  if (proportionalMillionths === 0) return base;
  const millions = Math.floor(amount / 1_000_000);
  const rest = amount - millions * 1_000_000;
  return base + millions * proportionalMillionths + Math.floor((rest * proportionalMillionths) / 1_000_000);
}
