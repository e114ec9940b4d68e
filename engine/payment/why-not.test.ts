import { describe, expect, it } from 'vitest';
import { NETWORKS } from '../base/network.ts';
import { blockHeight, msat, sat, timestamp, type Msat } from '../base/units.ts';
import { applySnapshot } from '../gossip/apply-snapshot.ts';
import { emptyGraph } from '../gossip/graph.ts';
import { Scorer } from '../routing/scorer.ts';
import { routeView } from '../routing/view.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { payChannel, testNode } from './fixtures/pay-world.ts';
import { graphRoutes } from './graph-routes.ts';
import type { RouteRefusal } from './payment-refusal.ts';
import type { PayChannel, RouteQuery } from './route.ts';
import { whyNot } from './why-not.ts';

const us = testNode(1).id;
const peer = testNode(2).id;
const payee = testNode(3).id;
const other = testNode(4).id;
const { genesisHash: chainHash } = NETWORKS.regtest;

/** peer – payee: from 10,000 msat to 50,000,000 msat for 1,000 msat. */
const applied = applySnapshot(
  emptyGraph(chainHash),
  writeSnapshot({
    version: 2,
    chainHash,
    at: 1_000_000,
    channels: [{ scid: 100n, nodeA: peer, nodeB: payee, capacity: 60_000n }],
    policies: ([0, 1] as const).map((direction) => ({
      scid: 100n,
      direction,
      cltvDelta: 20,
      feeBase: 1_000,
      feeProportionalMillionths: 0,
      htlcMinimum: 10_000n,
      htlcMaximum: 50_000_000n,
    })),
  }),
);
if (!applied.ok) throw new Error(applied.error.code);
const map = { view: routeView(applied.value), scorer: new Scorer() };
const findRoutes = graphRoutes(map, () => timestamp(1_000_000));

function why(
  amount: number,
  channels: readonly PayChannel[],
  change: Partial<RouteQuery> = {},
): RouteRefusal | 'goes' {
  const query: RouteQuery = {
    ourId: us,
    payee,
    amount: msat(amount),
    maxFee: msat(10_000),
    finalCltvExpiry: blockHeight(1_000),
    maxCltvExpiry: blockHeight(3_000),
    routeHints: [],
    maxParts: 10,
    channels,
    avoid: { channels: new Set(), scids: new Set(), nodes: new Set(), amounts: [] },
    inFlight: () => [],
    policies: [],
    ...change,
  };
  const found = findRoutes(query);
  return found.ok ? 'goes' : whyNot(query, found.error, findRoutes);
}
const channel = (seed: number, sendable: number, change: Partial<PayChannel> = {}): PayChannel =>
  payChannel(seed, peer, { sendable: msat(sendable), ...change });
const ofSlots = (slots: number) => ({
  slots,
  each: msat(0),
  spare: msat(0),
  dustBelow: msat(0),
  dustRoom: msat(0),
});
const local = (amount: number): { readonly local: Msat } => ({ local: msat(amount) });

describe('why a payment cannot go', () => {
  it.each<[string, RouteRefusal | 'goes', RouteRefusal | 'goes']>([
    ['it can', why(20_000_000, [channel(1, 30_000_000)]), 'goes'],
    ['there is no channel', why(20_000_000, []), { code: 'no-path', reason: 'no-channel' }],
    [
      'every peer is away',
      why(20_000_000, [channel(1, 0, { isUsable: false, ...local(90_000_000) })]),
      { code: 'no-path', reason: 'peer-offline' },
    ],
    [
      'the money is with a peer that is away',
      why(20_000_000, [
        channel(1, 5_000_000, local(6_000_000)),
        channel(2, 0, { isUsable: false, ...local(40_000_000) }),
      ]),
      { code: 'insufficient-balance', sendable: msat(4_999_000), away: msat(40_000_000) },
    ],
    [
      'our channel carries as many as it may, and other money is with a peer that is away',
      why(20_000_000, [
        channel(1, 0, { ...local(9_000_000), together: ofSlots(0) }),
        channel(2, 0, { isUsable: false, ...local(40_000_000), reserve: sat(5_000) }),
      ]),
      { code: 'insufficient-balance', sendable: msat(0), away: msat(35_000_000) },
    ],
    [
      'it would need more parts than our channel takes, and other money is with a peer that is away',
      why(55_000_000, [
        channel(1, 90_000_000, { ...local(95_000_000), together: ofSlots(1) }),
        channel(2, 0, { isUsable: false, ...local(40_000_000) }),
      ]),
      { code: 'no-path', reason: 'peer-offline' },
    ],
    [
      'it has to arrive whole, and what is with a peer that is away would not do alone',
      why(
        20_000_000,
        [channel(1, 15_000_000, local(15_000_000)), channel(2, 0, { isUsable: false, ...local(15_000_000) })],
        { maxParts: 1 },
      ),
      { code: 'insufficient-balance', sendable: msat(14_999_000) },
    ],
    [
      'the money was in a channel that is closed',
      why(20_000_000, [
        channel(1, 5_000_000, local(6_000_000)),
        channel(2, 0, { isUsable: false, status: 'closed', ...local(40_000_000) }),
      ]),
      { code: 'insufficient-balance', sendable: msat(4_999_000) },
    ],
    [
      'every channel is closed',
      why(20_000_000, [channel(1, 0, { isUsable: false, status: 'closed', ...local(90_000_000) })]),
      { code: 'no-path', reason: 'no-channel' },
    ],
    [
      'the way leads over a peer that is away',
      why(20_000_000, [payChannel(1, other), channel(2, 0, { isUsable: false, ...local(40_000_000) })]),
      { code: 'no-path', reason: 'peer-offline' },
    ],
    [
      'there is not enough',
      why(20_000_000, [channel(1, 5_000_000, local(5_600_000))]),
      { code: 'insufficient-balance', sendable: msat(4_999_000) },
    ],
    [
      'it is enough but for the fee',
      why(20_000_000, [channel(1, 20_000_500, local(20_000_500))]),
      { code: 'insufficient-balance', sendable: msat(19_999_500) },
    ],
    [
      'it is enough but for what has to stay',
      why(20_000_000, [channel(1, 19_000_000, local(24_000_000))]),
      { code: 'insufficient-balance', sendable: msat(18_999_000), kept: msat(5_000_000) },
    ],
    [
      'what is under way is not there to be sent, nor kept',
      why(20_000_000, [
        channel(1, 10_000_000, {
          ...local(24_000_000),
          htlcs: [{ direction: 'outgoing', amount: msat(13_000_000) }],
        }),
      ]),
      { code: 'insufficient-balance', sendable: msat(9_999_000) },
    ],
    [
      'it is too small for our peer',
      why(999, [channel(1, 9_000_000, { remoteHtlcMinimum: msat(1_000) })]),
      { code: 'amount-too-small', minimum: msat(1_000) },
    ],
    [
      'it is too small for a node on the way',
      why(2_000, [channel(1, 9_000_000)]),
      { code: 'amount-too-small', minimum: msat(20_000) },
    ],
    [
      'nothing leads there',
      why(20_000_000, [channel(1, 30_000_000)], { payee: other }),
      { code: 'no-path', reason: 'no-route' },
    ],
    [
      'no way carries so much',
      why(70_000_000, [channel(1, 90_000_000)]),
      { code: 'no-path', reason: 'liquidity' },
    ],
    [
      'it would need more parts than our channel takes',
      why(55_000_000, [channel(1, 90_000_000, { ...local(95_000_000), together: ofSlots(1) })]),
      { code: 'no-path', reason: 'liquidity' },
    ],
    [
      'our channel carries as many as it may',
      why(20_000_000, [channel(1, 0, { ...local(95_000_000), together: ofSlots(0) })]),
      { code: 'no-path', reason: 'channels-full' },
    ],
    [
      'our channel carries as many as it may, and has too little anyway',
      why(20_000_000, [channel(1, 0, { ...local(9_000_000), together: ofSlots(0) })]),
      { code: 'insufficient-balance', sendable: msat(0) },
    ],
    [
      'our channel carries as many as it may, and without its reserve it has too little',
      why(20_000_000, [channel(1, 0, { ...local(24_000_000), reserve: sat(5_000), together: ofSlots(0) })]),
      { code: 'insufficient-balance', sendable: msat(0), kept: msat(5_000_000) },
    ],
    [
      'our peer is away, and with what has to stay in that channel it would not do either',
      why(20_000_000, [
        channel(1, 5_000_000),
        channel(2, 0, { isUsable: false, ...local(18_000_000), reserve: sat(5_000) }),
      ]),
      { code: 'insufficient-balance', sendable: msat(4_999_000) },
    ],
    [
      'it takes as many as it needs',
      why(55_000_000, [channel(1, 90_000_000, { ...local(95_000_000), together: ofSlots(2) })]),
      'goes',
    ],
    [
      'it costs too much',
      why(20_000_000, [channel(1, 30_000_000)], { maxFee: msat(999) }),
      { code: 'fee-above-limit', fee: msat(1_000), limit: msat(999) },
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});
