import { lastLayers, LAYERS_ROOM, relayLayer } from '../../onion/layers.ts';
import { learntDoubt } from '../learnt.ts';
import { asDoubt, doubt } from '../liquidity.ts';
import { Distances } from './distances.ts';
import { chanceOf, takes } from './extra-edges.ts';
import { feeOf, type Goal, type Ground, type Path } from './ground.ts';
import { NodeHeap } from './heap.ts';

/** Rows looked at between two moments in which others are served. */
const SLICE = 4_096;

/** BOLT 4 §Initialization of attribution_data: "the maximum number of hops in a route (20)". */
export const MOST_HOPS = 20;

/**
 * The cheapest way for one HTLC of `amount`, fees and weights together: from the payee back to the payer, so that what
 * each channel has to carry is known when it is looked at. Null when there is none within the limits.
 *
 * An A* search: what is looked at next is what is cheapest with the way there from the payer counted in, as far as
 * `Distances` knows it, and all that it knows of the rest is that it is farther than its radius. Radius and search grow
 * in turn, so that each goes over the neighbourhood of its own end alone.
 *
 * Gives way now and then: until it is over, nothing else may use `view.space`.
 */
export function* leastCost(ground: Ground, goal: Goal): Generator<undefined, Path | null> {
  const state = begin(ground, goal);
  for (;;) {
    const path = goOn(ground, goal, state);
    if (path !== undefined) return path;
    yield;
  }
}

type State = {
  readonly round: number;
  readonly distances: Distances;
  /** Those whose distance is not known, and those whose is: together all that is not final. */
  readonly far: NodeHeap;
  readonly near: NodeHeap;
  /** Of the best way found. */
  best: number;
  /** Rows looked at. */
  work: number;
};

function begin(ground: Ground, goal: Goal): State {
  const { space } = ground.view;
  const { payee, amount: wanted } = goal;
  const { cost, amount, cltv, hops, bytes, seen, place, through } = space;
  const round = ++space.round;
  const far = new NodeHeap(space);
  const near = new NodeHeap({ heap: space.nearHeap, place, cost: through });
  cost[payee] = 0;
  amount[payee] = wanted;
  cltv[payee] = goal.finalCltv;
  hops[payee] = 0;
  bytes[payee] = Math.min(lastLayers(ground.layers, wanted), LAYERS_ROOM + 1);
  seen[payee] = round;
  far.add(payee);
  return { round, distances: new Distances(ground, goal, round), far, near, best: Infinity, work: 0 };
}

/** A slice of it: no generator, for those are slower by a tenth. Undefined: it is not over. */
function goOn(ground: Ground, goal: Goal, state: State): Path | null | undefined {
  const { view, extra, bounds, avoided, avoidedNodes, refused, limits } = ground;
  const { payer, payee, amount: wanted, maxFee, maxCltv, ownChannels, weights } = goal;
  const { starts, source, edge, feeBase, feeProportionalMillionths, cltvDelta } = view;
  const { htlcMinimum, htlcMaximum, capacity, space, nodeCount } = view;
  const { cost, amount, cltv, hops, bytes, via, next, seen, place, used, reached, distance, through } = space;
  const { hop, hopShare, risk, riskShare, blockShare } = weights;
  const { round, distances, far, near } = state;
  let { best, work } = state;
  const pause = work + distances.work + SLICE;

  /** What was written of `from` is news. */
  const note = (from: number, isNew: boolean): void => {
    const isNear = reached[from] === round;
    if (isNear) through[from] = (cost[from] ?? 0) + (distance[from] ?? 0);
    const heap = isNear ? near : far;
    if (isNew) {
      seen[from] = round;
      heap.add(from);
    } else heap.lower(from);
    if (from === payer) best = cost[from] ?? 0;
  };

  for (;;) {
    if (work + distances.work >= pause) {
      state.best = best;
      state.work = work;
      return undefined;
    }
    const leastFar = far.least + distances.radius;
    const isNearer = near.least <= leastFar;
    if ((isNearer ? near.least : leastFar) === Infinity) return null;
    if (!isNearer && distances.work <= work) {
      const found = distances.next();
      if (found >= 0 && seen[found] === round && (place[found] ?? 0) >= 0) {
        far.remove(found);
        through[found] = (cost[found] ?? 0) + (distance[found] ?? 0);
        near.add(found);
      }
      continue;
    }
    const node = isNearer ? near.take() : far.take();
    if (node === payer) return pathFrom(ground, payer, payee);
    const need = amount[node] ?? 0;
    const delay = cltv[node] ?? 0;
    const length = (hops[node] ?? 0) + 1;
    if (length > MOST_HOPS) {
      limits.long = true;
      continue;
    }
    const layers = bytes[node] ?? 0;
    /** With the layer of a node before it. */
    const layersOn = layers + relayLayer(need);
    const spent = (cost[node] ?? 0) + hop + need * hopShare;
    const price = risk + need * riskShare;
    const blockPrice = need * blockShare;
    const { radius } = distances;

    for (const index of extra.into(node) ?? []) {
      const channel = extra.edges[index];
      if (channel === undefined || !takes(channel, need)) continue;
      const from = channel.source;
      const taken =
        channel.layers !== null ? lastLayers(channel.layers, need) : channel.isOwn ? layers : layersOn;
      if (taken > LAYERS_ROOM) {
        limits.long = true;
        continue;
      }
      const fee = channel.isOwn ? 0 : feeOf(channel.feeBase, channel.feeProportionalMillionths, need);
      const further = (channel.length - 1) * (hop + need * hopShare);
      const risked = price * asDoubt(chanceOf(channel, need, bounds));
      const total = spent + further + fee + channel.cltvDelta * blockPrice + risked;
      const isNew = seen[from] !== round;
      if (!isNew && ((place[from] ?? 0) < 0 || (cost[from] ?? 0) <= total)) continue;
      if (need + fee - wanted > maxFee || delay + channel.cltvDelta > maxCltv) {
        limits.hit = true;
        continue;
      }
      if (avoidedNodes?.has(from) === true) continue;
      cost[from] = total;
      amount[from] = need + fee;
      cltv[from] = delay + channel.cltvDelta;
      hops[from] = length;
      bytes[from] = taken;
      via[from] = -1 - index;
      next[from] = node;
      note(from, isNew);
    }
    if (node >= nodeCount) continue;
    const end = starts[node + 1] ?? 0;
    const start = starts[node] ?? 0;
    work += end - start;
    for (let row = start; row < end; row++) {
      const from = source[row] ?? 0;
      // A cheaper way was found from there, or this one costs more already.
      const isNew = seen[from] !== round;
      if (!isNew && ((place[from] ?? 0) < 0 || (cost[from] ?? 0) <= spent)) continue;
      if (need > (htlcMaximum[row] ?? 0) || need < (htlcMinimum[row] ?? 0)) continue;
      const isOwn = from === payer;
      if (isOwn && ownChannels) continue;
      const taken = isOwn ? layers : layersOn;
      if (taken > LAYERS_ROOM) {
        limits.long = true;
        continue;
      }
      const fee = isOwn ? 0 : feeOf(feeBase[row] ?? 0, feeProportionalMillionths[row] ?? 0, need);
      const blocks = isOwn ? 0 : (cltvDelta[row] ?? 0);
      let total = spent + fee + blocks * blockPrice;
      if (!isNew && (cost[from] ?? 0) <= total) continue;
      const ahead = reached[from] === round ? (distance[from] ?? 0) : radius;
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
      if (total + ahead >= best) continue;
      const slot = bounds === null ? 0 : (bounds.slots[name] ?? 0);
      total +=
        slot === 0 || bounds === null
          ? price * doubt(flow, 0, room, room)
          : price * learntDoubt(bounds, slot, flow, room);
      if (total + ahead >= best || (!isNew && (cost[from] ?? 0) <= total)) continue;
      if (avoidedNodes !== null && avoidedNodes.has(from)) continue;
      cost[from] = total;
      amount[from] = need + fee;
      cltv[from] = delay + blocks;
      hops[from] = length;
      bytes[from] = taken;
      via[from] = row;
      next[from] = node;
      note(from, isNew);
    }
  }
}

function pathFrom({ view }: Ground, payer: number, payee: number): Path {
  const { via, next, cost } = view.space;
  const edges: number[] = [];
  for (let node = payer; node !== payee; node = next[node] ?? payee) edges.push(via[node] ?? 0);
  return { edges, cost: cost[payer] ?? 0 };
}
