import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChannelDetails } from '../../engine/node/api.ts';
import type { LocalLeyden } from '../world/leyden/local-leyden.ts';
import { until } from '../world/until.ts';
import { spendOf } from './scenarios/accounts.ts';
import { feeOf, spenderOf, txOf, type RawTx } from './scenarios/chain-money.ts';
import { PEER_KINDS, type PeerUnderTest } from './scenarios/peer-kinds.ts';
import { DEEP, Stage, waitForChannel, waitForPayment } from './scenarios/stage.ts';
import { newSecret, valueOf, type Secret } from './scenarios/values.ts';

const CAPACITY = 1_000_000n;
const PUSH = 400_000_000n;
const DELAY = 144;
const HELD = 50_000_000n;
/** Blocks until every HTLC of these tests has expired, and then some. */
const EXPIRED = 170;

describe.each(PEER_KINDS)('claims on the chain, $name', (kind) => {
  let stage: Stage;
  let us: LocalLeyden;
  let peer: PeerUnderTest;

  beforeAll(async () => {
    stage = await Stage.start(kind);
    us = await stage.local(5_000_000n);
    for (let i = 0; i < 4; i++) await stage.fund(us, 200_000n);
    peer = await stage.peer({ alias: 'anchors', anchors: true, minimumDepth: 3 });
    for (let i = 0; i < 8; i++) await peer.fund(5_000_000n);
  });
  afterAll(() => stage.stop());

  const open = async (by: 'us' | 'them'): Promise<ChannelDetails> =>
    stage.open(us, peer, { by, capacitySat: CAPACITY, pushMsat: PUSH });
  const confirmed = async (): Promise<bigint> => (await us.api.listBalances()).onchain.confirmedSat;
  const closed = (channelId: string): Promise<ChannelDetails> =>
    waitForChannel(us, (one) => one.channelId === channelId && one.state === 'closed');

  type InFlight = {
    readonly out: Secret;
    readonly sentId: string;
    readonly inwards: Secret;
    readonly heldId: string;
  };

  /** One payment held by the peer, one held by us. */
  async function inFlight(): Promise<InFlight> {
    const [out, inwards] = [newSecret(), newSecret()];
    const theirs = await peer.createInvoice({ amountMsat: HELD, paymentHash: out.paymentHash });
    const sent = valueOf(await us.api.bolt11.send(theirs.bolt11));
    const held = valueOf(
      await us.api.bolt11.receiveForHash({
        amountMsat: HELD,
        description: 'held',
        paymentHash: inwards.paymentHash,
      }),
    );
    // Its end is the chain's to tell.
    peer.pay(held.invoice).catch(() => null);
    await peer.waitForEvent('payment-held', (event) => event.paymentHash === out.paymentHash);
    await until(async () => valueOf(await us.api.payment(held.paymentId)).state === 'claimable', {
      what: 'the payment to us to be held',
    });
    return { out, sentId: sent.paymentId, inwards, heldId: held.paymentId };
  }

  /** Mines block by block until the channel is closed, and gives all transactions that came of `txId`. */
  async function mineToTheEnd(channelId: string, most: number): Promise<void> {
    for (let i = 0; i < most; i++) {
      const channel = (await us.api.listChannels()).find((one) => one.channelId === channelId);
      if (channel?.state === 'closed') return;
      await stage.mine(1);
    }
    await closed(channelId);
  }

  /** Every transaction that descends from the commitment through outputs that nobody else took. */
  async function familyOf(txId: string): Promise<readonly RawTx[]> {
    const known = new Map<string, RawTx>();
    const visit = async (id: string): Promise<void> => {
      const tx = await txOf(stage, id);
      for (const index of tx.vout.keys()) {
        const spender = await spenderOf(stage, id, index);
        if (spender === null || known.has(spender.txid)) continue;
        known.set(spender.txid, spender);
        await visit(spender.txid);
      }
    };
    await visit(txId);
    return [...known.values()];
  }

  test('we close: our HTLCs come back by preimage and by timeout, to the sat', async () => {
    const channel = await open('us');
    const payments = await inFlight();
    valueOf(await us.api.disconnect(peer.id));
    await peer.stop();
    const before = await us.api.listBalances();
    valueOf(await us.api.bolt11.claim(payments.inwards.preimage));
    valueOf(await us.api.forceCloseChannel(channel.channelId));
    const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
    const toUs = CAPACITY - PUSH / 1000n - BigInt(commitment.fee) - 660n;
    await stage.mine(1);
    // By the preimage, at once, paid for with a coin of the wallet.
    const success = await until(
      async () => {
        for (const index of commitment.vout.keys()) {
          const spender = await spenderOf(stage, commitment.txid, index);
          if (spender?.vin[0]?.witness?.includes(payments.inwards.preimage) === true) return spender;
        }
        return null;
      },
      { what: 'HTLC-success', describe: () => us.log.slice(-10) },
    );
    expect(success.vin.length).toBeGreaterThanOrEqual(2);
    expect(success.locktime).toBe(0);
    await mineToTheEnd(channel.channelId, EXPIRED + DELAY + 2 * DEEP);
    await stage.sync();
    expect(await waitForPayment(us, payments.sentId)).toMatchObject({ state: 'failed' });
    expect(valueOf(await us.api.payment(payments.heldId)).state).toBe('succeeded');
    // What was offered to the peer came back to us, what it offered came to us: all but fees.
    const family = await familyOf(commitment.txid);
    const after = await us.api.listBalances();
    expect(after.onchain.confirmedSat).toBe(
      before.onchain.confirmedSat + toUs + HELD / 1000n - feeOf(family),
    );
    expect(after.closingSat).toBe(0n);
    expect((await us.api.status()).alarms).toEqual([]);
    expect(await confirmed()).toBe(after.totalMsat / 1000n);
    await peer.restart();
  });
});
