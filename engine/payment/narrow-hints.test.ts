import { expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { NETWORKS } from '../base/network.ts';
import { blockDelta, msat } from '../base/units.ts';
import { encodeFailure } from '../onion/failure.ts';
import { buildFailure, wrapFailure } from '../onion/failure-onion.ts';
import { session } from '../onion/session.ts';
import { applySnapshot } from '../gossip/apply-snapshot.ts';
import { emptyGraph } from '../gossip/graph.ts';
import { Scorer } from '../routing/scorer.ts';
import { routeView } from '../routing/view.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import {
  commandId,
  envOf,
  NOW,
  payChannel,
  recipientOf,
  sats,
  scidOf,
  testNode,
} from './fixtures/pay-world.ts';
import { graphRoutes, type RouteMap } from './graph-routes.ts';
import { newOutgoing, outgoingTransition, type OutgoingEvent } from './outgoing-machine.ts';
import type { Attempt } from './outgoing.ts';
import { spontaneousRequest } from './send-request.ts';

const us = testNode(1);
const payee = testNode(3);
const providers = [testNode(4), testNode(5), testNode(6)];

/** The map knows the providers, and a hub between us and them; of the payee's channels it knows none. */
function mapOfProviders(): RouteMap {
  const hub = testNode(2);
  const { genesisHash: chainHash } = NETWORKS.regtest;
  const channels = providers.map(({ id }, i) => {
    const [nodeA, nodeB] = hub.id < id ? [hub.id, id] : [id, hub.id];
    return { scid: BigInt(100 + i), nodeA, nodeB, capacity: 100_000_000n };
  });
  const policies = channels.flatMap(({ scid }) =>
    ([0, 1] as const).map((direction) => ({
      scid,
      direction,
      cltvDelta: 20,
      feeBase: 0,
      feeProportionalMillionths: 0,
      htlcMinimum: 1n,
      htlcMaximum: 100_000_000_000n,
    })),
  );
  const told = writeSnapshot({ version: 2, chainHash, at: NOW, channels, policies });
  const graph = applySnapshot(emptyGraph(chainHash), told);
  if (!graph.ok) throw new Error(graph.error.code);
  return { view: routeView(graph.value), scorer: new Scorer() };
}

/**
 * Pays along one hint for each of `rooms`, in thousands of satoshis: what the payee's channel can carry, which nobody
 * but its provider knows. A provider refuses what is more; what is not is held by the payee.
 */
function paid(amount: number, rooms: readonly number[], map: RouteMap | null) {
  const asked = spontaneousRequest(payee.id, sats(1_000 * amount), new Uint8Array(32).fill(7), {}, envOf(us));
  if (!asked.ok) throw new Error(asked.error.code);
  const routeHints = rooms.map((_, i) => [
    {
      nodeId: providers[i]!.id,
      scid: scidOf(7 + i),
      feeBase: msat(1_000),
      feeProportionalMillionths: 100,
      cltvExpiryDelta: blockDelta(34),
    },
  ]);
  const firsts = map === null ? providers.slice(0, rooms.length) : [testNode(2)];
  const channels = firsts.map(({ id }, i) => payChannel(1 + i, id));
  const env = envOf(us, { channels, findRoutes: graphRoutes(map, () => envOf(us).now) });
  const left = rooms.map((room) => sats(1_000 * room) as bigint);
  const queue: Attempt[] = [];
  let state = newOutgoing;
  let refused = 0;
  const on = (event: OutgoingEvent): void => {
    const known = state.payment?.attempts.length ?? 0;
    state = outgoingTransition(state, event, env).next;
    queue.push(...(state.payment?.attempts.slice(known) ?? []));
  };
  on({
    tag: 'send',
    id: commandId(1),
    request: { ...asked.value, recipient: recipientOf(payee.id, { routeHints }) },
  });
  for (let attempt = queue.shift(); attempt !== undefined; attempt = queue.shift()) {
    const { number, hops, sessionKey } = attempt;
    on({ tag: 'added', attempt: number });
    const last = hops.at(-1)!;
    const hint = Number(last.scid) - 7;
    if (last.amount <= left[hint]!) {
      left[hint]! -= last.amount;
      continue;
    }
    refused++;
    const secrets = session(
      sessionKey,
      hops.map(({ nodeId }) => fromHex(nodeId)),
    ).hops.map(({ sharedSecret }) => sharedSecret);
    const said = encodeFailure({ name: 'temporary_channel_failure', channelUpdate: new Uint8Array() });
    const reason = secrets
      .slice(0, hops.length - 2)
      .reduceRight(
        (onion, secret) => wrapFailure(secret, onion),
        buildFailure(secrets[hops.length - 2]!, said),
      );
    on({ tag: 'settled', attempt: number, result: { tag: 'failed', reason } });
  }
  const { attempts = [] } = state.payment ?? {};
  const held = attempts.filter(({ outcome }) => outcome.tag === 'in-flight');
  return {
    arrived: Number(held.reduce((sum, { hops }) => sum + hops.at(-1)!.amount, 0n)) / 1_000_000,
    refused,
  };
}

it.each([
  ['two of the same width', 70, [40, 40], 2],
  ['three, none of which carries half', 90, [35, 35, 35], 6],
  ['a wide one and a narrow one', 70, [60, 20], 3],
  // The wide one refuses beside parts that it holds, and still takes more.
  ['a wide one that is filled up', 70, [50, 25], 5],
] as const)(
  'along hints that cannot carry the whole, a payment is divided after few refusals: %s',
  (_name, amount, rooms, refused) => {
    for (const map of [null, mapOfProviders()])
      expect(paid(amount, rooms, map)).toEqual({ arrived: amount, refused });
  },
);

it('what hints do not carry together is given up as soon', () => {
  for (const map of [null, mapOfProviders()])
    expect(paid(70, [30, 30], map)).toEqual({ arrived: 35, refused: 4 });
});
