import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Balances, ChannelDetails } from '../../../engine/node/api.ts';
import type { ChainTx } from '../../real/scenarios/accounts.ts';
import { feeOf, spenderOf, txOf } from '../../real/scenarios/chain-money.ts';
import { ClosingStage, HELD } from '../../real/scenarios/closing-stage.ts';
import { waitForChannel, waitForPayment } from '../../real/scenarios/stage.ts';
import { valueOf, type Secret } from '../../real/scenarios/values.ts';
import type { RealPeer } from '../../world/real-peer.ts';
import { until } from '../../world/until.ts';
import type { Us } from '../our-side.ts';
import type { Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';

const ANCHOR = 330n;
/** Every HTLC has expired by then, whatever waits for a delay has waited, and all of it is deep. */
const END = 700;
const AT_ONCE = 12;

const stageOf = ({ stage, us, peer }: Play): ClosingStage<RealPeer, Us> => new ClosingStage(stage, us, peer);

/** Of a commitment: the opener alone pays for it, and for both anchors. */
const partOf = ({ isOpener }: ChannelDetails, { fee }: ChainTx, share: bigint): bigint =>
  isOpener ? share - BigInt(fee) - 2n * ANCHOR : share;

/** What was ours in the commitment is in the wallet, but the fees of our claims. */
async function expectAll(play: Play, commitment: ChainTx, before: Balances, part: bigint): Promise<void> {
  const { us } = play;
  const family = await stageOf(play).ours(commitment.txid);
  const anchors = family.flatMap(({ vin }) => vin).filter(({ prevout }) => prevout.value === 330).length;
  const after = await us.api.listBalances();
  // To have it is worth more than it costs.
  expect(feeOf(family)).toBeLessThan(HELD / 1000n);
  expect(after.onchain.confirmedSat - before.onchain.confirmedSat).toBe(
    part + BigInt(anchors) * ANCHOR - feeOf(family),
  );
  await play.quiet();
}

/** `end`s a channel that we opened, and then one that they did: the one who pays for the commitment. */
const ofEachOpener =
  (end: (play: Play, channel: ChannelDetails) => Promise<void>) =>
  async (play: Play): Promise<void> => {
    for (const by of ['us', 'them'] as const) await end(play, await play.open({ by }));
  };

/** The peer holds a payment of ours that it never claims; we hold one of theirs, and claim it on the chain. */
const forced = (by: 'us' | 'them') =>
  ofEachOpener(async (play, channel) => {
    const { us, peer, stage } = play;
    const all = stageOf(play);
    const payments = await all.inFlight();
    valueOf(await us.api.disconnect(peer.id));
    const before = await us.api.listBalances();
    if (by === 'us') {
      await peer.stop();
      valueOf(await us.api.bolt11.claim(payments.inwards.preimage));
      valueOf(await us.api.forceCloseChannel(channel.channelId));
    } else {
      await peer.forceClose(channel.channelId);
      valueOf(await us.api.bolt11.claim(payments.inwards.preimage));
    }
    const commitment = await play.spendOfFunding(channel);
    await stage.mine(1);
    await all.byPreimage(commitment.txid, payments.inwards);
    await all.mineToTheEnd(channel.channelId, END, AT_ONCE);
    await stage.sync();
    expect(await waitForPayment(us, payments.sentId)).toMatchObject({ state: 'failed' });
    expect(valueOf(await us.api.payment(payments.heldId)).state).toBe('succeeded');
    const share = (channel.localMsat + HELD) / 1000n;
    await expectAll(play, commitment, before, partOf(channel, commitment, share));
    if (by === 'us') await peer.restart();
  });

/** Some claim with the block after the next. */
async function minedUntilClaimed({ stage }: Play, txId: string, { preimage }: Secret): Promise<void> {
  const outputs = [...(await txOf(stage, txId)).vout.keys()];
  const isClaimed = async (): Promise<boolean> => {
    await stage.mine(1);
    const spends = await Promise.all(outputs.map((index) => spenderOf(stage, txId, index)));
    return spends.some((tx) => tx?.vin.some(({ witness }) => witness?.includes(preimage)) === true);
  };
  await until(isClaimed, { what: 'a claim of theirs by preimage', everyMs: 500 });
}

/** Of both HTLCs, the only outputs so large: one is theirs by preimage, and in their time they have the other back. */
async function minedUntilTakenBack(
  { stage }: Play,
  { txid, vout }: ChainTx,
  { preimage }: Secret,
): Promise<void> {
  const held = [...vout.entries()].filter(([, { value }]) => BigInt(value) === HELD / 1000n);
  expect(held).toHaveLength(2);
  const spends = () => Promise.all(held.map(([index]) => spenderOf(stage, txid, index)));
  const isBack = async (): Promise<boolean> =>
    (await spends()).some(
      (tx) => tx?.vin.every(({ witness }) => witness?.includes(preimage) !== true) === true,
    );
  for (let mined = 0; mined < END && !(await isBack()); mined += AT_ONCE) await stage.mine(AT_ONCE);
  expect((await spends()).map((tx) => tx === null)).toEqual([false, false]);
  expect(await isBack()).toBe(true);
}

/** The other way round: what they hold of ours they claim on the chain, and what we never claim of theirs they take back. */
const forcedForThem = (by: 'us' | 'them') =>
  ofEachOpener(async (play, channel) => {
    const { us, peer, stage } = play;
    const all = stageOf(play);
    const { out, sentId, heldId } = await all.inFlight();
    valueOf(await us.api.disconnect(peer.id));
    const before = await us.api.listBalances();
    await peer.claim(out.preimage);
    if (by === 'us') valueOf(await us.api.forceCloseChannel(channel.channelId));
    else await peer.forceClose(channel.channelId);
    const commitment = await play.spendOfFunding(channel);
    await minedUntilClaimed(play, commitment.txid, out);
    await all.mineToTheEnd(channel.channelId, END, AT_ONCE);
    await minedUntilTakenBack(play, commitment, out);
    await stage.sync();
    expect(await waitForPayment(us, sentId)).toMatchObject({ state: 'succeeded', preimage: out.preimage });
    expect(await waitForPayment(us, heldId)).toMatchObject({ state: 'failed' });
    const share = (channel.localMsat - HELD) / 1000n;
    await expectAll(play, commitment, before, partOf(channel, commitment, share));
  });

/**
 * Payments are held both ways; the peer keeps a copy of that, goes on, and comes back as the copy. It publishes while we
 * are away: an honest one that reached us would hear at `channel_reestablish` that it has lost data, and keep still.
 */
async function revoked(play: Play): Promise<void> {
  const { us, peer, stage } = play;
  const all = stageOf(play);
  const channel = await play.open({ by: 'us' });
  const payments = await all.inFlight();
  const goBack = await keepCopy(play);
  await play.together(channel.channelId);
  await peer.fail(payments.out.paymentHash);
  valueOf(await us.api.bolt11.claim(payments.inwards.preimage));
  await play.settled(channel.channelId);
  await play.payOut(30_000_000n);
  await play.settled(channel.channelId);
  const before = await us.api.listBalances();
  await us.kill();
  await goBack();
  await peer.forceClose(channel.channelId);
  const commitment = await play.spendOfFunding(channel);
  await us.restart();
  await stage.mine(1);
  await all.mineToTheEnd(channel.channelId, END, AT_ONCE);
  await stage.sync();
  expect(valueOf(await us.api.payment(payments.heldId)).state).toBe('succeeded');
  // All that the channel ever held is ours: but the anchors, and what it cost to have it.
  await expectAll(play, commitment, before, partOf(channel, commitment, channel.capacitySat));
}

/** @returns what ends the peer and starts it again from the copy */
export async function keepCopy({ peer, stage }: Play): Promise<() => Promise<void>> {
  const [folder, copy] = [join(stage.folder, peer.alias), join(stage.folder, `${peer.alias}-copy`)];
  await peer.stop();
  await rm(copy, { recursive: true, force: true });
  await cp(folder, copy, { recursive: true });
  await peer.restart();
  await stage.sync();
  return async () => {
    await peer.stop();
    await rm(folder, { recursive: true });
    await cp(copy, folder, { recursive: true });
    await peer.restart();
    await peer.sync();
  };
}

/** BOLT 2 §shutdown: "Once shutdown is complete, the channel is empty of HTLCs": what is under way ends, nothing new begins. */
const closedInFlight =
  (by: 'us' | 'them') =>
  async (play: Play): Promise<void> => {
    const { us, peer } = play;
    const channel = await play.open({ by: 'us' });
    const wallets = await play.wallets();
    const payments = await stageOf(play).inFlight();
    // Some answer only once it is closed.
    const asked = by === 'us' ? us.api.closeChannel(channel.channelId) : peer.close(channel.channelId);
    await waitForChannel(us, (one) => one.channelId === channel.channelId && one.state === 'shutting-down');
    expect((await us.api.bolt11.send((await peer.createInvoice({ amountMsat: 1_000_000n })).bolt11)).ok).toBe(
      false,
    );
    await peer.claim(payments.out.preimage);
    valueOf(await us.api.bolt11.claim(payments.inwards.preimage));
    expect(await waitForPayment(us, payments.sentId)).toMatchObject({ state: 'succeeded' });
    expect(await waitForPayment(us, payments.heldId)).toMatchObject({ state: 'succeeded' });
    await asked;
    // As much went out as came in.
    await play.closedTogether(channel, wallets);
  };

export const PENDING = {
  'close-in-flight-by-us': closedInFlight('us'),
  'close-in-flight-by-them': closedInFlight('them'),
  'force-in-flight-by-us': forced('us'),
  'force-in-flight-by-them': forced('them'),
  'force-their-claims-by-us': forcedForThem('us'),
  'force-their-claims-by-them': forcedForThem('them'),
  revoked,
} satisfies Scenarios;
