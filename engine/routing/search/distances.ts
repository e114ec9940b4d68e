import { learntDoubt } from '../learnt.ts';
import { doubt } from '../liquidity.ts';
import { feeOf, type Goal, type Ground } from './ground.ts';
import { roomOf } from './extra-edges.ts';
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
} from '../rows.ts';
import { NodeHeap } from './heap.ts';
import { DISTANCE, DISTANCE_PLACE, NODE_FLOATS, NODE_INTS, REACHED, SIGHTED } from './space.ts';

/**
 * The least that a way from the payer to each node costs, nearest first, one node a step: what every channel costs at
 * least, which is what it costs for the amount that is to arrive, since nothing on the way carries less.
 */
export class Distances {
  /** All that is nearer is known; what is not known is as far at least. Infinity: the rest cannot be reached. */
  radius = 0;
  /** Rows looked at. */
  work = 0;
  readonly #ground: Ground;
  readonly #goal: Goal;
  readonly #round: number;
  readonly #heap: NodeHeap;

  constructor(ground: Ground, goal: Goal, round: number) {
    const { space } = ground.view;
    this.#ground = ground;
    this.#goal = goal;
    this.#round = round;
    this.#heap = new NodeHeap(space.distances, space, DISTANCE_PLACE);
    space.floats[(goal.payer << NODE_FLOATS) + DISTANCE] = 0;
    space.ints[(goal.payer << NODE_INTS) + SIGHTED] = round;
    this.#heap.add(goal.payer, 0);
  }

  /** The next nearest, whose distance is known from now on; −1 when there is none. */
  next(): number {
    if (this.#heap.isEmpty) {
      this.radius = Infinity;
      return -1;
    }
    const node = this.#heap.take();
    const { floats, ints } = this.#ground.view.space;
    this.radius = floats[(node << NODE_FLOATS) + DISTANCE] ?? 0;
    ints[(node << NODE_INTS) + REACHED] = this.#round;
    if (node !== this.#goal.payee) this.#spread(node);
    return node;
  }

  #spread(node: number): void {
    const { view, extra, bounds, avoided, refused } = this.#ground;
    const { payer, amount, maxFee, ownChannels, weights } = this.#goal;
    const { outStarts, outRows, outTargets, space } = view;
    const { floats: rowFloats, ints: rowInts } = view.rows;
    const { floats, ints, used } = space;
    const round = this.#round;
    const { hop, hopShare, risk, riskShare, blockShare } = weights;
    const spent = this.radius + hop + amount * hopShare;
    const price = risk + amount * riskShare;
    const blockPrice = amount * blockShare;
    const most = amount + maxFee;
    const isPayer = node === payer;

    for (const index of extra.outOf(node) ?? []) {
      const channel = extra.edges[index];
      if (channel === undefined || amount > roomOf(channel)) continue;
      const fee = channel.isOwn ? 0 : feeOf(channel.feeBase, channel.feeProportionalMillionths, amount);
      const further = (channel.length - 1) * (hop + amount * hopShare);
      this.#sight(channel.target, spent + further + fee + channel.cltvDelta * blockPrice);
    }
    if (node >= view.nodeCount || (isPayer && ownChannels)) return;
    const end = outStarts[node + 1] ?? 0;
    const start = outStarts[node] ?? 0;
    this.work += end - start;
    for (let at = start; at < end; at++) {
      const to = outTargets[at] ?? 0;
      const toFloats = to << NODE_FLOATS;
      const toInts = to << NODE_INTS;
      const isKnown = ints[toInts + SIGHTED] === round;
      if (
        isKnown &&
        ((ints[toInts + DISTANCE_PLACE] ?? 0) < 0 || (floats[toFloats + DISTANCE] ?? 0) <= spent)
      )
        continue;
      const row = outRows[at] ?? 0;
      const f = row * ROW_FLOATS;
      const n = row * ROW_INTS;
      if (amount > (rowFloats[f + HTLC_MAXIMUM] ?? 0) || most < (rowFloats[f + HTLC_MINIMUM] ?? 0)) continue;
      const fee = isPayer ? 0 : feeOf(rowInts[n + FEE_BASE] ?? 0, rowInts[n + FEE_PROPORTIONAL] ?? 0, amount);
      const blocks = isPayer ? 0 : (rowInts[n + CLTV_DELTA] ?? 0);
      let total = spent + fee + blocks * blockPrice;
      if (isKnown && (floats[toFloats + DISTANCE] ?? 0) <= total) continue;
      const name = rowInts[n + EDGE] ?? 0;
      const room = rowFloats[f + CAPACITY] ?? 0;
      const flow = amount + (used[row] ?? 0);
      if (flow > room) continue;
      const bar = avoided === null ? 0 : avoided[name];
      if (bar === 1 || (bar === 2 && flow >= (refused.get(name) ?? 0))) continue;
      const slot = bounds === null ? 0 : (bounds.slots[name] ?? 0);
      total +=
        slot === 0 || bounds === null
          ? price * doubt(flow, 0, room, room)
          : price * learntDoubt(bounds, slot, flow, room);
      this.#sight(to, total);
    }
  }

  #sight(node: number, total: number): void {
    const { floats, ints } = this.#ground.view.space;
    const f = node << NODE_FLOATS;
    const n = node << NODE_INTS;
    if (ints[n + SIGHTED] !== this.#round) {
      ints[n + SIGHTED] = this.#round;
      floats[f + DISTANCE] = total;
      this.#heap.add(node, total);
    } else if ((ints[n + DISTANCE_PLACE] ?? 0) >= 0 && (floats[f + DISTANCE] ?? 0) > total) {
      floats[f + DISTANCE] = total;
      this.#heap.lower(node, total);
    }
  }
}
