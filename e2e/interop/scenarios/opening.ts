import { expect } from 'vitest';
import { decodeBolt11 } from '../../../engine/invoice/bolt11-decode.ts';
import { spendOf } from '../../real/scenarios/accounts.ts';
import { pay, waitForChannel, waitForPayment, type OpenWish } from '../../real/scenarios/stage.ts';
import { valueOf } from '../../real/scenarios/values.ts';
import { scidText } from '../../world/scid-text.ts';
import { CAPACITY, PUSH, type Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';

/** Beside the usual one. */
const OTHER_PUSH = 100_000_000n;

type Form = {
  readonly by: 'us' | 'them';
  readonly announce?: boolean;
  readonly pushMsat?: bigint;
};

/** Opened so, it pays both ways and closes by whoever did not open it. */
const opened =
  ({ by, announce = false, pushMsat = PUSH }: Form) =>
  async (play: Play): Promise<void> => {
    const wish: OpenWish = { by, announce, pushMsat, capacitySat: CAPACITY };
    const channel = await play.open(wish);
    expect(channel).toMatchObject({
      channelType: 'anchors',
      isOpener: by === 'us',
      isAnnounced: announce,
      capacitySat: CAPACITY,
    });
    expect(by === 'us' ? channel.remoteMsat : channel.localMsat).toBe(pushMsat);
    const theirs = (await play.peer.channels()).find(({ channelId }) => channelId === channel.channelId);
    expect(theirs).toMatchObject({
      isOutbound: by === 'them',
      isAnnounced: announce,
      capacitySat: CAPACITY,
      fundingTxId: channel.fundingTxId,
      fundingIndex: channel.fundingIndex,
    });
    expect(theirs?.channelType).toEqual(expect.arrayContaining([12, 22]));
    await play.payBothWays(channel);
    await play.closeTogether(channel, by === 'us' ? 'them' : 'us');
  };

/** BOLT 3 §Key Derivation of static_remotekey alone: fees are in the HTLC transactions themselves. */
async function withoutAnchors(play: Play): Promise<void> {
  const old = await play.another({ alias: 'without-anchors', anchors: false });
  for (const by of ['us', 'them'] as const) {
    const channel = await play.oneMore({ by }, old);
    expect(channel).toMatchObject({ channelType: 'static_remotekey', isOpener: by === 'us' });
    await play.payBothWays(channel, old);
    await play.closeTogether(channel, by === 'us' ? 'them' : 'us', old);
  }
  await old.stop();
}

/** Whoever opens could take it back until the chain has it: a wallet that trusts him uses it at once. */
async function unconfirmed({ peer, stage }: Play): Promise<void> {
  const trusting = await stage.local(0n, [
    { alias: 'peer', nodeId: peer.id, ...peer.address, token: null, trusted: true },
  ]);
  await stage.sync();
  await stage.connect(trusting, peer);
  const { channelId, fundingTxId } = await peer.openChannel({
    nodeId: trusting.id,
    capacitySat: CAPACITY,
    pushMsat: PUSH,
    zeroConf: true,
  });
  const opened = await stage.usable(trusting, peer, channelId);
  expect(opened).toMatchObject({ confirmations: 0, isOpener: false, localMsat: PUSH });
  const bothWays = async (): Promise<void> => {
    await stage.settled(trusting, peer, channelId);
    const { bolt11 } = await peer.createInvoice({ amountMsat: 7_000_000n });
    expect((await pay(trusting, bolt11)).state).toBe('succeeded');
    await stage.settled(trusting, peer, channelId);
    const asked = valueOf(await trusting.api.bolt11.receive({ amountMsat: 9_000_000n, description: '' }));
    await peer.pay(asked.invoice);
    expect((await waitForPayment(trusting, asked.paymentId)).state).toBe('succeeded');
  };
  await bothWays();
  await stage.inMempool(fundingTxId);
  await stage.mine(3);
  await stage.mine(3);
  await waitForChannel(trusting, (one) => one.channelId === channelId && one.confirmations >= 6);
  await bothWays();
  const { ours } = await stage.settled(trusting, peer, channelId);
  expect(ours.localMsat).toBe(PUSH + 4_000_000n);
  valueOf(await trusting.api.closeChannel(channelId));
  await spendOf(stage, fundingTxId, opened.fundingIndex ?? 0);
  await stage.mine(6);
  await waitForChannel(trusting, (one) => one.channelId === channelId && one.state === 'closed');
  expect((await trusting.api.status()).alarms).toEqual([]);
  await trusting.stop();
}

/** BOLT 2 §The channel_ready message: an alias "can be used instead of the `short_channel_id` […] in invoices". */
async function alias(play: Play): Promise<void> {
  const node = await play.another({ alias: 'by-alias', scidAlias: true });
  const channel = await play.oneMore({ by: 'them' }, node);
  const { invoice } = valueOf(await play.us.api.bolt11.receive({ amountMsat: 1_000_000n, description: '' }));
  const hints = valueOf(decodeBolt11(invoice, 'regtest')).routeHints.flat();
  const hint = hints.find(({ nodeId }) => nodeId === node.id);
  expect(scidText(hint?.scid ?? 0n)).not.toBe(channel.shortChannelId);
  await node.pay(invoice);
  await play.payBothWays(channel, node);
  await play.closeTogether(channel, 'us', node);
  await node.stop();
}

/** BOLT 2 §open_channel: `upfront_shutdown_script`, "commits to […] a shutdown scriptpubkey": who has one and who has none. */
async function upfrontShutdown(play: Play): Promise<void> {
  for (const isCommitted of [true, false]) {
    const node = await play.another({ alias: `committed-${isCommitted}`, upfrontShutdown: isCommitted });
    for (const by of ['us', 'them'] as const) {
      const channel = await play.oneMore({ by }, node);
      await play.closeTogether(channel, by === 'us' ? 'them' : 'us', node);
    }
    await node.stop();
  }
}

export const OPENING = {
  'static-remotekey': withoutAnchors,
  'zero-conf': unconfirmed,
  'scid-alias': alias,
  'upfront-shutdown': upfrontShutdown,
  'open-by-us': opened({ by: 'us' }),
  'open-by-them': opened({ by: 'them' }),
  'open-announced-by-us': opened({ by: 'us', announce: true, pushMsat: OTHER_PUSH }),
  'open-announced-by-them': opened({ by: 'them', announce: true, pushMsat: OTHER_PUSH }),
} satisfies Scenarios;
