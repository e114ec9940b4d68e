import { describe, expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { NETWORKS } from '../base/network.ts';
import { blockDelta, blockHeight, msat, timestamp } from '../base/units.ts';
import { isPoint } from '../crypto/secp256k1.ts';
import { applySnapshot } from '../gossip/apply-snapshot.ts';
import { emptyGraph } from '../gossip/graph.ts';
import { Scorer } from '../routing/scorer.ts';
import { teach } from '../routing/teach.ts';
import { routeView } from '../routing/view.ts';
import { writeSnapshot, type ToldChannel, type ToldPolicy } from '../testkit/snapshot-writer.ts';
import { madeUpNode } from '../testkit/told-network.ts';
import { findDirectRoutes } from './direct-route.ts';
import { payChannel, scidOf, testNode } from './fixtures/pay-world.ts';
import { graphRoutes } from './graph-routes.ts';
import { feeOfRoute, type Route, type RouteQuery } from './route.ts';

const us = testNode(1).id;
const a = testNode(2).id;
const b = testNode(3).id;
const c = testNode(4).id;
const payee = testNode(5).id;
// Half of all numbers are the x of a point.
const noPoint = Array.from({ length: 40 }, (_, i) => madeUpNode(i)).find((id) => !isPoint(fromHex(id)))!;

const { genesisHash: chainHash } = NETWORKS.regtest;

/** Pairs of nodes with a channel that takes 1,000 msat, 20 blocks and up to 10,000,000 msat, both ways. */
function mapOf(...pairs: readonly (readonly [typeof a, typeof a])[]) {
  const channels: ToldChannel[] = pairs.map(([nodeA, nodeB], i) => ({
    scid: BigInt(100 + i),
    nodeA,
    nodeB,
    capacity: 1_000_000n,
  }));
  const policies = channels.flatMap(({ scid }): readonly ToldPolicy[] =>
    ([0, 1] as const).map((direction) => ({
      scid,
      direction,
      cltvDelta: 20,
      feeBase: 1_000,
      feeProportionalMillionths: 0,
      htlcMinimum: 1n,
      htlcMaximum: 10_000_000n,
    })),
  );
  const graph = applySnapshot(
    emptyGraph(chainHash),
    writeSnapshot({ version: 2, chainHash, at: 1_000_000, channels, policies }),
  );
  if (!graph.ok) throw new Error(graph.error.code);
  return { view: routeView(graph.value), scorer: new Scorer() };
}

const query = (change: Partial<RouteQuery> = {}): RouteQuery => ({
  ourId: us,
  payee,
  amount: msat(100_000),
  maxFee: msat(10_000),
  finalCltvExpiry: blockHeight(1_000),
  maxCltvExpiry: blockHeight(3_000),
  routeHints: [],
  maxParts: 1,
  inFlight: () => [],
  policies: [],
  channels: [payChannel(1, a), payChannel(2, b)],
  avoid: { channels: new Set(), scids: new Set(), nodes: new Set(), amounts: [] },
  ...change,
});
const now = () => timestamp(1_000_000);

function found(map: ReturnType<typeof mapOf>, change: Partial<RouteQuery> = {}): readonly Route[] {
  const routes = graphRoutes(map, now)(query(change));
  if (!routes.ok) throw new Error(JSON.stringify(routes.error, (_, value: unknown) => String(value)));
  return routes.value;
}

describe('ways over the map', () => {
  it('lead from our channel on, with fees and delays of each node', () => {
    expect(found(mapOf([a, c], [c, payee]))).toEqual([
      {
        channelId: payChannel(1, a).channelId,
        hops: [
          { nodeId: a, scid: null, amount: 102_000n, cltvExpiry: 1_040 },
          { nodeId: c, scid: 100n, amount: 101_000n, cltvExpiry: 1_020 },
          { nodeId: payee, scid: 101n, amount: 100_000n, cltvExpiry: 1_000 },
        ],
      },
    ]);
  });

  it('go straight to a peer, which the map need not know', () => {
    expect(found(mapOf([c, payee]), { payee: b })).toEqual([
      {
        channelId: payChannel(2, b).channelId,
        hops: [{ nodeId: b, scid: null, amount: 100_000n, cltvExpiry: 1_000 }],
      },
    ]);
  });

  it('lead over the map to where blinded paths begin, as much along each as it lets through', () => {
    const path = (nodeId: typeof c, seed: number, htlcMaximum: number) => [
      {
        nodeId,
        scid: scidOf(seed),
        feeBase: msat(500),
        feeProportionalMillionths: 0,
        cltvExpiryDelta: blockDelta(90),
        htlcMinimum: msat(10_000),
        htlcMaximum: msat(htlcMaximum),
      },
    ];
    const hidden = testNode(6).id;
    const map = mapOf([a, c], [b, c], [a, payee]);
    const asked = { payee: hidden, routeHints: [path(c, 7, 70_000), path(payee, 8, 60_000)], maxParts: 3 };
    const parts = found(map, asked);
    expect(new Set(parts.map(({ hops }) => hops.at(-1)?.scid))).toEqual(new Set([7n, 8n]));
    for (const { hops } of parts) {
      const [introduction, last] = hops.slice(-2);
      expect(introduction?.amount).toBe((last?.amount ?? 0n) + 500n);
      expect(introduction?.cltvExpiry).toBe(1_090);
      expect(last?.amount).toBeLessThanOrEqual(last?.scid === 7n ? 70_000n : 60_000n);
    }
    expect(graphRoutes(map, now)(query({ ...asked, maxParts: 1 })).ok).toBe(false);
    expect(graphRoutes(map, now)(query({ ...asked, amount: msat(9_999) })).ok).toBe(false);
    expect(graphRoutes(map, now)(query({ ...asked, amount: msat(130_001) })).ok).toBe(false);
  });

  it('lead over the map to a hint', () => {
    const hint = [
      {
        nodeId: c,
        scid: scidOf(7),
        feeBase: msat(500),
        feeProportionalMillionths: 0,
        cltvExpiryDelta: blockDelta(9),
      },
    ];
    const [route] = found(mapOf([b, c]), { routeHints: [hint] });
    expect(route!.channelId).toBe(payChannel(2, b).channelId);
    expect(route!.hops.map(({ nodeId }) => nodeId)).toEqual([b, c, payee]);
    expect(route!.hops.map(({ cltvExpiry }) => cltvExpiry)).toEqual([1_029, 1_009, 1_000]);
    expect(feeOfRoute(route!)).toBe(1_500n);
  });

  it('are several, over several channels of ours, only where the payee takes parts', () => {
    const map = mapOf([a, payee], [b, payee]);
    const channels = [1, 2].map((number) =>
      payChannel(number, number === 1 ? a : b, { sendable: msat(60_000) }),
    );
    const parts = found(map, { maxParts: 10, channels });
    expect(parts.map(({ channelId }) => channelId).toSorted()).toEqual(
      channels.map((one) => one.channelId).toSorted(),
    );
    expect(parts.reduce((sum, { hops }) => sum + hops.at(-1)!.amount, 0n)).toBe(100_000n);
    expect(graphRoutes(map, now)(query({ channels })).ok).toBe(false);
  });

  it('go around channels and nodes that failed, and ids that are no keys', () => {
    const map = mapOf([a, noPoint], [noPoint, payee], [a, c], [c, payee], [b, payee]);
    const nodesOf = (change: Partial<RouteQuery>) => found(map, change)[0]!.hops.map(({ nodeId }) => nodeId);
    expect(nodesOf({})).toEqual([b, payee]);
    const none = query().avoid;
    expect(nodesOf({ avoid: { ...none, channels: new Set([payChannel(2, b).channelId]) } })).toEqual([
      a,
      c,
      payee,
    ]);
    expect(nodesOf({ avoid: { ...none, nodes: new Set([b]) } })).toEqual([a, c, payee]);
    expect(nodesOf({ avoid: { ...none, scids: new Set([scidOf(104)]) } })).toEqual([a, c, payee]);
  });
});

describe('refusals', () => {
  it('of one who cannot be reached are those of our own channels', () => {
    for (const change of [{}, { channels: [] }, { channels: [payChannel(1, a, { isUsable: false })] }]) {
      const asked = query(change);
      expect(graphRoutes(mapOf([c, b]), now)(asked)).toEqual(findDirectRoutes(asked));
    }
  });

  it('tell a fee above the limit', () => {
    expect(graphRoutes(mapOf([a, payee]), now)(query({ maxFee: msat(999) }))).toEqual({
      ok: false,
      error: { code: 'fee-above-limit', fee: 1_000n, limit: 999n },
    });
  });

  it('keep to the longest that money may be held', () => {
    expect(graphRoutes(mapOf([a, payee]), now)(query({ maxCltvExpiry: blockHeight(1_019) })).ok).toBe(false);
    expect(graphRoutes(mapOf([a, payee]), now)(query({ maxCltvExpiry: blockHeight(1_020) })).ok).toBe(true);
  });
});

describe('what attempts teach', () => {
  const learnt = (outcome: 'refused' | 'kept', amount: number) =>
    ({ tag: 'channel', scid: scidOf(101), from: c, to: payee, amount: msat(amount), outcome }) as const;
  const overC = (routes: readonly Route[]) => routes.flatMap(({ hops }) => hops.map(({ scid }) => scid));

  it('the next payment knows', () => {
    const map = mapOf([a, c], [c, payee], [b, c], [b, payee]);
    const all = {
      channels: [payChannel(1, a), payChannel(2, b)],
      amount: msat(9_000_000),
      maxFee: msat(1e6),
    };
    expect(overC(found(map, { ...all, channels: [payChannel(1, a)] }))).toContain(101n);
    teach(map.scorer, map.view, [learnt('refused', 5_000_000)], now());
    expect(overC(found(map, all))).not.toContain(101n);
  });

  it('only of channels that the map has, between the nodes that it names', () => {
    const map = mapOf([a, c], [c, payee]);
    teach(map.scorer, map.view, [{ ...learnt('refused', 5), scid: scidOf(9) }], now());
    teach(map.scorer, map.view, [{ ...learnt('refused', 5), from: a }], now());
    expect(map.scorer.size).toBe(0);
    teach(map.scorer, map.view, [learnt('kept', 5)], now());
    expect(map.scorer.size).toBe(1);
  });

  it('a retry pays what the node said that it asks for, over the map and along a hint', () => {
    const policy = {
      scid: scidOf(101),
      from: c,
      to: payee,
      feeBase: msat(5_000),
      feeProportionalMillionths: 0,
      cltvDelta: blockDelta(50),
      htlcMinimum: msat(1),
      htlcMaximum: msat(10_000_000),
    };
    const [route] = found(mapOf([a, c], [c, payee]), { policies: [policy] });
    expect(route?.hops[0]).toMatchObject({ amount: 106_000n, cltvExpiry: 1_070 });
    const hint = {
      nodeId: a,
      scid: scidOf(7),
      feeBase: msat(1),
      feeProportionalMillionths: 0,
      cltvExpiryDelta: blockDelta(5),
    };
    const told = { ...policy, scid: scidOf(7), from: a };
    for (const map of [null, mapOf([b, c])]) {
      const routes = graphRoutes(map, now)(query({ routeHints: [[hint]], policies: [told] }));
      expect(routes).toMatchObject({ value: [{ hops: [{ amount: 105_000n, cltvExpiry: 1_050 }, {}] }] });
    }
  });

  it('splits over several channels to the payee without any map', () => {
    const channels = [
      payChannel(1, payee, { sendable: msat(588_000_000) }),
      payChannel(2, payee, { sendable: msat(390_000_000) }),
    ];
    const found = graphRoutes(null, now)(query({ channels, amount: msat(879_000_000), maxParts: 10 }));
    if (!found.ok) throw new Error(found.error.code);
    const sent = found.value.reduce((sum, { hops }) => sum + hops[0].amount, 0n);
    expect([found.value.length, sent]).toEqual([2, 879_000_000n]);
  });
});
