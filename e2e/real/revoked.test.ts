import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Balances, ChannelDetails } from '../../engine/node/api.ts';
import { spendOf, type ChainTx } from './scenarios/accounts.ts';
import { feeOf, spenderOf, txOf, type RawTx } from './scenarios/chain-money.ts';
import { ClosingStage, HELD, type InFlight } from './scenarios/closing-stage.ts';
import { PEER_KINDS } from './scenarios/peer-kinds.ts';
import { pay, waitForPayment } from './scenarios/stage.ts';
import { until } from '../world/until.ts';
import { valueOf } from './scenarios/values.ts';

const CAPACITY = 1_000_000n;
const PUSH = 400_000_000n;
/** All HTLCs have expired by then, and whatever waits for a delay has waited. */
const END = 400;
const ANCHOR = 330n;
/** What a commitment of the peer makes it wait for. */
const DELAY = 144;
const SECURITY_DELAY = 18;

describe.each(PEER_KINDS)('a peer that publishes what it has revoked, $name', (kind) => {
  let all: ClosingStage;
  beforeAll(async () => {
    all = await ClosingStage.start(kind);
  });
  afterAll(() => all.stage.stop());

  type Theft = {
    readonly channel: ChannelDetails;
    readonly payments: InFlight;
    readonly before: Balances;
    readonly commitment: ChainTx;
  };

  type Plan = {
    readonly beforeForce?: () => Promise<void>;
    /** So many blocks go by before the theft. */
    readonly later?: number;
    /** Our payment never ended: only its outputs of before are revoked. */
    readonly stillHeld?: boolean;
  };

  /** Payments are held both ways; the peer keeps a copy of that, goes on, and comes back as the copy. */
  async function steal({ beforeForce, later = 0, stillHeld = false }: Plan = {}): Promise<Theft> {
    const { us, peer, stage } = all;
    const channel = await stage.open(us, peer, { by: 'us', capacitySat: CAPACITY, pushMsat: PUSH });
    const payments = await all.inFlight();
    const [folder, copy] = [join(stage.folder, peer.alias), join(stage.folder, 'copy')];
    await peer.stop();
    await rm(copy, { recursive: true, force: true });
    await cp(folder, copy, { recursive: true });
    await peer.restart();
    await stage.usable(us, peer, channel.channelId);

    // What ends is long gone from what either side would publish honestly.
    if (!stillHeld) await peer.fail(payments.out.paymentHash);
    valueOf(await us.api.bolt11.claim(payments.inwards.preimage));
    const left = stillHeld ? 1 : 0;
    await stage.settled(us, peer, channel.channelId, left);
    for (let i = 0; i < 3; i++) await pay(us, (await peer.createInvoice({ amountMsat: 30_000_000n })).bolt11);
    await stage.settled(us, peer, channel.channelId, left);
    if (later > 0) await stage.mine(later);
    valueOf(await us.api.disconnect(peer.id));

    await peer.stop();
    await rm(folder, { recursive: true });
    await cp(copy, folder, { recursive: true });
    const before = await us.api.listBalances();
    await beforeForce?.();
    await peer.restart();
    await peer.sync();
    await peer.forceClose(channel.channelId);
    const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
    return { channel, payments, before, commitment };
  }

  const away = async (): Promise<void> => {
    valueOf(await all.us.api.stop());
  };

  /** All that the channel ever held is ours: but the anchors, and what it cost to have it. */
  async function expectEverything({ channel, before, commitment }: Theft): Promise<void> {
    const { us, stage } = all;
    const family = await descendants(commitment.txid);
    const ours: RawTx[] = [];
    for (const tx of family) if ((await us.api.payment(tx.txid)).ok) ours.push(tx);
    const after = await us.api.listBalances();
    expect(after.onchain.confirmedSat - before.onchain.confirmedSat).toBe(
      channel.capacitySat - BigInt(commitment.fee) - 2n * ANCHOR - feeOf(ours),
    );
    expect(after).toMatchObject({ closingSat: 0n, totalMsat: after.onchain.confirmedSat * 1000n });
    expect((await us.api.status()).alarms).toEqual([]);
    await stage.sync();
  }

  /** Of everybody's. Our own coins lead on to what is no business of this. */
  async function descendants(txId: string, depth = 3): Promise<readonly RawTx[]> {
    const found = new Map<string, RawTx>();
    const visit = async (id: string, left: number): Promise<void> => {
      const { vout } = await txOf(all.stage, id);
      for (const index of vout.keys()) {
        const spender = await spenderOf(all.stage, id, index);
        if (spender === null || found.has(spender.txid)) continue;
        found.set(spender.txid, spender);
        if (left > 1) await visit(spender.txid, left - 1);
      }
    };
    await visit(txId, depth);
    return [...found.values()];
  }

  // BOLT 5 §General Nomenclature: "once it has broadcast a funding transaction OR sent a commitment signature"
  // BOLT 5 §Revoked Transaction Close Handling: "MUST *resolve* the _remote node's main output_ by spending it using
  // the revocation private key"
  // BOLT 5 §Revoked Transaction Close Handling: "MUST *resolve* the _remote node's offered HTLCs_ in one of three ways"
  // BOLT 5 §Revoked Transaction Close Handling: "MUST *resolve* the _local node's offered HTLCs_ in one of three ways"
  test('with HTLCs pending each way: every output of it is ours, to the last sat', async () => {
    const theft = await steal();
    const { us, stage } = all;
    await stage.mine(1);
    await all.mineToTheEnd(theft.channel.channelId, END);
    await stage.sync();
    expect(valueOf(await us.api.payment(theft.payments.heldId)).state).toBe('succeeded');
    await expectEverything(theft);
  });

  // BOLT 5 §Revoked Transaction Close Handling: "MUST *resolve* the _remote node's HTLC-success transaction_ by spending
  // it using the revocation private key"
  // BOLT 5 §Revoked Transaction Close Handling: "SHOULD extract the payment preimage from the transaction input witness,
  // if it's not already known"
  test('the thief is quicker with an HTLC: its preimage is the proof, and what it made of the HTLC is ours too', async () => {
    const { us, peer, stage } = all;
    const theft = await steal({ beforeForce: away, stillHeld: true });
    await stage.chain.mine(1);
    await peer.sync();
    await peer.claim(theft.payments.out.preimage);
    const success = await all.byPreimage(theft.commitment.txid, theft.payments.out);
    await stage.chain.mine(1);
    valueOf(await us.api.start());
    await stage.sync();
    expect(await waitForPayment(us, theft.payments.sentId)).toMatchObject({
      state: 'succeeded',
      preimage: theft.payments.out.preimage,
    });
    const index = success.vin.findIndex(({ txid }) => txid === theft.commitment.txid);
    await all.mineToTheEnd(theft.channel.channelId, END);
    const second = await spenderOf(stage, success.txid, index);
    expect((await us.api.payment(second?.txid ?? '')).ok).toBe(true);
    await stage.sync();
    await expectEverything(theft);
  });

  // BOLT 5 §Revoked Transaction Close Handling: "MUST handle its transactions being invalidated by HTLC transactions"
  test('a miner takes the HTLC transaction of the thief, and not the penalty that waits: what is left of that is taken again', async () => {
    const { us, peer, stage } = all;
    const theft = await steal();
    const { txid } = theft.commitment;
    const revokedOf = ({ vin }: RawTx): readonly number[] =>
      vin.filter((input) => input.txid === txid).map(({ vout }) => vout);
    await stage.mine(1);
    const penalty = await all.spend(txid, (tx) => revokedOf(tx).length === 2);
    expect((await us.api.payment(penalty.txid)).ok).toBe(true);
    await peer.claim(theft.payments.out.preimage);
    // Two that spend the same: bitcoind may have refused it.
    const { hex } = await peer.waitForEvent('broadcast', (event) =>
      event.hex.some((one) => one.includes(theft.payments.out.preimage)),
    );
    await stage.chain.mineJust(hex);
    await stage.sync();
    const success = await all.byPreimage(txid, theft.payments.out);
    expect(success.status.confirmed).toBe(true);
    const [lost = -1, ...more] = revokedOf(success);
    expect([revokedOf(penalty).includes(lost), more]).toEqual([true, []]);
    // The other HTLC of it, before any block more.
    const [left = -1] = revokedOf(penalty).filter((index) => index !== lost);
    const again = await all.spend(txid, (tx) => tx.txid !== penalty.txid && revokedOf(tx).includes(left));
    expect((await us.api.payment(again.txid)).ok).toBe(true);
    const made = success.vin.findIndex((input) => input.txid === txid);
    await all.mineToTheEnd(theft.channel.channelId, END);
    for (const [id, index] of [
      [txid, left],
      [success.txid, made],
    ] as const)
      expect((await us.api.payment((await spenderOf(stage, id, index))?.txid ?? '')).ok).toBe(true);
    await stage.sync();
    await expectEverything(theft);
  });

  // BOLT 5 §Revoked Transaction Close Handling: "if confirmation doesn't happen before reaching `security_delay` blocks
  // from expiry: SHOULD *resolve* revoked outputs in their own, separate penalty transactions"
  test('no miner takes our penalty: 18 blocks before the thief may take its own, each output has one of its own', async () => {
    const { peer, stage } = all;
    const theft = await steal();
    await stage.mine(1);
    await peer.stop();
    const penalties = async (): Promise<readonly number[]> =>
      (await all.ours(theft.commitment.txid)).map(
        ({ vin }) => vin.filter(({ txid }) => txid === theft.commitment.txid).length,
      );
    const untouched = await penalties();
    // Blocks in which nobody's transactions are.
    await stage.chain.mineEmpty(DELAY - SECURITY_DELAY - 2);
    await stage.sync();
    expect(await penalties()).toEqual(untouched);
    // Both HTLCs share one: the peer can spend either, now or soon.
    expect(Math.max(...untouched)).toBe(2);
    await stage.chain.mineEmpty(2);
    await until(
      async () => {
        // One that was under way already may have seen the block before.
        await stage.sync();
        return (await penalties()).every((inputs) => inputs === 1) || null;
      },
      { what: 'each revoked output to be taken by itself' },
    );
    await stage.mine(1);
    await all.mineToTheEnd(theft.channel.channelId, END);
    await stage.sync();
    await expectEverything(theft);
    await peer.restart();
  });

  // BOLT 5 §Revoked Transaction Close Handling: "MUST *resolve* the _remote node's HTLC-timeout transaction_ by
  // spending it using the revocation private key"
  test('the thief takes back an HTLC that expired: what its transaction made of it is ours too', async () => {
    const { us, peer, stage } = all;
    // So much of the time of its HTLCs is gone that they expire before its own delay is over.
    const theft = await steal({ beforeForce: away, later: 180 });
    await stage.chain.mine(1);
    await peer.sync();
    // Blocks that no wallet of ours sees, until the thief publishes it.
    const timeout = await until(
      async () => {
        await stage.chain.mine(1);
        await peer.sync();
        const { vout } = await txOf(stage, theft.commitment.txid);
        for (const index of vout.keys()) {
          const spender = await spenderOf(stage, theft.commitment.txid, index);
          const isHtlc = spender?.vin.some(
            ({ txid, prevout }) => txid === theft.commitment.txid && prevout.value === Number(HELD / 1000n),
          );
          if (spender !== null && isHtlc === true && spender.locktime > 0) return spender;
        }
        return null;
      },
      { what: 'HTLC-timeout of the thief', everyMs: 5, timeoutMs: 100_000 },
    );
    await stage.chain.mine(1);
    valueOf(await us.api.start());
    await stage.sync();
    const index = timeout.vin.findIndex(({ txid }) => txid === theft.commitment.txid);
    await all.mineToTheEnd(theft.channel.channelId, END);
    const second = await spenderOf(stage, timeout.txid, index);
    expect((await us.api.payment(second?.txid ?? '')).ok).toBe(true);
    await stage.sync();
    await expectEverything(theft);
  });
});
