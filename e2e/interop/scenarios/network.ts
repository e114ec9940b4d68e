import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { toHex } from '../../../engine/base/bytes.ts';
import { blockDelta, msat, type Scid } from '../../../engine/base/units.ts';
import type { ChannelDetails } from '../../../engine/node/api.ts';
import { decodeBolt11 } from '../../../engine/invoice/bolt11-decode.ts';
import type { HintHop } from '../../../engine/invoice/bolt11.ts';
import { forged } from '../../real/scenarios/forge.ts';
import { DEEP, pay, waitForPayment } from '../../real/scenarios/stage.ts';
import { codeOf, valueOf } from '../../real/scenarios/values.ts';
import type { RealPeer } from '../../world/real-peer.ts';
import { until } from '../../world/until.ts';
import { does } from '../cannot.ts';
import { CAPACITY, PUSH, type Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';
import { GOSSIP_MS, hearsByAsking, hearsEachEnd, knows, nowAndThen, onOurMap, termsAgain } from './gossip.ts';

/** What a hop asks for, at most. */
const HOP_FEE = 20_000n;
const MOST_SAYINGS = 8;

/** An invoice that we know a way to: its hints tell what hops ask for, which who made it must have heard. */
function invoiceWithWay(
  { us }: Play,
  make: () => Promise<{ readonly bolt11: string }>,
  sayAgain: () => Promise<void> = async () => {},
): Promise<string> {
  let last: unknown = null;
  return until(
    async () => {
      const made = await make().catch((error: Error) => ((last = error.message), null));
      if (made === null) {
        await sayAgain();
        return null;
      }
      const quoted = await us.api.bolt11.quote(made.bolt11);
      last = [made.bolt11, quoted];
      return quoted.ok ? made.bolt11 : null;
    },
    {
      what: 'an invoice with a way to who made it',
      everyMs: 300,
      timeoutMs: GOSSIP_MS,
      describe: () => last,
    },
  );
}

/** Private, with money on both sides, between two of theirs. */
export async function between({ stage }: Play, from: RealPeer, to: RealPeer): Promise<void> {
  await from.connect(to.id, to.address);
  const request = { nodeId: to.id, capacitySat: CAPACITY, pushMsat: PUSH };
  const { channelId, fundingTxId } = await from.openChannel(request);
  await stage.inMempool(fundingTxId);
  await stage.mine(3);
  await stage.mine(3);
  for (const node of [from, to])
    await node.waitForChannel((one) => one.channelId === channelId && one.isUsable, 'a usable channel');
}

/** A channel that all may know of. @returns its short channel id */
async function announced({ stage, kind }: Play, from: RealPeer, to: RealPeer): Promise<string> {
  await from.connect(to.id, to.address);
  const { channelId, fundingTxId } = await from.openChannel({
    nodeId: to.id,
    capacitySat: CAPACITY,
    pushMsat: PUSH,
    announce: true,
  });
  await stage.inMempool(fundingTxId);
  const usable = (node: RealPeer): Promise<unknown> =>
    node.waitForChannel((one) => one.channelId === channelId && one.isUsable, 'a channel to announce');
  const { readyAfter = 0 } = kind;
  if (readyAfter > 0) {
    await stage.mine(readyAfter);
    for (const node of [from, to]) await usable(node);
    for (const node of [from, to]) await node.hearsTerms?.(channelId);
  }
  await stage.mine(DEEP + 1 - readyAfter);
  for (const node of [from, to]) await usable(node);
  await eachKnowsTheOther(from, to, channelId);
  // Some tell of an alias for as long as the real one is not deep.
  return (
    await to.waitForChannel(
      (one) => one.channelId === channelId && one.isUsable && one.shortChannelId !== null,
      'a channel with a name',
    )
  ).shortChannelId!;
}

/**
 * What one says of its terms before the other has the channel on its map is lost, and said again only when there is
 * something new, or at the next connection.
 */
export async function eachKnowsTheOther(from: RealPeer, to: RealPeer, channelId: string): Promise<void> {
  const knowsTerms = async (node: RealPeer): Promise<boolean> => {
    if (node.knownChannels === undefined) return true;
    const { shortChannelId } = (await node.channels()).find((one) => one.channelId === channelId) ?? {};
    return shortChannelId != null && (await node.knownChannels()).includes(shortChannelId);
  };
  const sayAgain = async (): Promise<void> => {
    for (const node of [from, to]) await node.sayTermsAgain?.(channelId);
    if (from.sayTermsAgain !== undefined) return;
    await from.disconnect(to.id);
    await from.connect(to.id, to.address);
  };
  await from.sayTermsAgain?.(channelId);
  await to.sayTermsAgain?.(channelId);
  for (let tries = 0; tries < MOST_SAYINGS; tries++) {
    for (let looks = 0; looks < 20; looks++) {
      if ((await knowsTerms(from)) && (await knowsTerms(to))) return;
      await pause(250);
    }
    await sayAgain();
  }
}

/** A node that only the peer's hint leads to pays us, and is paid. */
async function twoHops(play: Play): Promise<void> {
  const { us } = play;
  const hop = await play.another({ alias: 'hop', forwards: true });
  const behind = await play.another({ alias: 'behind' });
  const ours = await play.oneMore({ by: 'us' }, hop);
  if (play.kind.hintsAtPublic === true) await announced(play, hop, play.peer);
  await between(play, hop, behind);
  const bolt11 = await invoiceWithWay(play, () => behind.createInvoice({ amountMsat: 30_000_000n }));
  const sent = await pay(us, bolt11);
  expect(sent).toMatchObject({ state: 'succeeded', amountMsat: 30_000_000n });
  expect(sent.feeMsat).toBeLessThanOrEqual(HOP_FEE);
  const after = await play.settled(ours.channelId, hop);
  expect(after.localMsat).toBe(ours.localMsat - 30_000_000n - (sent.feeMsat ?? 0n));
  await play.payIn(20_000_000n, behind);
  await play.settled(ours.channelId, hop);
  for (const node of [hop, behind]) await node.stop();
}

/** Nobody but the hop knows who is paid: not even we, whom it leads there. */
async function blindedHops(play: Play): Promise<void> {
  const { us } = play;
  const hop = await play.another({ alias: 'introduction', forwards: true });
  const behind = await play.another({ alias: 'unnamed' });
  const ours = await play.oneMore({ by: 'us' }, hop);
  await announced(play, hop, behind);
  // It makes one only of terms that it has heard of who leads to it, and forgets them as the channel gets deep.
  const bolt11 = await invoiceWithWay(
    play,
    () => behind.createInvoice({ amountMsat: 30_000_000n, blinded: true }),
    nowAndThen(() => termsAgain(hop, behind)),
  );
  const { payee, blindedPaths = [] } = valueOf(decodeBolt11(bolt11, 'regtest'));
  expect(payee).not.toBe(behind.id);
  expect(blindedPaths.map(({ tail }) => toHex(tail.path.firstNodeId))).toContain(hop.id);
  const sent = await pay(us, bolt11);
  expect(sent).toMatchObject({ state: 'succeeded', amountMsat: 30_000_000n });
  expect(sent.feeMsat).toBeLessThanOrEqual(HOP_FEE);
  const after = await play.settled(ours.channelId, hop);
  expect(after.localMsat).toBe(ours.localMsat - 30_000_000n - (sent.feeMsat ?? 0n));
  // An invoice is paid once.
  expect(codeOf(await us.api.bolt11.send(bolt11))).toBe('duplicate-payment');
  expect((await play.settled(ours.channelId, hop)).localMsat).toBe(after.localMsat);
  for (const node of [hop, behind]) await node.stop();
}

/** The second of three channels is public, and nobody told us or the other end of it but their gossip. */
async function threeHops(play: Play): Promise<void> {
  const { us } = play;
  const near = await play.another({ alias: 'near', forwards: true });
  const far = await play.another({ alias: 'far', forwards: true });
  const behind = await play.another({ alias: 'behind-far' });
  const ours = await play.oneMore({ by: 'us' }, near);
  const middle = await announced(play, near, far);
  await between(play, far, behind);
  await hearsEachEnd(play, near, far);
  await onOurMap(play, middle);
  const bolt11 = await invoiceWithWay(play, () => behind.createInvoice({ amountMsat: 30_000_000n }));
  const sent = await pay(us, bolt11);
  expect(sent).toMatchObject({ state: 'succeeded', amountMsat: 30_000_000n });
  expect(sent.feeMsat).toBeGreaterThan(0n);
  expect(sent.feeMsat).toBeLessThanOrEqual(2n * HOP_FEE);
  const [part] = valueOf(await us.api.paymentParts(sent.id)).filter(({ state }) => state === 'fulfilled');
  expect(part?.hops.map(({ nodeId }) => nodeId)).toEqual([near.id, far.id, behind.id]);
  const after = await play.settled(ours.channelId, near);
  expect(after.localMsat).toBe(ours.localMsat - 30_000_000n - (sent.feeMsat ?? 0n));
  // And back, by our hint, once they know what leads to it.
  if (!(await hearsByAsking(behind, [near, far])))
    await knows(
      behind,
      middle,
      nowAndThen(async () => {
        await termsAgain(near, far);
        await termsAgain(far, near);
      }),
    );
  await play.payIn(20_000_000n, behind);
  expect((await play.settled(ours.channelId, near)).localMsat).toBe(after.localMsat + 20_000_000n);
  for (const node of [near, far, behind]) await node.stop();
}

/** BOLT 4 §Failure Messages. */
const FEE_INSUFFICIENT = 0x1000 | 12;
const INCORRECT_CLTV_EXPIRY = 0x1000 | 13;
const UNKNOWN_NEXT_PEER = 0x4000 | 10;

/** Hints that are not true lead over them: each says why it does not relay, and we understand it. */
async function refusedByThem(play: Play): Promise<void> {
  const { us, stage } = play;
  const hop = await play.another({ alias: 'refusing', forwards: true });
  const ours = await play.oneMore({ by: 'us' }, hop);
  if (play.kind.hintsAtPublic === true) await announced(play, hop, play.peer);
  const payee = await stage.local();
  await stage.sync();
  await stage.open(payee, hop, { by: 'them', capacitySat: CAPACITY, pushMsat: PUSH });
  const ask = async (): Promise<string> =>
    valueOf(await payee.api.bolt11.receive({ amountMsat: 40_000_000n, description: 'behind' })).invoice;
  const hints = (invoice: string) => valueOf(decodeBolt11(invoice, 'regtest')).routeHints;
  await until(async () => hints(await ask()).length > 0, { what: 'the terms of the hop', everyMs: 100 });
  const untrue: readonly (readonly [Partial<HintHop>, number])[] = [
    [{ feeBase: msat(0), feeProportionalMillionths: 0 }, FEE_INSUFFICIENT],
    [{ cltvExpiryDelta: blockDelta(1) }, INCORRECT_CLTV_EXPIRY],
    [{ scid: ((4_000_000n << 40n) | (1n << 16n)) as Scid }, UNKNOWN_NEXT_PEER],
  ];
  for (const [change, code] of untrue) {
    const invoice = await ask();
    const routeHints = hints(invoice).map((hint) => hint.map((each) => ({ ...each, ...change })));
    const lie = await forged(invoice, { routeHints }, stage.placeOf(payee));
    const { paymentId } = valueOf(await us.api.bolt11.send(lie));
    await waitForPayment(us, paymentId);
    const parts = valueOf(await us.api.paymentParts(paymentId));
    expect(parts.map(({ failure }) => failure?.bolt4Code)).toContain(code);
  }
  // What it asks for is paid, also after all that.
  expect((await pay(us, await ask())).state).toBe('succeeded');
  const after = await play.settled(ours.channelId, hop);
  expect(after.localMsat).toBeLessThan(ours.localMsat);
  await payee.stop();
  await hop.stop();
}

async function gossipFromThem(play: Play): Promise<void> {
  await play.channel();
  const other = await play.another({ alias: 'heard-of' });
  const name = await announced(play, play.peer, other);
  await hearsEachEnd(play, play.peer, other);
  await onOurMap(play, name);
  await other.stop();
}

/** Another of them, who knows us by nobody but the peer; of who passes nothing on it hears it of us and of the peer. */
async function gossipToThem(play: Play): Promise<void> {
  const { peer, us } = play;
  const channel = await play.open({ by: 'us', announce: true });
  const other = await play.another({ alias: 'hears' });
  if (!('address' in us)) throw new Error('nobody can dial a page');
  if (!(await hearsByAsking(other, [us, peer]))) await hearsOfOurs(play, other, channel);
  await play.closeTogether(await play.settled(channel.channelId), 'us');
  await other.stop();
}

/** Over a channel of its own with the peer. */
async function hearsOfOurs(play: Play, other: RealPeer, channel: ChannelDetails): Promise<void> {
  const { peer, us } = play;
  await announced(play, peer, other);
  if (!does(play.kind.name, 'passes-gossip-on')) await play.stage.connect(us, other);
  const sayAgain = async (): Promise<void> => {
    await termsAgain(peer, us);
    // We say ours at each connection.
    valueOf(await us.api.disconnect(peer.id));
    await play.together(channel.channelId);
  };
  await knows(other, channel.shortChannelId ?? '', nowAndThen(sayAgain));
}

export const NETWORK = {
  'two-hops': twoHops,
  'blinded-hops': blindedHops,
  'three-hops': threeHops,
  'refused-by-them': refusedByThem,
  'gossip-from-them': gossipFromThem,
  'gossip-to-them': gossipToThem,
} satisfies Scenarios;
