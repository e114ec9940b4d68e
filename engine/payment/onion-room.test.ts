import { describe, expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { paymentHash } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import { blockDelta, blockHeight, msat, timestamp } from '../base/units.ts';
import { blindForPayment, type BlindedTail } from '../onion/blinded-tail.ts';
import { applySnapshot } from '../gossip/apply-snapshot.ts';
import { emptyGraph } from '../gossip/graph.ts';
import { Scorer } from '../routing/scorer.ts';
import { routeView } from '../routing/view.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { htlcOf, type Onward } from './attempt.ts';
import { payeeOf } from './blinded-way.ts';
import { findDirectRoutes } from './direct-route.ts';
import { envOf, HEIGHT, NOW, payChannel, recipientOf, scidOf, testNode } from './fixtures/pay-world.ts';
import { graphRoutes } from './graph-routes.ts';
import { firstRoutes } from './plan.ts';
import type { FindRoutes } from './route.ts';

const [us, peer, relay, payee] = [1, 2, 3, 4].map(testNode) as [
  ReturnType<typeof testNode>,
  ReturnType<typeof testNode>,
  ReturnType<typeof testNode>,
  ReturnType<typeof testNode>,
];
const AMOUNT = msat(1_000_000);
const { genesisHash: chainHash } = NETWORKS.regtest;

/** A map with one channel, from our peer to the relay: in both ways free of charge. */
function map() {
  const bytes = writeSnapshot({
    version: 2,
    chainHash,
    at: NOW,
    channels: [{ scid: 7n, nodeA: peer.id, nodeB: relay.id, capacity: 1_000_000n }],
    policies: ([0, 1] as const).map((direction) => ({
      scid: 7n,
      direction,
      feeBase: 0,
      feeProportionalMillionths: 0,
      cltvDelta: 20,
      htlcMinimum: 1n,
      htlcMaximum: 1_000_000_000n,
    })),
  });
  const graph = applySnapshot(emptyGraph(chainHash), bytes);
  if (!graph.ok) throw new Error(graph.error.code);
  return graphRoutes({ view: routeView(graph.value), scorer: new Scorer() }, () => timestamp(NOW));
}

const hint = (nodeId: typeof peer.id) => ({
  nodeId,
  scid: scidOf(nodeId === peer.id ? 7 : 8),
  feeBase: msat(1_000),
  feeProportionalMillionths: 0,
  cltvExpiryDelta: blockDelta(20),
});

type Asked = Onward & { readonly maxFee: typeof AMOUNT };
const asked = (recipient: Partial<Onward['recipient']>): Asked => ({
  id: '11'.repeat(32) as Onward['id'],
  paymentHash: paymentHash('11'.repeat(32)),
  amount: AMOUNT,
  maxFee: msat(100_000),
  recipient: recipientOf(payee.id, recipient),
});

/** What is planned, and whether the onion of it can be made. */
function planned(payment: Asked, findRoutes: FindRoutes): 'refused' | 'fits' | 'too long' {
  const env = envOf(us, { channels: [payChannel(1, peer.id)], findRoutes });
  const routes = firstRoutes({ ...payment, attempts: [] }, env);
  if (!routes.ok) return 'refused';
  const made = routes.value.map(({ hops }) =>
    htlcOf(payment, { hops, sessionKey: testNode(9).secret, number: 0 }),
  );
  return made.every(({ ok }) => ok) ? 'fits' : 'too long';
}

/** Up to `most` bytes of it there is a way, whose onion can be made, and beyond there is none. */
function expectBorder(of: (size: number) => Asked, findRoutes: FindRoutes, most: number): void {
  const sizes = [1, most - 1, most, most + 1, most + 40];
  expect(sizes.map((size) => planned(of(size), findRoutes))).toEqual([
    'fits',
    'fits',
    'fits',
    'refused',
    'refused',
  ]);
}

describe('what the payee asks for leaves room for fewer nodes, to the byte', () => {
  const withMetadata =
    (hints: readonly (typeof peer.id)[]) =>
    (size: number): Asked =>
      asked({ paymentMetadata: new Uint8Array(size), routeHints: [hints.map(hint)] });
  const keysend = (size: number): Asked =>
    asked({ keysendPreimage: us.secret, paymentMetadata: new Uint8Array(size) });

  it.each([
    ['along a hint, without a map', withMetadata([peer.id]), findDirectRoutes, 1],
    ['along a longer one', withMetadata([peer.id, relay.id]), findDirectRoutes, 2],
    ['over the map, then along a hint', withMetadata([relay.id]), map(), 2],
  ])('metadata %s', (_name, of, findRoutes, relays) => {
    // A relay: 33 around it, 5 for the amount, 5 for the expiry, 10 for the channel. The payee: 35 around it, 10 for
    // amount and expiry, 37 for the secret and the total, 4 for type and length of the metadata.
    expectBorder(of, findRoutes, 1300 - relays * 53 - (35 + 10 + 37 + 4));
  });

  it('with a preimage in the onion', () => {
    const hops = (size: number) => ({
      ...keysend(size),
      recipient: { ...keysend(size).recipient, routeHints: [[hint(peer.id)]] },
    });
    // 32 bytes, behind a type of nine and a length of one.
    expectBorder(hops, findDirectRoutes, 1300 - 53 - (35 + 10 + 37 + 4) - 42);
  });

  it('along blinded paths: each byte that they hide from us is counted', () => {
    const path = (size: number): BlindedTail =>
      blindForPayment(
        new Uint8Array(32).fill(3),
        [
          {
            nodeId: fromHex(peer.id),
            scid: scidOf(50),
            policy: { ...hint(peer.id), htlcMinimum: msat(1) },
            htlcMaximum: msat(10_000_000),
          },
        ],
        { nodeId: fromHex(payee.id), pathId: new Uint8Array(size), minFinalCltvExpiryDelta: blockDelta(18) },
        blockHeight(HEIGHT + 1_000),
      );
    const of = (size: number): Asked =>
      asked({
        nodeId: payeeOf(path(size)),
        paymentSecret: null,
        minFinalCltvExpiryDelta: blockDelta(0),
        blindedTails: [path(size)],
      });
    // Of 1,300: 70 around both layers, 8 before the data of each, 35 of the path key, 15 of the payee's amount, expiry and
    // total; the rest is the data of both, padded to 586 each: 30 of it are not of the payee's own bytes.
    for (const findRoutes of [findDirectRoutes, map()]) expectBorder(of, findRoutes, 586 - 30);
  });
});
