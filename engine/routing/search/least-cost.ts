import { lastLayers, LAYERS_ROOM, relayLayer } from '../../onion/layers.ts';
import { learntDoubt } from '../learnt.ts';
import { asDoubt, doubt } from '../liquidity.ts';
import { Distances } from './distances.ts';
import { chanceOf, takes } from './extra-edges.ts';
import { feeOf, type Goal, type Ground, type Path } from './ground.ts';
import {
  CAPACITY,
  CLTV_DELTA,
  EDGE,
  FEE_BASE,
  FEE_PROPORTIONAL,
  HTLC_MAXIMUM,
  HTLC_MINIMUM,
  ROW_FLOATS,
  ROW_INTS,
  SOURCE,
} from '../rows.ts';
import { NodeHeap } from './heap.ts';
import {
  AMOUNT,
  BYTES,
  CLTV,
  COST,
  DISTANCE,
  HOPS,
  NEXT,
  NODE_FLOATS,
  NODE_INTS,
  PLACE,
  REACHED,
  SEEN,
  VIA,
} from './space.ts';

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
  const { floats, ints } = space;
  const round = ++space.round;
  const far = new NodeHeap(space.far, space, PLACE);
  const near = new NodeHeap(space.near, space, PLACE);
  const [f, n] = [payee << NODE_FLOATS, payee << NODE_INTS];
  floats[f + COST] = 0;
  floats[f + AMOUNT] = wanted;
  ints[n + CLTV] = goal.finalCltv;
  ints[n + HOPS] = 0;
  ints[n + BYTES] = Math.min(lastLayers(ground.layers, wanted), LAYERS_ROOM + 1);
  ints[n + SEEN] = round;
  far.add(payee, 0);
  return { round, distances: new Distances(ground, goal, round), far, near, best: Infinity, work: 0 };
}

/** A slice of it: no generator, for those are slower by a tenth. Undefined: it is not over. */
function goOn(ground: Ground, goal: Goal, state: State): Path | null | undefined {
  const { view, extra, bounds, avoided, avoidedNodes, refused, limits } = ground;
  const { payer, payee, amount: wanted, maxFee, maxCltv, ownChannels, weights } = goal;
  const { starts, space, nodeCount } = view;
  const { floats: rowFloats, ints: rowInts } = view.rows;
  const { floats, ints, used } = space;
  const { hop, hopShare, risk, riskShare, blockShare } = weights;
  const { round, distances, far, near } = state;
  let { best, work } = state;
  const pause = work + distances.work + SLICE;

  /** What was written of `from` is news. */
  const note = (from: number, isNew: boolean): void => {
    const f = from << NODE_FLOATS;
    const n = from << NODE_INTS;
    const cost = floats[f + COST] ?? 0;
    const isNear = ints[n + REACHED] === round;
    const key = isNear ? cost + (floats[f + DISTANCE] ?? 0) : cost;
    const heap = isNear ? near : far;
    if (isNew) {
      ints[n + SEEN] = round;
      heap.add(from, key);
    } else heap.lower(from, key);
    if (from === payer) best = cost;
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
      if (found < 0) continue;
      const f = found << NODE_FLOATS;
      const n = found << NODE_INTS;
      if (ints[n + SEEN] === round && (ints[n + PLACE] ?? 0) >= 0) {
        far.remove(found);
        near.add(found, (floats[f + COST] ?? 0) + (floats[f + DISTANCE] ?? 0));
      }
      continue;
    }
    const node = isNearer ? near.take() : far.take();
    if (node === payer) return pathFrom(ground, payer, payee);
    const nodeFloats = node << NODE_FLOATS;
    const nodeInts = node << NODE_INTS;
    const need = floats[nodeFloats + AMOUNT] ?? 0;
    const delay = ints[nodeInts + CLTV] ?? 0;
    const length = (ints[nodeInts + HOPS] ?? 0) + 1;
    if (length > MOST_HOPS) {
      limits.long = true;
      continue;
    }
    const layers = ints[nodeInts + BYTES] ?? 0;
    /** With the layer of a node before it. */
    const layersOn = layers + relayLayer(need);
    const spent = (floats[nodeFloats + COST] ?? 0) + hop + need * hopShare;
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
      const fromFloats = from << NODE_FLOATS;
      const fromInts = from << NODE_INTS;
      const isNew = ints[fromInts + SEEN] !== round;
      if (!isNew && ((ints[fromInts + PLACE] ?? 0) < 0 || (floats[fromFloats + COST] ?? 0) <= total))
        continue;
      if (need + fee - wanted > maxFee || delay + channel.cltvDelta > maxCltv) {
        limits.hit = true;
        continue;
      }
      if (avoidedNodes?.has(from) === true) continue;
      floats[fromFloats + COST] = total;
      floats[fromFloats + AMOUNT] = need + fee;
      ints[fromInts + CLTV] = delay + channel.cltvDelta;
      ints[fromInts + HOPS] = length;
      ints[fromInts + BYTES] = taken;
      ints[fromInts + VIA] = -1 - index;
      ints[fromInts + NEXT] = node;
      note(from, isNew);
    }
    if (node >= nodeCount) continue;
    const end = starts[node + 1] ?? 0;
    const start = starts[node] ?? 0;
    work += end - start;
    for (let row = start; row < end; row++) {
      const f = row * ROW_FLOATS;
      const n = row * ROW_INTS;
      const from = rowInts[n + SOURCE] ?? 0;
      const fromFloats = from << NODE_FLOATS;
      const fromInts = from << NODE_INTS;
      // A cheaper way was found from there, or this one costs more already.
      const isNew = ints[fromInts + SEEN] !== round;
      if (!isNew && ((ints[fromInts + PLACE] ?? 0) < 0 || (floats[fromFloats + COST] ?? 0) <= spent))
        continue;
      if (need > (rowFloats[f + HTLC_MAXIMUM] ?? 0) || need < (rowFloats[f + HTLC_MINIMUM] ?? 0)) continue;
      const isOwn = from === payer;
      if (isOwn && ownChannels) continue;
      const taken = isOwn ? layers : layersOn;
      if (taken > LAYERS_ROOM) {
        limits.long = true;
        continue;
      }
      const fee = isOwn ? 0 : feeOf(rowInts[n + FEE_BASE] ?? 0, rowInts[n + FEE_PROPORTIONAL] ?? 0, need);
      const blocks = isOwn ? 0 : (rowInts[n + CLTV_DELTA] ?? 0);
      let total = spent + fee + blocks * blockPrice;
      if (!isNew && (floats[fromFloats + COST] ?? 0) <= total) continue;
      const ahead = ints[fromInts + REACHED] === round ? (floats[fromFloats + DISTANCE] ?? 0) : radius;
      const name = rowInts[n + EDGE] ?? 0;
      const flow = need + (used[row] ?? 0);
      const bar = avoided === null ? 0 : avoided[name];
      if (bar === 1 || (bar === 2 && flow >= (refused.get(name) ?? 0))) continue;
      const room = rowFloats[f + CAPACITY] ?? 0;
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
      if (total + ahead >= best || (!isNew && (floats[fromFloats + COST] ?? 0) <= total)) continue;
      if (avoidedNodes !== null && avoidedNodes.has(from)) continue;
      floats[fromFloats + COST] = total;
      floats[fromFloats + AMOUNT] = need + fee;
      ints[fromInts + CLTV] = delay + blocks;
      ints[fromInts + HOPS] = length;
      ints[fromInts + BYTES] = taken;
      ints[fromInts + VIA] = row;
      ints[fromInts + NEXT] = node;
      note(from, isNew);
    }
  }
}

function pathFrom({ view }: Ground, payer: number, payee: number): Path {
  const { floats, ints } = view.space;
  const edges: number[] = [];
  for (let node = payer; node !== payee; node = ints[(node << NODE_INTS) + NEXT] ?? payee)
    edges.push(ints[(node << NODE_INTS) + VIA] ?? 0);
  return { edges, cost: floats[(payer << NODE_FLOATS) + COST] ?? 0 };
}
