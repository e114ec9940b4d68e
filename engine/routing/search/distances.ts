import { learntDoubt } from '../learnt.ts';
import { doubt } from '../liquidity.ts';
import { feeOf, type Goal, type Ground } from './ground.ts';
import { roomOf } from './extra-edges.ts';
import { NodeHeap } from './heap.ts';

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
    const { distance, distanceHeap, distancePlace, sighted } = ground.view.space;
    this.#ground = ground;
    this.#goal = goal;
    this.#round = round;
    this.#heap = new NodeHeap({ heap: distanceHeap, place: distancePlace, cost: distance });
    distance[goal.payer] = 0;
    sighted[goal.payer] = round;
    this.#heap.add(goal.payer);
  }

  /** The next nearest, whose distance is known from now on; −1 when there is none. */
  next(): number {
    if (this.#heap.isEmpty) {
      this.radius = Infinity;
      return -1;
    }
    const node = this.#heap.take();
    const { distance, reached } = this.#ground.view.space;
    this.radius = distance[node] ?? 0;
    reached[node] = this.#round;
    if (node !== this.#goal.payee) this.#spread(node);
    return node;
  }

  #spread(node: number): void {
    const { view, extra, bounds, avoided, refused } = this.#ground;
    const { payer, amount, maxFee, ownChannels, weights } = this.#goal;
    const { outStarts, outRows, outTargets, edge, feeBase, feeProportionalMillionths, cltvDelta } = view;
    const { htlcMinimum, htlcMaximum, capacity, space } = view;
    const { distance, sighted, distancePlace: place, used } = space;
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
      const isKnown = sighted[to] === round;
      if (isKnown && ((place[to] ?? 0) < 0 || (distance[to] ?? 0) <= spent)) continue;
      const row = outRows[at] ?? 0;
      if (amount > (htlcMaximum[row] ?? 0) || most < (htlcMinimum[row] ?? 0)) continue;
      const fee = isPayer ? 0 : feeOf(feeBase[row] ?? 0, feeProportionalMillionths[row] ?? 0, amount);
      const blocks = isPayer ? 0 : (cltvDelta[row] ?? 0);
      let total = spent + fee + blocks * blockPrice;
      if (isKnown && (distance[to] ?? 0) <= total) continue;
      const name = edge[row] ?? 0;
      const room = capacity[row] ?? 0;
      const flow = amount + (used[name] ?? 0);
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
    const { distance, sighted, distancePlace: place } = this.#ground.view.space;
    if (sighted[node] !== this.#round) {
      sighted[node] = this.#round;
      distance[node] = total;
      this.#heap.add(node);
    } else if ((place[node] ?? 0) >= 0 && (distance[node] ?? 0) > total) {
      distance[node] = total;
      this.#heap.lower(node);
    }
  }
}
