import { expect } from 'vitest';
import { valueOf } from '../../real/scenarios/values.ts';
import type { PeerAddress, RealPeer } from '../../world/real-peer.ts';
import { scidText } from '../../world/scid-text.ts';
import { until } from '../../world/until.ts';
import { does } from '../cannot.ts';
import type { Play } from '../play.ts';

type GossipEnd = { readonly id: string; readonly address: PeerAddress };

export const GOSSIP_MS = 120_000;

/** How often what may have been lost is said again: no oftener than who limits updates of a channel takes them. */
const SAY_AGAIN_MS = 10_000;

/** `act`, but no sooner than that after it was done last, or after this. */
export function nowAndThen(act: () => Promise<void>): () => Promise<void> {
  let last = Date.now();
  return async () => {
    if (Date.now() - last < SAY_AGAIN_MS) return;
    last = Date.now();
    await act();
  };
}

/**
 * It is on our map, with the terms of both ends; with `ours`, of our end at least: theirs, which nobody has to say again, may
 * have been lost with the line.
 */
export const onOurMap = (
  { us }: Play,
  name: string,
  ends: 'both' | 'ours' = 'both',
  timeoutMs = GOSSIP_MS,
): Promise<unknown> => {
  const list = async () => valueOf(await us.api.networkGraph.listChannels(0, 1_000)).items;
  return until(
    async () => {
      const found = (await list()).find((one) => scidText(one.scid) === name);
      if (found === undefined) return false;
      const [ofUs, ofThem] = found.nodeA === us.id ? [found.fromA, found.fromB] : [found.fromB, found.fromA];
      return ofUs !== null && (ends === 'ours' || ofThem !== null);
    },
    {
      what: `${name} on our map`,
      timeoutMs,
      describe: async () => [await list(), us.log.slice(-5)],
    },
  );
};

export const knows = (node: RealPeer, name: string, sayAgain: () => Promise<void>): Promise<unknown> =>
  until(
    async () => {
      if ((await node.knownChannels?.())?.includes(name) === true) return true;
      await sayAgain();
      return false;
    },
    {
      what: `${node.alias} to know of ${name}`,
      everyMs: 300,
      timeoutMs: GOSSIP_MS,
      describe: () => node.knownChannels?.(),
    },
  );

/**
 * Where it asks for gossip over lines of their own, and counts what it knows: of the first public channel that it hears of,
 * which is `between` these two, and they tell of no other. Each end tells of its own half.
 */
export async function hearsByAsking(node: RealPeer, between: readonly GossipEnd[]): Promise<boolean> {
  if (node.asksForGossip === undefined || node.countsMap === undefined) return false;
  const counted = (): Promise<unknown> => node.countsMap?.() ?? Promise.resolve(null);
  expect(await counted()).toEqual({ channels: 0, terms: 0 });
  for (const { id, address } of between) await node.asksForGossip(id, address);
  await until(async () => (await node.countsMap?.())?.terms === between.length, {
    what: `${node.alias} to know of a channel with the terms of both ends`,
    everyMs: 300,
    timeoutMs: GOSSIP_MS,
    describe: counted,
  });
  expect(await counted()).toEqual({ channels: 1, terms: between.length });
  return true;
}

/** Of all channels that it has with `to`. */
export async function termsAgain(from: RealPeer, to: { readonly id: string }): Promise<void> {
  for (const { counterparty, channelId } of await from.channels())
    if (counterparty === to.id) await from.sayTermsAgain?.(channelId);
}

/**
 * Who passes nothing on is heard at both ends of a channel of theirs, over a new connection: some tell of what is their own
 * as one begins, and then not for long.
 */
export async function hearsEachEnd({ us, kind }: Play, ...ends: readonly RealPeer[]): Promise<void> {
  if (does(kind.name, 'passes-gossip-on')) return;
  for (const { id, alias, address } of ends) {
    await us.api.disconnect(id);
    await until(async () => (await us.api.connect(id, address.host, address.port, true)).ok, {
      what: `a new connection to ${alias}`,
      everyMs: 100,
    });
  }
}
