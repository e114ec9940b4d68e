import { expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import type { Scid } from '../base/units.ts';
import { applySnapshot } from '../gossip/apply-snapshot.ts';
import { emptyGraph } from '../gossip/graph.ts';
import { Scorer } from '../routing/scorer.ts';
import { routeView } from '../routing/view.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { commandId, envOf, NOW, payChannel, sats, testNode } from './fixtures/pay-world.ts';
import { graphRoutes, type RouteMap } from './graph-routes.ts';
import { newOutgoing, outgoingTransition } from './outgoing-machine.ts';
import { spontaneousRequest } from './send-request.ts';

const [us, hub, one, two, gate, payee, dear] = [1, 2, 3, 4, 5, 6, 7].map((seed) => testNode(seed).id) as [
  NodeId,
  NodeId,
  NodeId,
  NodeId,
  NodeId,
  NodeId,
  NodeId,
];

const FEES: ReadonlyMap<NodeId, number> = new Map([
  [two, 2_000],
  [dear, 5_000],
]);

/** Channels of the map, by their numbers; the fees of `two` are higher than those of `one`, those of `dear` the highest. */
function mapOf(channels: Readonly<Record<number, readonly [NodeId, NodeId]>>): RouteMap {
  const { genesisHash: chainHash } = NETWORKS.regtest;
  const told = Object.entries(channels).map(([scid, ends]) => {
    const [nodeA, nodeB] = ends[0] < ends[1] ? ends : [ends[1], ends[0]];
    return { scid: BigInt(scid), nodeA, nodeB, capacity: 100_000_000n };
  });
  const policies = told.flatMap(({ scid, nodeA, nodeB }) =>
    ([0, 1] as const).map((direction) => ({
      scid,
      direction,
      cltvDelta: 20,
      feeBase: FEES.get([nodeA, nodeB][direction] ?? us) ?? 1_000,
      feeProportionalMillionths: 0,
      htlcMinimum: 1n,
      htlcMaximum: 100_000_000_000n,
    })),
  );
  const snapshot = writeSnapshot({ version: 2, chainHash, at: NOW, channels: told, policies });
  const graph = applySnapshot(emptyGraph(chainHash), snapshot);
  if (!graph.ok) throw new Error(graph.error.code);
  return { view: routeView(graph.value), scorer: new Scorer() };
}

/** The ways that are tried where each comes back with an error that nobody signed. */
function triedOver(map: RouteMap, peers: readonly NodeId[] = [hub]) {
  const env = envOf(testNode(1), {
    channels: peers.map((peer, i) => payChannel(i + 1, peer)),
    findRoutes: graphRoutes(map, () => envOf(testNode(1)).now),
  });
  const request = spontaneousRequest(payee, sats(1_000), new Uint8Array(32).fill(7), {}, env);
  if (!request.ok) throw new Error(request.error.code);
  let { next: state } = outgoingTransition(
    newOutgoing,
    { tag: 'send', id: commandId(1), request: request.value },
    env,
  );
  const tried: (readonly (Scid | null)[])[] = [];
  for (;;) {
    const attempt = state.payment?.attempts[tried.length];
    if (attempt === undefined) return { tried, status: state.payment?.status };
    tried.push(attempt.hops.map(({ scid }) => scid));
    const result = { tag: 'failed', reason: new Uint8Array(292) } as const;
    state = outgoingTransition(state, { tag: 'settled', attempt: attempt.number, result }, env).next;
  }
}

it('an error that nobody signed leaves the payee its only channel: other ways to it are tried, over ours', () => {
  const { tried, status } = triedOver(
    mapOf({ 1: [hub, one], 2: [hub, two], 3: [one, gate], 4: [two, gate], 5: [gate, payee] }),
  );
  expect(tried).toEqual([
    [null, 1n, 3n, 5n],
    [null, 2n, 4n, 5n],
  ]);
  expect(status).toMatchObject({ tag: 'failed', failure: { code: 'unreadable-error' } });
});

it('where another channel leads to the payee, that is tried before', () => {
  const { tried } = triedOver(
    mapOf({
      1: [hub, one],
      2: [hub, two],
      3: [one, gate],
      4: [two, gate],
      5: [gate, payee],
      6: [two, payee],
    }),
  );
  expect(tried).toEqual([
    [null, 2n, 6n],
    [null, 1n, 3n, 5n],
  ]);
});

it('a way with nothing between our peer and the payee is tried once', () => {
  const { tried, status } = triedOver(mapOf({ 1: [hub, payee], 2: [us, one] }));
  expect(tried).toEqual([[null, 1n]]);
  expect(status).toMatchObject({ tag: 'failed' });
});

it.each(['one channel', 'a channel for each way'])(
  'a peer of ours over whom all of them come back so is gone around at the fourth try, where the payee has %s',
  (payeeHas) => {
    const middles = [11, 12, 13, 14, 15].map((seed) => testNode(seed).id);
    const last = payeeHas === 'one channel' ? gate : payee;
    const map = mapOf({
      ...Object.fromEntries(middles.map((middle, i) => [10 + i, [hub, middle] as const])),
      ...Object.fromEntries(middles.map((middle, i) => [20 + i, [middle, last] as const])),
      30: [dear, two],
      31: [two, last],
      40: [gate, payee],
    });
    const { tried } = triedOver(map, [hub, dear]);
    const rest = last === gate ? [40n] : [];
    expect(tried.slice(0, 3).every(([, first]) => first! < 15n)).toBe(true);
    expect(tried[3]).toEqual([null, 30n, 31n, ...rest]);
    // That may not have been to blame: the rest follow.
    expect(tried).toHaveLength(6);
    for (const i of middles.keys())
      expect(tried).toContainEqual([null, BigInt(10 + i), BigInt(20 + i), ...rest]);
  },
);
