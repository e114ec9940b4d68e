import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChannelDetails } from '../../engine/node/api.ts';
import type { Leyden } from '../world/leyden/leyden.ts';
import { expectSameBalances, spendOf } from './scenarios/accounts.ts';
import { PEER_KINDS, type PeerUnderTest } from './scenarios/peer-kinds.ts';
import { DEEP, pay, Stage, waitForChannel } from './scenarios/stage.ts';
import { valueOf } from './scenarios/values.ts';

const CAPACITY = 400_000n;
const PUSH = 100_000_001n;

type Form = {
  readonly name: string;
  readonly by: 'us' | 'them';
  readonly anchors: boolean;
  readonly announce?: boolean;
  readonly push?: boolean;
  readonly scidAlias?: boolean;
  readonly upfrontShutdown?: boolean;
  /** BOLT 9 bits of the channel type. */
  readonly type: readonly number[];
};

const FORMS: readonly Form[] = [
  { name: 'we open, anchors', by: 'us', anchors: true, type: [12, 22, 46] },
  { name: 'they open, anchors', by: 'them', anchors: true, type: [12, 22] },
  { name: 'we open, anchors, push', by: 'us', anchors: true, push: true, type: [12, 22, 46] },
  { name: 'they open, anchors, push', by: 'them', anchors: true, push: true, type: [12, 22] },
  { name: 'we open, static_remotekey', by: 'us', anchors: false, push: true, type: [12, 46] },
  { name: 'they open, static_remotekey', by: 'them', anchors: false, push: true, type: [12] },
  { name: 'we open, announced', by: 'us', anchors: true, announce: true, type: [12, 22] },
  { name: 'they open, announced', by: 'them', anchors: true, announce: true, push: true, type: [12, 22] },
  {
    name: 'they open, scid alias',
    by: 'them',
    anchors: true,
    scidAlias: true,
    push: true,
    type: [12, 22, 46],
  },
  {
    name: 'we open, their closing script is free',
    by: 'us',
    anchors: true,
    upfrontShutdown: false,
    push: true,
    type: [12, 22, 46],
  },
  {
    name: 'they open, their closing script is free',
    by: 'them',
    anchors: false,
    upfrontShutdown: false,
    push: true,
    type: [12],
  },
];

describe.each(PEER_KINDS)('$name', (kind) => {
  let stage: Stage;
  let us: Leyden;
  const peers = new Map<string, PeerUnderTest>();

  beforeAll(async () => {
    stage = await Stage.start(kind);
    us = await stage.local(10_000_000n);
  });
  afterAll(() => stage.stop());

  /** One peer for each set of wishes. */
  async function peerFor({
    anchors,
    scidAlias = false,
    upfrontShutdown = true,
  }: Form): Promise<PeerUnderTest> {
    const alias = `${anchors}-${scidAlias}-${upfrontShutdown}`;
    const known = peers.get(alias);
    if (known !== undefined) return known;
    const peer = await stage.peer({ alias, anchors, scidAlias, upfrontShutdown }, 20_000_000n);
    peers.set(alias, peer);
    return peer;
  }

  test.each(FORMS)('$name: pays both ways, closes, and every sat is back', async (form) => {
    const peer = await peerFor(form);
    const before = (await us.api.listBalances()).onchain;
    expect(before.spendableSat).toBe(before.confirmedSat);
    const opened = await stage.open(us, peer, {
      by: form.by,
      capacitySat: CAPACITY,
      announce: form.announce ?? false,
      ...(form.push === true ? { pushMsat: PUSH } : {}),
    });
    const theirs = (await peer.channels()).find(({ channelId }) => channelId === opened.channelId);
    expect(theirs).toMatchObject({ channelType: form.type, isAnnounced: form.announce ?? false });
    expect(opened).toMatchObject({
      channelType: form.anchors ? 'anchors' : 'static_remotekey',
      isOpener: form.by === 'us',
      isAnnounced: form.announce ?? false,
      capacitySat: CAPACITY,
      fundingTxId: theirs?.fundingTxId,
      shortChannelId: theirs?.shortChannelId,
    });
    const pushed = form.push === true ? PUSH : 0n;
    expect(form.by === 'us' ? opened.remoteMsat : opened.localMsat).toBe(pushed);

    // Who has the money pays first.
    const expected = await payBothWays(peer, opened);
    const { ours, theirs: atPeer } = await stage.settled(us, peer, opened.channelId);
    expect(ours.localMsat).toBe(expected);
    expectSameBalances(ours, atPeer);

    const fundingFee = await feeOf(opened.fundingTxId);
    const closedBy = form.by === 'us' ? 'them' : 'us';
    if (closedBy === 'us') valueOf(await us.api.closeChannel(opened.channelId));
    else await peer.close(opened.channelId);
    const closing = await spendOf(stage, opened.fundingTxId ?? '', opened.fundingIndex ?? 0);
    await stage.mine(DEEP);
    await waitForChannel(us, ({ channelId, state }) => channelId === opened.channelId && state === 'closed');
    await stage.sync();
    // Only the opener pays for opening and closing; a part of a satoshi that nobody can have goes to the miner.
    const after = (await us.api.listBalances()).onchain;
    const paidOut = closing.vout.reduce((sum, { value }) => sum + BigInt(value), 0n);
    expect(paidOut + BigInt(closing.fee)).toBe(CAPACITY);
    const back =
      form.by === 'us' ? CAPACITY - BigInt(closing.fee) - ours.remoteMsat / 1000n : ours.localMsat / 1000n;
    const spent = form.by === 'us' ? CAPACITY + fundingFee : 0n;
    expect(after.confirmedSat).toBe(before.confirmedSat - spent + back);
    expect(after.spendableSat).toBe(after.confirmedSat);
    expect((await us.api.status()).alarms).toEqual([]);
  });

  async function payBothWays(peer: PeerUnderTest, channel: ChannelDetails): Promise<bigint> {
    const weAreRich = channel.localMsat > channel.remoteMsat;
    const ways = weAreRich ? (['out', 'in'] as const) : (['in', 'out'] as const);
    let local = channel.localMsat;
    for (const way of ways) {
      const amountMsat = way === ways[0] ? 50_000_777n : 10_000_333n;
      if (way === 'out') {
        const paid = await pay(us, (await peer.createInvoice({ amountMsat })).bolt11);
        expect(paid).toMatchObject({ state: 'succeeded', feeMsat: 0n, amountMsat });
        local -= amountMsat;
      } else {
        const { invoice } = valueOf(await us.api.bolt11.receive({ amountMsat, description: 'in' }));
        await peer.pay(invoice);
        local += amountMsat;
      }
      await stage.settled(us, peer, channel.channelId);
    }
    return local;
  }

  async function feeOf(txId: string | null): Promise<bigint> {
    const tx = (await (await fetch(`${stage.esplora.url}/tx/${txId}`)).json()) as { fee: number };
    return BigInt(tx.fee);
  }
});
