import { describe, expect, it } from 'vitest';
import { NETWORKS } from '../../base/network.ts';
import { ranOut } from '../../base/slices.ts';
import { blockDelta, msat, timestamp } from '../../base/units.ts';
import { applySnapshot } from '../../gossip/apply-snapshot.ts';
import { emptyGraph, nodeIndexOf, scidAt } from '../../gossip/graph.ts';
import { writeSnapshot } from '../../testkit/snapshot-writer.ts';
import { PLAIN_PAYEE } from '../../onion/layers.ts';
import { drawer, madeUpNode, toldNetwork } from '../../testkit/told-network.ts';
import { successProbability } from '../liquidity.ts';
import { Scorer } from '../scorer.ts';
import { routeView } from '../view.ts';
import { DEFAULT_WEIGHTS } from '../weights.ts';
import { ExtraEdges } from './extra-edges.ts';
import type { Goal, Ground } from './ground.ts';
import { leastCost } from './least-cost.ts';

const { genesisHash: chainHash } = NETWORKS.regtest;
const NOW = timestamp(1_770_076_800);
const NODES = 400;

/** The least that a way costs, by a search that looks at everything. */
function plainSearch({ view, bounds, avoided }: Ground, goal: Goal): number {
  const { hop, hopShare, risk, riskShare, blockShare } = goal.weights;
  const cost = new Float64Array(view.nodeCount).fill(Infinity);
  const amount = new Float64Array(view.nodeCount);
  const open = new Set([goal.payee]);
  const done = new Set<number>();
  cost[goal.payee] = 0;
  amount[goal.payee] = goal.amount;
  for (;;) {
    const node = [...open].reduce((a, b) => (a < 0 || cost[b]! < cost[a]! ? b : a), -1);
    if (node < 0 || node === goal.payer) return cost[goal.payer]!;
    open.delete(node);
    done.add(node);
    const need = amount[node]!;
    for (let row = view.starts[node]!; row < view.starts[node + 1]!; row++) {
      const channel = view.rows.at(row);
      const { source: from, edge: name, capacity: room } = channel;
      const flow = need + view.space.used[row]!;
      if (done.has(from) || avoided?.[name] === 1) continue;
      if (flow > room || need > channel.htlcMaximum || need < channel.htlcMinimum) continue;
      const slot = bounds?.slots[name] ?? 0;
      const low = slot === 0 ? 0 : bounds!.low[slot]!;
      const high = slot === 0 ? room : Math.min(room, bounds!.high[slot]!);
      const chance = Math.max(successProbability(flow, low, high, room), 1e-4);
      const isOwn = from === goal.payer;
      const share = (need * channel.feeProportionalMillionths) / 1_000_000;
      const fee = isOwn ? 0 : channel.feeBase + Math.floor(share);
      const delay = isOwn ? 0 : channel.cltvDelta * need * blockShare;
      const total =
        cost[node]! + hop + need * hopShare - Math.log(chance) * (risk + need * riskShare) + fee + delay;
      if (total >= cost[from]!) continue;
      cost[from] = total;
      amount[from] = need + fee;
      open.add(from);
    }
  }
}

describe('the least cost', () => {
  const { channels, policies } = toldNetwork(4, NODES, 3);
  const applied = applySnapshot(
    emptyGraph(chainHash),
    writeSnapshot({ version: 2, chainHash, at: NOW, channels, policies }),
  );
  if (!applied.ok) throw new Error(applied.error.code);
  const graph = applied.value;
  const view = routeView(graph);

  it.each(['knowing nothing', 'knowing some, around some, with some used'])(
    'is what a search of the whole network finds: %s',
    (how) => {
      const draw = drawer(8);
      const pick = (most: number): number => Math.floor(draw() * most);
      const scorer = new Scorer();
      const avoided = how === 'knowing nothing' ? null : new Uint8Array(2 * graph.channels.count);
      for (let i = 0; i < 300; i++) {
        if (avoided === null) break;
        const channel = pick(graph.channels.count);
        const room = (graph.channels.capacity[channel] ?? 0) * 1000;
        const direction = i % 2 === 0 ? 0 : 1;
        const outcome = i % 3 === 0 ? 'passed' : 'refused';
        scorer.learn({ scid: scidAt(graph, channel), direction, amount: room * draw(), outcome }, room, NOW);
        avoided[2 * pick(graph.channels.count)] = i % 5 === 0 ? 1 : 0;
        view.space.used[pick(view.space.used.length)] = 1_000_000 * pick(100);
      }
      let found = 0;
      for (let i = 0; i < 120; i++) {
        const [a, b] = [madeUpNode(pick(NODES)), madeUpNode(pick(NODES))];
        if (a === b) continue;
        const goal: Goal = {
          payer: nodeIndexOf(graph, a),
          payee: nodeIndexOf(graph, b),
          amount: Math.floor(1_000 * 10 ** (draw() * 6.5)),
          maxFee: 1e15,
          finalCltv: 40,
          maxCltv: 5_000,
          ownChannels: false,
          weights: DEFAULT_WEIGHTS,
        };
        const asked = {
          payer: a,
          payee: b,
          amountMsat: msat(goal.amount),
          finalCltvDelta: blockDelta(40),
          maxFeeMsat: msat(0),
          maxCltvDelta: blockDelta(0),
          maxParts: 1,
          now: NOW,
        };
        const ground: Ground = {
          view,
          extra: new ExtraEdges(view, asked),
          bounds: scorer.boundsFor(view, NOW),
          avoided,
          refused: new Map(),
          avoidedNodes: null,
          layers: PLAIN_PAYEE,
          limits: { hit: false, long: false },
        };
        const cheapest = plainSearch(ground, goal);
        const path = ranOut(leastCost(ground, goal));
        expect(path !== null).toBe(cheapest < Infinity);
        if (path === null) continue;
        found++;
        // Of two ways to a node that cost the same to a hair, each search may keep another.
        expect(path.cost).toBeLessThanOrEqual(cheapest * 1.001);
      }
      view.space.used.fill(0);
      expect(found).toBeGreaterThan(50);
    },
  );
});
