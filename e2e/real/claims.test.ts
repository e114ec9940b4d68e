import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Balances, ChannelDetails } from '../../engine/node/api.ts';
import { spendOf, type ChainTx } from './scenarios/accounts.ts';
import { feeOf, spenderOf, txOf, type RawTx } from './scenarios/chain-money.ts';
import { ClosingStage, HELD } from './scenarios/closing-stage.ts';
import { PEER_KINDS } from './scenarios/peer-kinds.ts';
import { DEEP, waitForPayment } from './scenarios/stage.ts';
import { until } from '../world/until.ts';
import { valueOf } from './scenarios/values.ts';

const CAPACITY = 1_000_000n;
const PUSH = 400_000_000n;
const DELAY = 144;
/** Blocks until every HTLC of these tests has expired, and then some. */
const EXPIRED = 170;
const END = EXPIRED + DELAY + 2 * DEEP;
const ANCHOR = 330n;
/** Below what any commitment makes an output of. */
const DUST = 200_000n;

describe.each(PEER_KINDS)('claims on the chain, $name', (kind) => {
  let all: ClosingStage;
  beforeAll(async () => {
    all = await ClosingStage.start(kind);
  });
  afterAll(() => all.stage.stop());

  const open = (by: 'us' | 'them'): Promise<ChannelDetails> =>
    all.stage.open(all.us, all.peer, { by, capacitySat: CAPACITY, pushMsat: PUSH });

  // BOLT 5 §Failing a Channel: "otherwise: […] MUST broadcast the last commitment transaction"
  // BOLT 5 §General Nomenclature: "MUST *resolve* all outputs, as specified below"
  // BOLT 5 §Unilateral Close Handling: Local Commitment Transaction: "MUST wait until the `OP_CHECKSEQUENCEVERIFY`
  // delay has passed (as specified by the remote node's `to_self_delay` field) before spending the output"
  // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "MUST *resolve* the output by spending it using the
  // HTLC-timeout transaction"
  // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "MUST resolve the output of that HTLC-timeout
  // transaction"
  // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "MUST wait until the `OP_CHECKSEQUENCEVERIFY` delay
  // has passed […] before spending that HTLC-timeout output"
  // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "once the resolving transaction has reached
  // reasonable depth: MUST fail the corresponding incoming HTLC (if any)"
  // BOLT 5 §HTLC Output Handling: Local Commitment, Remote Offers: "MUST *resolve* the output by spending it, using the
  // HTLC-success transaction"
  // BOLT 5 §HTLC Output Handling: Local Commitment, Remote Offers: "MUST resolve the output of that HTLC-success
  // transaction"
  // BOLT 5 §HTLC Output Handling: Local Commitment, Remote Offers: "MUST wait until the `OP_CHECKSEQUENCEVERIFY` delay
  // has passed […], before spending that HTLC-success transaction output"
  // BOLT 5 §Generation of HTLC Transactions: "SIGHASH_SINGLE|SIGHASH_ANYONECANPAY MUST be used on the HTLC signatures
  // received from the peer"
  // BOLT 5 §Generation of HTLC Transactions: "The local signature MUST use SIGHASH_ALL"
  // BOLT 5 §Generation of HTLC Transactions: "they have a zero fee and MUST be combined with other inputs to arrive at
  // a reasonable fee"
  // BOLT 5 §Unilateral Close Handling: Local Commitment Transaction: "SHOULD spend the `to_local` output to a convenient
  // address"; "MUST handle HTLCs offered by itself as specified in"; "MUST handle HTLCs offered by the remote node as
  // specified in"
  // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "SHOULD resolve the HTLC-timeout transaction by spending
  // it to a convenient address"
  // BOLT 5 §HTLC Output Handling: Local Commitment, Remote Offers: "SHOULD resolve that HTLC-success transaction output by
  // spending it to a convenient address"
  test('we close: our HTLCs come back by preimage and by timeout, to the sat', async () => {
    const { us, peer, stage } = all;
    const channel = await open('us');
    const payments = await all.inFlight();
    valueOf(await us.api.disconnect(peer.id));
    await peer.stop();
    const before = await us.api.listBalances();
    valueOf(await us.api.bolt11.claim(payments.inwards.preimage));
    valueOf(await us.api.forceCloseChannel(channel.channelId));
    const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
    await stage.mine(1);
    // By the preimage, at once, paid for with a coin of the wallet.
    const success = await all.byPreimage(commitment.txid, payments.inwards);
    expect(success.vin.length).toBeGreaterThanOrEqual(2);
    expect(success.locktime).toBe(0);
    const [, theirs, ours] = success.vin.find(({ txid }) => txid === commitment.txid)?.witness ?? [];
    expect([theirs?.slice(-2), ours?.slice(-2)]).toEqual(['83', '01']);
    await all.mineToTheEnd(channel.channelId, END);
    await stage.sync();
    expect(await waitForPayment(us, payments.sentId)).toMatchObject({ state: 'failed' });
    expect(valueOf(await us.api.payment(payments.heldId)).state).toBe('succeeded');
    await expectAll(commitment, before);
    await peer.restart();
  });

  // BOLT 5 §General Nomenclature: "upon the funding transaction being spent, if the channel is NOT already closed: MAY
  // send a descriptive `error`. SHOULD fail the channel"
  // BOLT 5 §HTLC Output Handling: Remote Commitment, Local Offers: "if the commitment transaction HTLC output has
  // *timed out* AND NOT been *resolved*: MUST *resolve* the output, by spending it to a convenient address"
  // BOLT 5 §HTLC Output Handling: Remote Commitment, Remote Offers: "if it receives (or already possesses) a payment
  // preimage for an unresolved HTLC output that it was offered […]: MUST *resolve* the output by spending it to a
  // convenient address"
  // BOLT 5 §Unilateral Close Handling: Remote Commitment Transaction: "MUST handle HTLCs offered by itself as specified
  // in"; "MUST handle HTLCs offered by the remote node as specified in"
  // BOLT 5 §HTLC Output Handling: Remote Commitment, Remote Offers: "MUST *resolve* the output by spending it to a
  // convenient address"
  test('they close: what they offered comes by preimage, what we offered by timeout, to the sat', async () => {
    const { us, peer, stage } = all;
    const channel = await open('us');
    const payments = await all.inFlight();
    valueOf(await us.api.disconnect(peer.id));
    const before = await us.api.listBalances();
    await peer.forceClose(channel.channelId);
    valueOf(await us.api.bolt11.claim(payments.inwards.preimage));
    const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
    await stage.mine(1);
    await all.byPreimage(commitment.txid, payments.inwards);
    expect(await channelOf(channel.channelId)).toMatchObject({ state: 'force-closing', isUsable: false });
    await all.mineToTheEnd(channel.channelId, END);
    await stage.sync();
    expect(await waitForPayment(us, payments.sentId)).toMatchObject({ state: 'failed' });
    expect(valueOf(await us.api.payment(payments.heldId)).state).toBe('succeeded');
    await expectAll(commitment, before);
  });

  // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "if the commitment transaction HTLC output is spent
  // using the payment preimage, the output is considered *irrevocably resolved*: MUST extract the payment preimage from
  // the transaction input witness"
  // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "if the payment preimage is known: MUST fulfill the
  // corresponding incoming HTLC (if any)"
  test('they take what we offered by its preimage: it is a payment, and proven', async () => {
    const { us, peer, stage } = all;
    const channel = await open('us');
    const payments = await all.inFlight();
    valueOf(await us.api.disconnect(peer.id));
    const before = await us.api.listBalances();
    valueOf(await us.api.bolt11.claim(payments.inwards.preimage));
    valueOf(await us.api.forceCloseChannel(channel.channelId));
    const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
    await stage.mine(1);
    await peer.claim(payments.out.preimage);
    await all.byPreimage(commitment.txid, payments.out);
    await stage.mine(1);
    expect(await waitForPayment(us, payments.sentId)).toMatchObject({
      state: 'succeeded',
      preimage: payments.out.preimage,
    });
    await all.mineToTheEnd(channel.channelId, END);
    await stage.sync();
    await expectAll(commitment, before, -HELD / 1000n);
  });

  // BOLT 5 §General Nomenclature: "until all outputs are *irrevocably resolved*: MUST monitor the blockchain for
  // transactions that spend any output"
  // BOLT 5 §HTLC Output Handling: Remote Commitment, Local Offers: "MUST extract the payment preimage from the
  // HTLC-success transaction input witness"
  // BOLT 5 §HTLC Output Handling: Remote Commitment, Local Offers: "if the payment preimage is known: MUST fulfill the
  // corresponding incoming HTLC (if any)"
  test.each([320, 2_100])(
    'they close while we are away, for %i blocks, and take what they can: the rest is found and claimed',
    async (blocks) => {
      const { us, peer, stage } = all;
      const channel = await open('us');
      const payments = await all.inFlight();
      const before = await us.api.listBalances();
      await us.kill();
      await peer.forceClose(channel.channelId);
      const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
      await stage.mine(1);
      await peer.claim(payments.out.preimage);
      await all.byPreimage(commitment.txid, payments.out);
      await stage.mine(DEEP);
      // All has expired, and more blocks are gone than headers are held.
      await stage.mine(blocks);
      await us.restart();
      await stage.sync();
      expect(await waitForPayment(us, payments.sentId)).toMatchObject({
        state: 'succeeded',
        preimage: payments.out.preimage,
      });
      await all.mineToTheEnd(channel.channelId, END);
      await stage.sync();
      expect(valueOf(await us.api.payment(payments.heldId)).state).not.toBe('succeeded');
      await expectAll(commitment, before, (-2n * HELD) / 1000n);
    },
  );

  test('we close: what they offered and we cannot claim they take back once it has expired, and all the rest is ours', async () => {
    const { us, peer, stage } = all;
    const channel = await open('us');
    const payments = await all.inFlight();
    valueOf(await us.api.disconnect(peer.id));
    const before = await us.api.listBalances();
    valueOf(await us.api.forceCloseChannel(channel.channelId));
    const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
    await stage.mine(1);
    await all.mineToTheEnd(channel.channelId, END);
    await stage.sync();
    const ours = new Set((await all.ours(commitment.txid)).map(({ txid }) => txid));
    // Whoever pays puts some blocks more into an expiry than it was asked for.
    const isHtlc = ({ txid, prevout }: RawTx['vin'][number]): boolean =>
      txid === commitment.txid && prevout.value === Number(HELD / 1000n);
    const theirs = await until(
      async () => {
        await stage.mine(4);
        for (const index of commitment.vout.keys()) {
          const spender = await spenderOf(stage, commitment.txid, index);
          if (spender !== null && !ours.has(spender.txid) && spender.vin.some(isHtlc)) return spender;
        }
        return null;
      },
      { what: 'the peer to take back what it offered', timeoutMs: 90_000 },
    );
    // They have no signature of ours for it: they spend the output itself, after its expiry.
    expect(theirs.locktime).toBeGreaterThan(0);
    expect(valueOf(await us.api.payment(payments.heldId)).state).not.toBe('succeeded');
    expect(await waitForPayment(us, payments.sentId)).toMatchObject({ state: 'failed' });
    await expectAll(commitment, before, -HELD / 1000n);
  });

  // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "for any committed HTLC that does NOT have an output
  // in this commitment transaction"
  // BOLT 5 §HTLC Output Handling: Remote Commitment, Local Offers: "once the commitment transaction has reached
  // reasonable depth: MUST fail the corresponding incoming HTLC (if any)"
  test.each(['us', 'them'] as const)(
    'too small for an output, each way, where %s close: it goes to the miners, and both payments end',
    async (who) => {
      const { us, peer, stage } = all;
      const channel = await open('us');
      const payments = await all.inFlight(DUST);
      valueOf(await us.api.disconnect(peer.id));
      const before = await us.api.listBalances();
      if (who === 'us') valueOf(await us.api.forceCloseChannel(channel.channelId));
      else await peer.forceClose(channel.channelId);
      const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
      // Two balances and their anchors.
      expect(commitment.vout).toHaveLength(4);
      await stage.mine(1);
      await all.mineToTheEnd(channel.channelId, END);
      await stage.sync();
      expect(await waitForPayment(us, payments.sentId)).toMatchObject({ state: 'failed' });
      expect(valueOf(await us.api.payment(payments.heldId)).state).not.toBe('succeeded');
      // What the peer offered was the peer's: its part of the fee was not ours.
      await expectAll(commitment, before, (DUST - HELD) / 1000n);
    },
  );

  // BOLT 5 §General Nomenclature: "MUST be prepared to resolve outputs multiple times, in case of blockchain
  // reorganizations"
  test('over restarts and another chain the same claims go on, and no coin is spent twice', async () => {
    const { us, peer, stage } = all;
    const channel = await open('us');
    const payments = await all.inFlight();
    valueOf(await us.api.disconnect(peer.id));
    await peer.stop();
    const before = await us.api.listBalances();
    valueOf(await us.api.bolt11.claim(payments.inwards.preimage));
    valueOf(await us.api.forceCloseChannel(channel.channelId));
    const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
    await stage.mine(1);
    const success = await all.byPreimage(commitment.txid, payments.inwards);
    await us.restart();
    await stage.sync();
    expect((await all.byPreimage(commitment.txid, payments.inwards)).txid).toBe(success.txid);
    await stage.mine(2);
    // Both are taken out of their blocks, and come into others.
    await stage.chain.reorg(3, 4);
    await stage.sync();
    await us.restart();
    await stage.sync();
    await stage.mine(1);
    await stage.sync();
    const again = await all.byPreimage(commitment.txid, payments.inwards);
    expect(again.vin.map(({ txid, vout }) => [txid, vout])).toEqual(
      success.vin.map(({ txid, vout }) => [txid, vout]),
    );
    await all.mineToTheEnd(channel.channelId, END);
    await stage.sync();
    await expectAll(commitment, before);
    await peer.restart();
  });

  // BOLT 5 §General Nomenclature: "MUST be prepared to resolve outputs multiple times, in case of blockchain
  // reorganizations"
  // BOLT 5 §General Nomenclature: "at least 100 deep"
  test('a hundred blocks go, with our commitment and what we claimed: all of it comes again, to the sat', async () => {
    const { us, peer, stage } = all;
    const channel = await open('us');
    const payments = await all.inFlight();
    valueOf(await us.api.disconnect(peer.id));
    await peer.stop();
    const before = await us.api.listBalances();
    valueOf(await us.api.bolt11.claim(payments.inwards.preimage));
    valueOf(await us.api.forceCloseChannel(channel.channelId));
    const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
    await stage.mine(1);
    const success = await all.byPreimage(commitment.txid, payments.inwards);
    await stage.mine(99);
    await stage.sync();
    expect(await channelOf(channel.channelId)).toMatchObject({ closing: { confirmations: 100 } });
    await us.kill();
    await stage.chain.reorg(100, 101);
    // Of what was so deep nothing is left in its mempool: whoever wants it has to offer it again.
    expect(await stage.chain.rpc.call<string[]>('getrawmempool')).toEqual([]);
    await us.restart();
    await until(
      async () => (await stage.chain.rpc.call<string[]>('getrawmempool')).includes(commitment.txid),
      {
        what: 'our commitment to be offered again',
      },
    );
    await stage.sync();
    expect(await channelOf(channel.channelId)).toMatchObject({ closing: { confirmations: 0 } });
    await stage.mine(1);
    const again = await all.byPreimage(commitment.txid, payments.inwards);
    expect(again.vin.map(({ txid, vout }) => [txid, vout])).toEqual(
      success.vin.map(({ txid, vout }) => [txid, vout]),
    );
    await all.mineToTheEnd(channel.channelId, END);
    await stage.sync();
    await expectAll(commitment, before);
    await peer.restart();
  });

  const channelOf = async (channelId: string): Promise<ChannelDetails | undefined> =>
    (await all.us.api.listChannels()).find((one) => one.channelId === channelId);

  /** What was ours in the channel is in the wallet, but the fees of the commitment and of our claims. */
  async function expectAll(commitment: ChainTx, before: Balances, more = 0n): Promise<void> {
    const { us } = all;
    const family = await all.ours(commitment.txid);
    const anchors = family.flatMap(({ vin }) => vin).filter(({ prevout }) => prevout.value === 330).length;
    const after = await us.api.listBalances();
    expect(after.onchain.confirmedSat - before.onchain.confirmedSat).toBe(
      CAPACITY -
        PUSH / 1000n -
        BigInt(commitment.fee) -
        2n * ANCHOR +
        HELD / 1000n +
        BigInt(anchors) * ANCHOR -
        feeOf(family) +
        more,
    );
    expect(after).toMatchObject({ closingSat: 0n, totalMsat: after.onchain.confirmedSat * 1000n });
    expect((await us.api.status()).alarms).toEqual([]);
  }
});

describe.each(PEER_KINDS)('claims while fees are high, $name', (kind) => {
  let all: ClosingStage;
  beforeAll(async () => {
    all = await ClosingStage.start(kind);
  });
  afterAll(() => all.stage.stop());

  // BOLT 5 §Failing a Channel: "MUST spend any `to_local_anchor` output, providing sufficient fees as incentive to
  // include the commitment transaction in a block"
  // BOLT 5 §Generation of HTLC Transactions: "if `option_anchors` applies: MUST combine it with inputs contributing
  // sufficient fee to ensure timely inclusion in a block"
  // BOLT 5 §Failing a Channel: "SHOULD use replace-by-fee or other mechanism on the spending transaction if it proves
  // insufficient for timely inclusion in a block"
  test('a commitment of quieter days is lifted by its anchor, and all rises with the market', async () => {
    const { us, peer, stage } = all;
    await all.setFees([1, 1, 1, 1]);
    const channel = await stage.open(us, peer, {
      by: 'us',
      capacitySat: CAPACITY,
      pushMsat: PUSH,
      feerateSatPerVb: 10,
    });
    expect(channel.feeratePerKw).toBe(253);
    const payments = await all.inFlight();
    valueOf(await us.api.disconnect(peer.id));
    await peer.stop();
    await all.setFees([12, 10, 8, 6]);
    valueOf(await us.api.bolt11.claim(payments.inwards.preimage));
    valueOf(await us.api.forceCloseChannel(channel.channelId));
    const commitment = await spendOf(stage, channel.fundingTxId ?? '', channel.fundingIndex ?? 0);
    const child = await all.spend(commitment.txid, ({ vin }) =>
      vin.some(({ prevout }) => prevout.value === 330),
    );
    const parent = await txOf(stage, commitment.txid);
    const rate = (txs: readonly { readonly fee: number; readonly weight: number }[]): number =>
      txs.reduce((sum, { fee }) => sum + fee, 0) / (txs.reduce((sum, { weight }) => sum + weight, 0) / 4);
    expect(rate([parent])).toBeLessThan(5);
    expect(rate([parent, child])).toBeGreaterThanOrEqual(8);

    // The market moves while it waits.
    await all.setFees([60, 50, 40, 20]);
    const raised = await until(
      async () => {
        const now = await all.spend(commitment.txid, ({ vin }) =>
          vin.some(({ prevout }) => prevout.value === 330),
        );
        return now.txid === child.txid ? null : now;
      },
      { what: 'the child to be replaced' },
    );
    expect(raised.fee).toBeGreaterThan(child.fee);
    expect(rate([parent, raised])).toBeGreaterThanOrEqual(39);
    await stage.mine(1);

    const success = await all.byPreimage(commitment.txid, payments.inwards);
    expect(rate([success])).toBeGreaterThanOrEqual(39);
    await all.setFees([120, 100, 60, 20]);
    const second = await until(
      async () => {
        const now = await all.byPreimage(commitment.txid, payments.inwards);
        return now.txid === success.txid ? null : now;
      },
      { what: 'HTLC-success to be replaced' },
    );
    expect(second.fee).toBeGreaterThan(success.fee);
    // Never more than half of what it is for.
    expect(BigInt(second.fee)).toBeLessThanOrEqual(HELD / 2000n);
    await all.setFees([12, 10, 8, 6]);
    await all.mineToTheEnd(channel.channelId, END);
    expect(await waitForPayment(us, payments.sentId)).toMatchObject({ state: 'failed' });
    expect((await us.api.listBalances()).closingSat).toBe(0n);
    expect((await us.api.status()).alarms).toEqual([]);
  });
});
