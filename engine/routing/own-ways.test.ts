import { expect, it } from 'vitest';
import { NETWORKS } from '../base/network.ts';
import type { NodeId } from '../base/ids.ts';
import { blockDelta, msat, timestamp, type Scid } from '../base/units.ts';
import { applySnapshot } from '../gossip/apply-snapshot.ts';
import { emptyGraph } from '../gossip/graph.ts';
import { faultsOf } from '../testkit/route-check.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { drawer, madeUpNode, toldNetwork } from '../testkit/told-network.ts';
import { findRoute } from './find-route.ts';
import type { FirstHop, Hint, RouteRequest } from './route.ts';
import { Scorer } from './scorer.ts';
import { routeView } from './view.ts';

const { genesisHash: chainHash } = NETWORKS.regtest;
const NOW = timestamp(1_770_076_800);
const NODES = 60;
const [US, HIDDEN, BETWEEN] = [madeUpNode(900), madeUpNode(901), madeUpNode(902)];

it('from our own channels on, along hints, of channels that the map knows as well, around what is to be avoided, and back to ourselves: whatever is found is valid', () => {
  const told = toldNetwork(31, NODES, 3);
  const bytes = writeSnapshot({ version: 2, chainHash, at: NOW, ...told, nodes: [] });
  const applied = applySnapshot(emptyGraph(chainHash), bytes);
  if (!applied.ok) throw new Error(applied.error.code);
  const view = routeView(applied.value);
  const draw = drawer(6);
  const pick = (): NodeId => madeUpNode(Math.floor(draw() * NODES));
  const some = <T>(most: number, make: (i: number) => T): T[] =>
    Array.from({ length: 1 + Math.floor(draw() * most) }, (_, i) => make(i));
  const hop = (nodeId: NodeId, scid: bigint) => ({
    nodeId,
    scid: scid as Scid,
    feeBase: msat(Math.floor(draw() * 2_000)),
    feeProportionalMillionths: Math.floor(draw() * 1_000),
    cltvExpiryDelta: blockDelta(10 + Math.floor(draw() * 100)),
    ...(draw() < 0.5 ? {} : { htlcMaximum: msat(Math.floor(10_000 * 10 ** (draw() * 6))) }),
  });
  const found = new Map<string, number>();
  for (let i = 0; i < 480; i++) {
    const firstHops = some(4, (at): FirstHop => {
      const sendable = Math.floor(100_000 * 10 ** (draw() * 5));
      return {
        scid: BigInt(-1 - at) as Scid,
        peer: pick(),
        sendableMsat: msat(sendable),
        minimumMsat: msat(draw() < 0.5 ? 1 : 1_000),
        ...(draw() < 0.5
          ? {}
          : {
              together: {
                slots: 1 + Math.floor(draw() * 4),
                each: msat(Math.floor(draw() * 500_000)),
                spare: msat(Math.floor(draw() * 100_000)),
                dustBelow: msat(354_000),
                dustRoom: msat(Math.floor(draw() * 1_000_000)),
              },
            }),
      };
    });
    const kind = (['known', 'hinted', 'circle'] as const)[i % 3] ?? 'known';
    const payee = kind === 'known' ? pick() : kind === 'hinted' ? HIDDEN : US;
    const intoPayee = told.channels.filter(({ nodeA, nodeB }) => nodeA === payee || nodeB === payee);
    const hints = some(3, (at): Hint => {
      const known = intoPayee[Math.floor(draw() * intoPayee.length)];
      if (known !== undefined) return [hop(known.nodeA === payee ? known.nodeB : known.nodeA, known.scid)];
      return draw() < 0.5
        ? [hop(pick(), 10n + BigInt(at))]
        : [hop(pick(), 10n + BigInt(at)), hop(BETWEEN, 20n + BigInt(at))];
    });
    const sendable = firstHops.reduce((sum, one) => sum + Number(one.sendableMsat), 0);
    const wanted = draw() < 0.5 ? 1_000 * 10 ** (draw() * 7) : sendable * (0.3 + 0.6 * draw());
    const amountMsat = msat(Math.floor(wanted));
    const asked: RouteRequest = {
      payer: US,
      payee,
      amountMsat,
      finalCltvDelta: blockDelta(18),
      maxFeeMsat: msat(amountMsat / BigInt(10 + Math.floor(draw() * 100)) + 5_000n),
      maxCltvDelta: blockDelta(200 + Math.floor(draw() * 1_800)),
      maxParts: 1 + Math.floor(draw() * 8),
      firstHops,
      ...(kind === 'known' && draw() < 0.3 ? {} : { hints }),
      avoid: {
        nodes: new Set(draw() < 0.3 ? [madeUpNode(1), madeUpNode(2)] : []),
        scids: new Set(draw() < 0.3 ? [BigInt(10) as Scid, BigInt(-1) as Scid] : []),
      },
      now: NOW,
    };
    const route = findRoute(view, new Scorer(), asked);
    if (!route.ok) continue;
    expect([i, kind, faultsOf(view.graph, asked, route.value)]).toEqual([i, kind, []]);
    const ends = new Set((asked.hints ?? []).map((hint) => hint.at(-1)?.scid));
    const isHinted = route.value.some((part) => ends.has(part.at(-1)?.scid));
    for (const what of [route.value.length > 1 ? 'parts' : 'whole', ...(isHinted ? ['hints'] : [])])
      found.set(`${kind}, ${what}`, (found.get(`${kind}, ${what}`) ?? 0) + 1);
  }
  for (const kind of ['known', 'hinted', 'circle'])
    for (const how of ['whole', 'parts', 'hints'])
      expect([kind, how, (found.get(`${kind}, ${how}`) ?? 0) > 2]).toEqual([kind, how, true]);
});
