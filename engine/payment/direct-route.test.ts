import { describe, expect, it } from 'vitest';
import { nodeId } from '../base/ids.ts';
import { blockDelta, blockHeight, msat } from '../base/units.ts';
import type { HintHop } from '../invoice/bolt11.ts';
import { findDirectRoutes } from './direct-route.ts';
import { payChannel, scidOf, testNode } from './fixtures/pay-world.ts';
import { feeOfRoute, type RouteQuery } from './route.ts';

const us = testNode(1).id;
const a = testNode(2).id;
const b = testNode(3).id;
const c = testNode(4).id;
const payee = testNode(5).id;

const hint = (node: typeof a, scid: number, feeBase = 1000, change: Partial<HintHop> = {}): HintHop => ({
  nodeId: node,
  scid: scidOf(scid),
  feeBase: msat(feeBase),
  feeProportionalMillionths: 0,
  cltvExpiryDelta: blockDelta(10),
  ...change,
});
const query = (change: Partial<RouteQuery> = {}): RouteQuery => ({
  ourId: us,
  payee,
  amount: msat(100_000),
  maxFee: msat(10_000),
  finalCltvExpiry: blockHeight(1000),
  maxCltvExpiry: blockHeight(3000),
  routeHints: [],
  maxParts: 1,
  inFlight: () => [],
  policies: [],
  channels: [payChannel(1, a), payChannel(2, b)],
  avoid: { channels: new Set(), scids: new Set(), nodes: new Set(), amounts: [] },
  ...change,
});
const only = (change: Partial<RouteQuery>) => {
  const found = findDirectRoutes(query(change));
  if (!found.ok) throw new Error(JSON.stringify(found.error, (_, value: unknown) => String(value)));
  const [route] = found.value;
  if (route === undefined || found.value.length !== 1) throw new Error('not one route');
  return route;
};

describe('findDirectRoutes', () => {
  it('goes straight to a peer', () => {
    expect(only({ payee: b })).toEqual({
      channelId: payChannel(2, b).channelId,
      hops: [{ nodeId: b, scid: null, amount: 100_000n, cltvExpiry: 1000 }],
    });
  });

  it('adds fees and deltas backwards along a hint of several hops', () => {
    const tail = [
      hint(a, 1, 1000, { feeProportionalMillionths: 10_000 }),
      hint(c, 2, 500, { cltvExpiryDelta: blockDelta(7) }),
    ];
    expect(only({ routeHints: [tail] }).hops).toEqual([
      { nodeId: a, scid: null, amount: 102_505n, cltvExpiry: 1017 },
      { nodeId: c, scid: 1n, amount: 100_500n, cltvExpiry: 1007 },
      { nodeId: payee, scid: 2n, amount: 100_000n, cltvExpiry: 1000 },
    ]);
  });

  it('joins a hint where a peer of ours stands in it', () => {
    expect(only({ routeHints: [[hint(c, 1), hint(b, 2)]] }).hops.map((hop) => hop.nodeId)).toEqual([
      b,
      payee,
    ]);
  });

  it('does not go through ourselves or the payee', () => {
    const found = findDirectRoutes(
      query({
        routeHints: [
          [hint(a, 1), hint(us, 2)],
          [hint(b, 3), hint(payee, 4)],
        ],
      }),
    );
    expect(found).toEqual({ ok: false, error: { code: 'no-path', reason: 'no-route' } });
    expect(only({ routeHints: [[hint(us, 1), hint(a, 2)]] }).hops.map((hop) => hop.nodeId)).toEqual([
      a,
      payee,
    ]);
  });

  it('takes the cheapest way, then the channel with the most room', () => {
    const routeHints = [[hint(a, 1, 2000)], [hint(b, 2, 1000)]];
    const channels = [
      payChannel(1, a),
      payChannel(2, b),
      payChannel(3, b, { sendable: msat(2_000_000_000) }),
    ];
    const best = only({ routeHints, channels });
    expect(best.channelId).toBe(payChannel(3, b).channelId);
    expect(feeOfRoute(best)).toBe(1000n);
    expect(only({ routeHints, channels: [payChannel(1, a)] }).hops[0].nodeId).toBe(a);
  });

  it('skips what it is to avoid', () => {
    const routeHints = [[hint(a, 1, 2000)], [hint(b, 2, 1000)]];
    const none = {
      channels: new Set<never>(),
      scids: new Set<never>(),
      nodes: new Set<never>(),
      amounts: [],
    };
    expect(only({ routeHints, avoid: { ...none, scids: new Set([scidOf(2)]) } }).hops[0].nodeId).toBe(a);
    expect(only({ routeHints, avoid: { ...none, nodes: new Set([b]) } }).hops[0].nodeId).toBe(a);
    expect(
      only({ routeHints, avoid: { ...none, channels: new Set([payChannel(2, b).channelId]) } }).hops[0]
        .nodeId,
    ).toBe(a);
    expect(findDirectRoutes(query({ payee: b, avoid: { ...none, nodes: new Set([b]) } })).ok).toBe(false);
  });

  it('passes over a key that is no point, and over a way that holds money too long or costs too much', () => {
    const noPoint = nodeId(`02${'0'.repeat(63)}5`);
    const refused = { ok: false, error: { code: 'no-path', reason: 'no-route' } };
    expect(findDirectRoutes(query({ routeHints: [[hint(a, 1), hint(noPoint, 2)]] }))).toEqual(refused);
    expect(
      findDirectRoutes(query({ routeHints: [[hint(a, 1, 0, { cltvExpiryDelta: blockDelta(2001) })]] })),
    ).toEqual(refused);
    const dear = hint(a, 1, 0xffff_ffff, { feeProportionalMillionths: 0xffff_ffff });
    expect(findDirectRoutes(query({ routeHints: [Array.from({ length: 12 }, () => dear)] }))).toMatchObject({
      error: { code: expect.stringMatching(/no-path|fee-above-limit/) as string },
    });
  });

  it('says how much could be sent', () => {
    const channels = [
      payChannel(1, a, { sendable: msat(50_000) }),
      payChannel(2, a, { sendable: msat(100_999) }),
    ];
    expect(findDirectRoutes(query({ routeHints: [[hint(a, 1)]], channels }))).toEqual({
      ok: false,
      error: { code: 'insufficient-balance', sendable: 99_999n },
    });
    expect(
      findDirectRoutes(query({ payee: a, channels: [payChannel(1, a, { sendable: msat(0) })] })),
    ).toEqual({
      ok: false,
      error: { code: 'insufficient-balance', sendable: 0n },
    });
  });
});
