import { describe, expect, it } from 'vitest';
import { NETWORKS } from '../base/network.ts';
import type { NodeId } from '../base/ids.ts';
import { blockDelta, msat, timestamp, type Scid } from '../base/units.ts';
import { applySnapshot } from '../gossip/apply-snapshot.ts';
import { emptyGraph, nodeIndexOf, policyAt, type Graph } from '../gossip/graph.ts';
import { relayLayer, lastLayers, LAYERS_ROOM } from '../onion/layers.ts';
import { faultsOf } from '../testkit/route-check.ts';
import { writeSnapshot, type ToldChannel } from '../testkit/snapshot-writer.ts';
import { drawer, madeUpNode, toldNetwork } from '../testkit/told-network.ts';
import { findRoute } from './find-route.ts';
import type { Hint, RouteRequest } from './route.ts';
import { Scorer } from './scorer.ts';
import { routeView } from './view.ts';

const { genesisHash: chainHash } = NETWORKS.regtest;
const NOW = timestamp(1_770_076_800);
/** Of five bytes, as nearly all amounts of payments are, fees included. */
const AMOUNT = msat(5_000_000_000);

/** Channels between nodes by number, free of charge unless said otherwise. */
function networkOf(pairs: readonly (readonly [from: number, to: number, feeBase?: number])[]) {
  const channels = pairs.map(([from, to], i): ToldChannel => {
    return { scid: BigInt(i + 1), nodeA: madeUpNode(from), nodeB: madeUpNode(to), capacity: 2_000_000_000n };
  });
  const policies = pairs.map(([, , feeBase = 0], i) => ({
    scid: BigInt(i + 1),
    direction: 0 as const,
    feeBase,
    feeProportionalMillionths: 0,
    cltvDelta: 10,
    htlcMinimum: 1n,
    htlcMaximum: 2_000_000_000_000n,
  }));
  const bytes = writeSnapshot({ version: 2, chainHash, at: NOW, channels, policies });
  const applied = applySnapshot(emptyGraph(chainHash), bytes);
  if (!applied.ok) throw new Error(applied.error.code);
  return routeView(applied.value);
}

/** Node `from` to node `to`, one channel after the other. */
const chain = (from: number, to: number): readonly (readonly [number, number])[] =>
  Array.from({ length: to - from }, (_, i) => [from + i, from + i + 1]);

const request = (change: Partial<RouteRequest> & Pick<RouteRequest, 'payer' | 'payee'>): RouteRequest => ({
  amountMsat: AMOUNT,
  finalCltvDelta: blockDelta(40),
  maxFeeMsat: msat(5_000_000),
  maxCltvDelta: blockDelta(1_008),
  maxParts: 1,
  now: NOW,
  ...change,
});

/** How many channels the way has; null where none was found. */
function lengthOf(view: ReturnType<typeof networkOf>, asked: RouteRequest): number | null {
  const found = findRoute(view, new Scorer(), asked);
  if (!found.ok) return null;
  expect(faultsOf(view.graph, asked, found.value)).toEqual([]);
  return found.value[0]?.length ?? null;
}

describe('a way that no onion has room for', () => {
  it('hides none that is shorter, however much dearer that is within the limits', () => {
    // 24 channels for nothing, or 20 of which one costs two thousand satoshis.
    const view = networkOf([...chain(0, 24), [3, 8, 2_000_000]]);
    const asked = request({ payer: madeUpNode(0), payee: madeUpNode(24) });
    expect(lengthOf(view, asked)).toBe(20);
    expect(findRoute(view, new Scorer(), { ...asked, maxFeeMsat: msat(1_999_999) })).toEqual({
      ok: false,
      error: { code: 'fee-above-limit', fee: 2_000_000n, limit: 1_999_999n },
    });
  });

  it('is one of more than twenty channels', () => {
    for (const length of [20, 21])
      expect(
        lengthOf(networkOf(chain(0, length)), request({ payer: madeUpNode(0), payee: madeUpNode(length) })),
      ).toBe(length === 20 ? 20 : null);
  });

  it('is one whose layers together have more than 1,300 bytes: with what the payee asks for, to the byte', () => {
    const view = networkOf(chain(0, 9));
    const relays = 8 * relayLayer(Number(AMOUNT));
    const room = LAYERS_ROOM - relays - lastLayers({ before: 0, payload: 0 }, Number(AMOUNT));
    // From 253 bytes on, a length has three bytes in place of one.
    const fits = (payload: number): boolean =>
      lengthOf(
        view,
        request({ payer: madeUpNode(0), payee: madeUpNode(9), layers: { before: 0, payload } }),
      ) !== null;
    expect([room - 2, room - 1].map(fits)).toEqual([true, false]);
    // A thousandth of a satoshi more in one more byte, for nine layers: then nine bytes less are left.
    const larger = request({ payer: madeUpNode(0), payee: madeUpNode(9), amountMsat: msat(2 ** 40) });
    const left = (payload: number) => lengthOf(view, { ...larger, layers: { before: 0, payload } });
    expect([left(room - 2 - 9), left(room - 2 - 8)]).toEqual([9, null]);
    expect(
      lengthOf(view, { ...larger, amountMsat: msat(2 ** 40 - 1), layers: { before: 0, payload: room - 2 } }),
    ).toBe(9);
  });

  it('is one that ends in a blinded path of too many bytes, and not one that ends in a shorter path', () => {
    const view = networkOf(chain(0, 6));
    const [payer, introduction, payee] = [madeUpNode(0), madeUpNode(6), madeUpNode(99)];
    const path = (scid: number, before: number, feeBase: number): Hint => [
      {
        nodeId: introduction,
        scid: BigInt(scid) as Scid,
        feeBase: msat(feeBase),
        feeProportionalMillionths: 0,
        cltvExpiryDelta: blockDelta(30),
        layers: { before, payload: 60 },
      },
    ];
    // Five nodes before the introduction node, which has its layer in the path.
    const room =
      LAYERS_ROOM - 5 * relayLayer(Number(AMOUNT)) - lastLayers({ before: 0, payload: 60 }, Number(AMOUNT));
    const asked = (hints: readonly Hint[]) => request({ payer, payee, hints });
    expect([room, room + 1].map((before) => lengthOf(view, asked([path(50, before, 0)])))).toEqual([7, null]);
    const found = findRoute(view, new Scorer(), asked([path(50, room + 1, 0), path(51, 200, 30_000)]));
    expect(found).toMatchObject({ ok: true });
    expect(found.ok && found.value[0]?.at(-1)?.scid).toBe(51n);
  });
});

/** The fewest channels from one node to another, over which the amount goes; Infinity when there is no way. */
function fewest(graph: Graph, payer: NodeId, payee: NodeId, amount: number): number {
  const { channels } = graph;
  const usable = Array.from({ length: 2 * channels.count }, (_, edge) => edge).flatMap((edge) => {
    const [a = 0, b = 0] = [channels.nodeA[edge >> 1], channels.nodeB[edge >> 1]];
    const policy = policyAt(graph, edge >> 1, edge % 2 === 0 ? 0 : 1);
    const goes = policy?.disabled === false && policy.htlcMinimum <= amount && policy.htlcMaximum >= amount;
    return goes ? [edge % 2 === 0 ? ([a, b] as const) : ([b, a] as const)] : [];
  });
  const end = nodeIndexOf(graph, payee);
  let reached = new Set([nodeIndexOf(graph, payer)]);
  for (let length = 1; length <= 12; length++) {
    const next = new Set(reached);
    for (const [from, to] of usable) if (reached.has(from)) next.add(to);
    reached = next;
    if (reached.has(end)) return length;
  }
  return Infinity;
}

it('whatever room the payee leaves, a way is found whenever one fits', () => {
  let fitting = 0;
  let tooLong = 0;
  for (let seed = 0; seed < 60; seed++) {
    const told = toldNetwork(seed, 14, 0.8);
    // Limits are not what this is about.
    const policies = told.policies.map((policy) => ({ ...policy, htlcMinimum: 1n, htlcMaximum: 9_000_000n }));
    const bytes = writeSnapshot({ version: 2, chainHash, at: NOW, ...told, policies, nodes: [] });
    const applied = applySnapshot(emptyGraph(chainHash), bytes);
    if (!applied.ok) throw new Error(applied.error.code);
    const graph = applied.value;
    const amount = 1_000_000;
    const [payer, payee] = [madeUpNode(0), madeUpNode(13)];
    const least = fewest(graph, payer, payee, amount);
    const channelsThatFit = 1 + Math.floor(drawer(seed)() * 5);
    const payload =
      LAYERS_ROOM -
      (channelsThatFit - 1) * relayLayer(amount) -
      lastLayers({ before: 0, payload: 0 }, amount) -
      2;
    const asked = request({
      payer,
      payee,
      amountMsat: msat(amount),
      maxFeeMsat: msat(10_000_000),
      maxCltvDelta: blockDelta(5_000),
      layers: { before: 0, payload },
    });
    const found = findRoute(routeView(graph), new Scorer(), asked);
    expect(found.ok).toBe(least <= channelsThatFit);
    if (found.ok) expect(faultsOf(graph, asked, found.value)).toEqual([]);
    if (found.ok) fitting++;
    else if (least < Infinity) tooLong++;
  }
  expect(Math.min(fitting, tooLong)).toBeGreaterThan(8);
});
