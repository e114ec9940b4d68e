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
import type { ChannelAmount, FirstHop, Hint, RouteRequest, ToldPolicy } from './route.ts';
import { Scorer } from './scorer.ts';
import { routeView } from './view.ts';

const { genesisHash: chainHash } = NETWORKS.regtest;
const NOW = timestamp(1_770_076_800);
const NODES = 60;
const [US, HIDDEN, BETWEEN] = [madeUpNode(900), madeUpNode(901), madeUpNode(902)];

it('from our own channels on, along hints, of channels that the map knows as well, around what is to be avoided, was refused or is under way, at what nodes said since, and back to ourselves: whatever is found is valid', () => {
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
  const directions = told.channels.flatMap(({ scid, nodeA, nodeB }) => [
    { scid: scid as Scid, from: nodeA, to: nodeB },
    { scid: scid as Scid, from: nodeB, to: nodeA },
  ]);
  const found = new Map<string, number>();
  const foundBy = (what: string): void => void found.set(what, (found.get(what) ?? 0) + 1);
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
    /** What earlier parts of the payment met, here and there and at its end. */
    const met = hints.flatMap((hint) =>
      hint.map(({ scid, nodeId: from }, at) => ({ scid, from, to: hint[at + 1]?.nodeId ?? payee })),
    );
    const channel = () => {
      const among = draw() < 0.2 ? met : directions;
      return among[Math.floor(draw() * among.length)]!;
    };
    const amount = (): ChannelAmount => {
      const { scid, from } = channel();
      return { scid, from, amountMsat: msat(Math.floor(10_000 * 10 ** (draw() * 5))) };
    };
    const policy = (): ToldPolicy => ({
      ...channel(),
      feeBase: msat(Math.floor(draw() * 2_000)),
      feeProportionalMillionths: Math.floor(draw() * 1_000),
      cltvDelta: blockDelta(10 + Math.floor(draw() * 100)),
      htlcMinimum: msat(draw() < 0.7 ? 1 : Math.floor(10 ** (draw() * 6))),
      htlcMaximum: msat(Math.floor(10_000 * 10 ** (draw() * 5))),
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
        amounts: draw() < 0.5 ? some(60, amount) : [],
      },
      inFlight: draw() < 0.5 ? some(60, amount) : [],
      policies: draw() < 0.5 ? some(30, policy) : [],
      now: NOW,
    };
    const route = findRoute(view, new Scorer(), asked);
    if (!route.ok) continue;
    expect([i, kind, faultsOf(view.graph, asked, route.value)]).toEqual([i, kind, []]);
    const ends = new Set((asked.hints ?? []).map((hint) => hint.at(-1)?.scid));
    const isHinted = route.value.some((part) => ends.has(part.at(-1)?.scid));
    for (const what of [route.value.length > 1 ? 'parts' : 'whole', ...(isHinted ? ['hints'] : [])])
      foundBy(`${kind}, ${what}`);
    const over = new Map<string, number>();
    for (const part of route.value)
      for (const [at, { scid }] of part.entries()) {
        const name = `${scid}/${part[at - 1]?.nodeId ?? US}`;
        over.set(name, (over.get(name) ?? 0) + 1);
      }
    for (const [what, all] of [
      ['over what refused more', asked.avoid?.amounts ?? []],
      ['beside what is under way', asked.inFlight ?? []],
      ['as was told since', asked.policies ?? []],
    ] as const)
      if (all.some(({ scid, from }) => over.has(`${scid}/${from}`))) foundBy(what);
    if ((asked.policies ?? []).some(({ scid, from }) => (over.get(`${scid}/${from}`) ?? 0) > 1))
      foundBy('several as was told since');
  }
  for (const kind of ['known', 'hinted', 'circle'])
    for (const how of ['whole', 'parts', 'hints'])
      expect([kind, how, (found.get(`${kind}, ${how}`) ?? 0) > 2]).toEqual([kind, how, true]);
  for (const what of ['over what refused more', 'beside what is under way', 'as was told since'])
    expect([what, (found.get(what) ?? 0) > 20]).toEqual([what, true]);
  expect(found.get('several as was told since') ?? 0).toBeGreaterThan(2);
});
