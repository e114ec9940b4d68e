import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChannelDetails } from '../../engine/node/api.ts';
import type { LocalLeyden } from '../world/leyden/local-leyden.ts';
import { until } from '../world/until.ts';
import { expectSameBalances, spendOf, type ChainTx } from './scenarios/accounts.ts';
import { PEER_KINDS, type PeerUnderTest } from './scenarios/peer-kinds.ts';
import { DEEP, pay, Stage, waitForChannel, waitForPayment, type OpenWish } from './scenarios/stage.ts';
import { codeOf, newSecret, valueOf } from './scenarios/values.ts';

const CAPACITY = 1_000_000n;
const PUSH = 400_000_500n;
/** Blocks for which whoever publishes a commitment waits for its own part. */
const DELAY = 144;
const HELD = 50_000_000n;

describe.each(PEER_KINDS)('$name', (kind) => {
  let stage: Stage;
  let us: LocalLeyden;
  const peers = new Map<boolean, PeerUnderTest>();

  beforeAll(async () => {
    stage = await Stage.start(kind);
    us = await stage.local(50_000_000n);
    for (const anchors of [true, false]) {
      const peer = await stage.peer({ alias: anchors ? 'anchors' : 'static', anchors, minimumDepth: 3 });
      for (let i = 0; i < 8; i++) await peer.fund(5_000_000n);
      peers.set(anchors, peer);
    }
  });
  afterAll(() => stage.stop());

  const open = async (
    anchors: boolean,
    by: OpenWish['by'],
  ): Promise<{ readonly peer: PeerUnderTest; readonly channel: ChannelDetails }> => {
    const peer = peers.get(anchors)!;
    await stage.connect(us, peer);
    return { peer, channel: await stage.open(us, peer, { by, capacitySat: CAPACITY, pushMsat: PUSH }) };
  };
  const ended = (channelId: string): Promise<ChannelDetails> =>
    waitForChannel(us, (one) => one.channelId === channelId && one.state === 'closed');
  const confirmed = async (): Promise<bigint> => (await us.api.listBalances()).onchain.confirmedSat;
  const spendOfFunding = ({ fundingTxId, fundingIndex }: ChannelDetails): Promise<ChainTx> =>
    spendOf(stage, fundingTxId ?? '', fundingIndex ?? 0);
  const quiet = async (): Promise<void> => {
    expect((await us.api.status()).alarms).toEqual([]);
    const { onchain, closingSat, openingSat, lightning } = await us.api.listBalances();
    expect({
      closingSat,
      openingSat,
      inFlight: lightning.inFlightMsat,
      reserved: onchain.reservedSat,
    }).toEqual({ closingSat: 0n, openingSat: 0n, inFlight: 0n, reserved: 0n });
  };

  /** Estimates are asked for once in a while, and at each start. */
  async function setFees(estimates: Readonly<Record<string, number>>): Promise<void> {
    stage.esplora.setFeeEstimates(estimates);
    await us.restart();
    await stage.sync();
  }

  describe('the fee rate of commitments', () => {
    test.each([true, false])('the opener changes it, anchors %s: they', async (anchors) => {
      const { peer, channel } = await open(anchors, 'them');
      const at = (feerate: number): Promise<ChannelDetails> =>
        waitForChannel(us, (one) => one.channelId === channel.channelId && one.feeratePerKw === feerate);
      for (const feerate of [2_000, 800, 1_500]) {
        await peer.setFeerate(feerate);
        await at(feerate);
        await pay(us, (await peer.createInvoice({ amountMsat: 1_000_000n })).bolt11);
        await stage.settled(us, peer, channel.channelId);
      }
      await peer.setFeerate(500);
      await closeTogether(channel, () => peer.close(channel.channelId));
    });

    test.each([
      { anchors: true, rates: [9, 3, 6] },
      { anchors: false, rates: [12, 5, 8] },
    ])('the opener changes it, anchors $anchors: we', async ({ anchors, rates }) => {
      const { peer, channel } = await open(anchors, 'us');
      // It follows up at once, and down when it is worth two signatures: above the least of a channel without anchors.
      for (const satPerVb of rates) {
        await setFees({ 2: satPerVb, 6: satPerVb, 144: satPerVb, 1008: 1 });
        await stage.connect(us, peer);
        await stage.usable(us, peer, channel.channelId);
        // Looked at with each block.
        await stage.mine(1);
        await peer.waitForChannel(
          (one) => one.channelId === channel.channelId && one.feeratePerKw === satPerVb * 250,
          `${satPerVb} sat/vB`,
        );
        const { invoice } = valueOf(await us.api.bolt11.receive({ amountMsat: 1_000_000n, description: '' }));
        await peer.pay(invoice);
        await stage.settled(us, peer, channel.channelId);
      }
      await setFees({ 2: 5, 6: 3, 144: 2, 1008: 1 });
      await stage.connect(us, peer);
      await stage.usable(us, peer, channel.channelId);
      await closeTogether(channel, async () => valueOf(await us.api.closeChannel(channel.channelId)));
    });
  });

  /** Ends in peace, to the sat. */
  async function closeTogether(channel: ChannelDetails, ask: () => Promise<unknown>): Promise<void> {
    const before = await confirmed();
    const { localMsat, remoteMsat } = await waitForChannel(
      us,
      (one) => one.channelId === channel.channelId && one.pendingHtlcs === 0,
    );
    await ask();
    const tx = await spendOfFunding(channel);
    await stage.mine(DEEP);
    const { closing } = await ended(channel.channelId);
    expect(closing).toMatchObject({ kind: 'cooperative', txId: tx.txid });
    await stage.sync();
    const back = channel.isOpener ? CAPACITY - BigInt(tx.fee) - remoteMsat / 1000n : localMsat / 1000n;
    expect(await confirmed()).toBe(before + back);
    await quiet();
  }

  describe('closing with payments in flight', () => {
    test.each(['us', 'them'] as const)('asked for by %s: first they end, then it closes', async (by) => {
      const { peer, channel } = await open(true, 'us');
      const [out, back, inwards] = [newSecret(), newSecret(), newSecret()];
      const claimed = await peer.createInvoice({ amountMsat: HELD, paymentHash: out.paymentHash });
      const failed = await peer.createInvoice({ amountMsat: HELD, paymentHash: back.paymentHash });
      const sent = valueOf(await us.api.bolt11.send(claimed.bolt11));
      const returned = valueOf(await us.api.bolt11.send(failed.bolt11));
      const held = valueOf(
        await us.api.bolt11.receiveForHash({
          amountMsat: HELD,
          description: 'held',
          paymentHash: inwards.paymentHash,
        }),
      );
      const paying = peer.pay(held.invoice);
      for (const { paymentHash } of [out, back])
        await peer.waitForEvent('payment-held', (event) => event.paymentHash === paymentHash);
      await until(async () => valueOf(await us.api.payment(held.paymentId)).state === 'claimable', {
        what: 'the payment to us to be held',
      });
      if (by === 'us') valueOf(await us.api.closeChannel(channel.channelId));
      else await peer.close(channel.channelId);
      await waitForChannel(us, (one) => one.channelId === channel.channelId && one.state === 'shutting-down');
      // Asked for again it is no other close.
      valueOf(await us.api.closeChannel(channel.channelId));
      const late = await peer.createInvoice({ amountMsat: 1_000_000n });
      expect(codeOf(await us.api.bolt11.send(late.bolt11))).toBe('no-path');

      await peer.claim(out.preimage);
      await peer.fail(back.paymentHash);
      valueOf(await us.api.bolt11.claim(inwards.preimage));
      expect((await paying).preimage).toBe(inwards.preimage);
      expect(await waitForPayment(us, sent.paymentId)).toMatchObject({ state: 'succeeded' });
      expect(await waitForPayment(us, returned.paymentId)).toMatchObject({ state: 'failed' });
      const before = await confirmed();
      const tx = await spendOfFunding(channel);
      await stage.mine(DEEP);
      const amountSat = CAPACITY - BigInt(tx.fee) - PUSH / 1000n;
      expect((await ended(channel.channelId)).closing).toMatchObject({ kind: 'cooperative', amountSat });
      await stage.sync();
      // One went each way, and one came back.
      expect(await confirmed()).toBe(before + amountSat);
      await quiet();
    });
  });

  describe('closing without the other', () => {
    const WAYS = [true, false].flatMap((anchors) =>
      (['us', 'them'] as const).flatMap((opener) =>
        (['us', 'them'] as const).map((by) => ({ anchors, opener, by })),
      ),
    );
    test.each(WAYS)(
      'by $by, opened by $opener, anchors $anchors: all is back',
      async ({ anchors, opener, by }) => {
        const { peer, channel } = await open(anchors, opener);
        const paid = await pay(us, (await peer.createInvoice({ amountMsat: 7_000_333n })).bolt11);
        expect(paid.state).toBe('succeeded');
        const { ours, theirs } = await stage.settled(us, peer, channel.channelId);
        expectSameBalances(ours, theirs);
        const before = await confirmed();
        const atPeer = await peer.onchainSat();
        // Who is told of it publishes as well: here the other learns it from the chain.
        valueOf(await us.api.disconnect(peer.id));
        if (by === 'us') valueOf(await us.api.forceCloseChannel(channel.channelId));
        else await peer.forceClose(channel.channelId);
        const commitment = await spendOfFunding(channel);
        await stage.mine(1);
        const { closing } = await waitForChannel(
          us,
          (one) => one.channelId === channel.channelId && (one.closing?.confirmations ?? 0) >= 1,
        );
        expect(closing).toMatchObject({
          kind: by === 'us' ? 'local-force' : 'remote-force',
          txId: commitment.txid,
        });
        if (by === 'us') {
          expect(closing?.claimableAtHeight).toBe((await stage.chain.height()) + DELAY);
          await stage.mine(DELAY - 2);
          expect(await confirmed()).toBe(before);
        }
        // The claim is published, confirmed, and buried.
        for (let i = 0; i < 3; i++) await stage.mine(1);
        const own = await ownOutput(commitment, ours.localMsat / 1000n);
        const claim = await spendOf(stage, commitment.txid, own.index);
        await stage.mine(DEEP);
        expect((await ended(channel.channelId)).closing?.kind).toBe(
          by === 'us' ? 'local-force' : 'remote-force',
        );
        await stage.sync();
        expect(await confirmed()).toBe(before + own.valueSat - BigInt(claim.fee));
        // Only the opener pays for the commitment.
        if (opener === 'them') expect(own.valueSat).toBe(ours.localMsat / 1000n);
        await quiet();
        await stage.mine(DELAY);
        expect(await peer.onchainSat()).toBeGreaterThan(atPeer + 390_000n);
      },
    );

    /** The largest output that is not the peer's: what it holds is known to the sat when we do not pay the fee. */
    async function ownOutput(
      tx: ChainTx,
      localSat: bigint,
    ): Promise<{ readonly index: number; readonly valueSat: bigint }> {
      const near = (value: bigint): boolean => value <= localSat && value > localSat - 5_000n;
      const index = tx.vout.findIndex(({ value }) => near(BigInt(value)));
      expect(index).toBeGreaterThanOrEqual(0);
      return { index, valueSat: BigInt(tx.vout[index]?.value ?? 0) };
    }
  });

  describe('another chain', () => {
    test.each(['us', 'them'] as const)(
      'takes the funding back while it is pending, opened by %s',
      async (by) => {
        const peer = peers.get(true)!;
        await stage.connect(us, peer);
        const { channelId, fundingTxId } =
          by === 'us'
            ? valueOf(
                await us.api.openChannel({
                  nodeId: peer.id,
                  ...peer.address,
                  amountSat: CAPACITY,
                  pushMsat: PUSH,
                }),
              )
            : await peer.openChannel({ nodeId: us.id, capacitySat: CAPACITY, pushMsat: PUSH });
        await stage.inMempool(fundingTxId);
        // Two blocks have it, which is less than either side waits for; three others have not.
        valueOf(await us.api.disconnect(peer.id));
        await stage.mine(2);
        const seen = await waitForChannel(us, (one) => one.channelId === channelId);
        expect(seen).toMatchObject({ state: 'waiting-for-confirmations', confirmations: 2 });
        await stage.chain.reorg(2, 3);
        await stage.sync();
        const pending = await waitForChannel(us, (one) => one.channelId === channelId);
        expect(pending).toMatchObject({ state: 'waiting-for-confirmations', confirmations: 0 });
        await stage.mine(DEEP);
        await stage.connect(us, peer);
        await stage.usable(us, peer, channelId);
        await closeTogether(await waitForChannel(us, (one) => one.channelId === channelId), () =>
          peer.close(channelId),
        );
      },
    );

    test('takes a closing transaction back, and another block has it again', async () => {
      const { peer, channel } = await open(true, 'them');
      const before = await confirmed();
      await peer.close(channel.channelId);
      const tx = await spendOfFunding(channel);
      await stage.mine(2);
      await waitForChannel(
        us,
        (one) => one.channelId === channel.channelId && one.closing?.confirmations === 2,
      );
      expect(await confirmed()).toBe(before + PUSH / 1000n);
      await stage.chain.reorg(2, 3);
      await stage.sync();
      const pending = await waitForChannel(us, (one) => one.channelId === channel.channelId);
      expect(pending.closing).toMatchObject({ confirmations: 0, txId: tx.txid });
      expect(await confirmed()).toBe(before);
      await stage.mine(DEEP);
      expect((await ended(channel.channelId)).closing?.txId).toBe(tx.txid);
      await stage.sync();
      expect(await confirmed()).toBe(before + PUSH / 1000n);
      await quiet();
    });

    test('takes a commitment of ours and its claim back: claimed again', async () => {
      const { peer, channel } = await open(true, 'us');
      const before = await confirmed();
      valueOf(await us.api.disconnect(peer.id));
      valueOf(await us.api.forceCloseChannel(channel.channelId));
      const commitment = await spendOfFunding(channel);
      await stage.mine(2);
      await stage.chain.reorg(2, 3);
      await stage.sync();
      expect((await waitForChannel(us, (one) => one.channelId === channel.channelId)).closing).toMatchObject({
        confirmations: 0,
        claimableAtHeight: null,
      });
      await stage.mine(1);
      const { closing } = await waitForChannel(
        us,
        (one) => one.channelId === channel.channelId && one.closing?.confirmations === 1,
      );
      expect(closing?.claimableAtHeight).toBe((await stage.chain.height()) + DELAY);
      await stage.mine(DELAY);
      await stage.mine(1);
      await stage.chain.reorg(1, 2);
      await stage.sync();
      for (let i = 0; i < DEEP; i++) await stage.mine(1);
      expect((await ended(channel.channelId)).closing?.txId).toBe(commitment.txid);
      await stage.sync();
      expect(await confirmed()).toBeGreaterThan(before + 590_000n);
      await quiet();
    });
  });
});
