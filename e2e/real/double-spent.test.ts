import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalLeyden } from '../world/leyden/local-leyden.ts';
import { DEFAULT_LSP_TERMS } from '../world/ldk/lsp-settings.ts';
import { bitcoinOf, type Rpc } from '../world/rpc.ts';
import { until } from '../world/until.ts';
import { txOf } from './scenarios/chain-money.ts';
import { PEER_KINDS, type PeerUnderTest } from './scenarios/peer-kinds.ts';
import { DEEP, pay, Stage, waitForChannel, waitForPayment } from './scenarios/stage.ts';
import { codeOf, newSecret, valueOf } from './scenarios/values.ts';

const AMOUNT = 50_000_000n;
/** Of a replacement of one input and one output, which has to pay more than what it replaces. */
const REPLACEMENT_FEE = 20_000n;

describe.each(PEER_KINDS)('an LSP that is trusted and replaces its funding transaction, $name', (kind) => {
  let stage: Stage;
  let lsp: PeerUnderTest;
  let payer: PeerUnderTest;

  beforeAll(async () => {
    stage = await Stage.start(kind);
    lsp = await stage.peer({ alias: 'lsp', lsp: DEFAULT_LSP_TERMS }, 90_000_000n);
    payer = await stage.peer({ alias: 'payer' }, 90_000_000n);
    await payer.connect(lsp.id, lsp.address);
    const { channelId } = await payer.openChannel({ nodeId: lsp.id, capacitySat: 2_000_000n });
    await stage.mine(DEEP);
    await payer.waitForChannel((one) => one.channelId === channelId && one.isUsable, 'a way to the LSP');
  });
  afterAll(() => stage.stop());

  /** Spends what the transaction spends to the miner, by the keys of whoever made it. */
  async function replace(fundingTxId: string): Promise<string> {
    const { rpc } = stage.chain;
    const { vin } = await txOf(stage, fundingTxId);
    const total = vin.reduce((sum, { prevout }) => sum + BigInt(prevout.value), 0n);
    const bare = await rpc.call<string>(
      'createrawtransaction',
      vin.map(({ txid, vout }) => ({ txid, vout })),
      [{ [await stage.chain.newAddress()]: bitcoinOf(total - REPLACEMENT_FEE) }],
    );
    for (const name of await rpc.call<string[]>('listwallets')) {
      const wallet: Rpc = rpc.forWallet(name);
      const signed = await wallet.call<{ hex: string; complete: boolean }>(
        'signrawtransactionwithwallet',
        bare,
      );
      wallet.close();
      if (signed.complete) return rpc.call<string>('sendrawtransaction', signed.hex);
    }
    throw new Error('nobody has the keys of the funding transaction');
  }

  async function paidOnce(): Promise<LocalLeyden> {
    const us = await stage.local(0n, [
      { alias: 'The LSP', nodeId: lsp.id, ...lsp.address, token: null, trusted: true },
    ]);
    await stage.sync();
    const [offer] = valueOf(await us.api.lsp.quote(AMOUNT)).offers;
    if (offer === undefined) throw new Error('no offer');
    const request = { quoteId: offer.quoteId, description: 'first', maxFeeMsat: 20_000_000n };
    const { invoice, paymentId } = valueOf(await us.api.lsp.receive(request));
    await payer.pay(invoice);
    expect(await waitForPayment(us, paymentId)).toMatchObject({ state: 'succeeded' });
    return us;
  }

  test('is found out: no preimage, no payment out, one alarm; once the other is deep the channel never was', async () => {
    const us = await paidOnce();
    const channel = await waitForChannel(us, ({ isUsable, pendingHtlcs }) => isUsable && pendingHtlcs === 0);
    expect(channel).toMatchObject({ confirmations: 0, localMsat: AMOUNT - 2_000_000n });
    const { bolt11: spent } = await payer.createInvoice({ amountMsat: 5_000_000n });
    expect(await pay(us, spent)).toMatchObject({ state: 'succeeded' });
    // One payment is held already, and could be claimed.
    const held = newSecret();
    const hold = valueOf(
      await us.api.bolt11.receiveForHash({
        amountMsat: 7_000_000n,
        description: 'held',
        paymentHash: held.paymentHash,
      }),
    );
    const heldPaid = payer.pay(hold.invoice).then(
      () => 'paid',
      () => 'failed',
    );
    await until(async () => valueOf(await us.api.payment(hold.paymentId)).state === 'claimable', {
      what: 'the payment to be held',
    });

    const { fundingTxId } = channel;
    const rivalId = await replace(fundingTxId ?? '');
    expect(await stage.chain.rpc.call<string[]>('getrawmempool')).toEqual([rivalId]);
    await stage.sync();
    const double = { code: 'double-spent' };
    await until(async () => (await us.api.status()).alarms.some(({ code }) => code === double.code), {
      what: 'the alarm',
      describe: () => us.api.status(),
    });

    // Nothing comes in.
    await us.api.bolt11.claim(held.preimage);
    const next = valueOf(await us.api.bolt11.receive({ amountMsat: 10_000_000n, description: 'more' }));
    const nextPaid = payer.pay(next.invoice).then(
      () => 'paid',
      () => 'failed',
    );
    // Nothing goes out.
    const { bolt11 } = await payer.createInvoice({ amountMsat: 5_000_000n });
    expect(codeOf(await us.api.bolt11.send(bolt11))).toBe('no-path');
    expect(await nextPaid).toBe('failed');
    expect((await us.api.listChannels())[0]).toMatchObject({ isUsable: false, receivableMsat: 0n });

    // After a start it is known still, and not told again.
    await us.restart();
    await stage.sync();
    await stage.mine(DEEP + 1);
    expect(await waitForChannel(us, ({ state }) => state === 'closed')).toMatchObject({ closing: null });
    expect(await us.api.listBalances()).toMatchObject({ totalMsat: 0n, closingSat: 0n });
    for (const id of [hold.paymentId, next.paymentId])
      expect(valueOf(await us.api.payment(id)).state).not.toBe('succeeded');
    await lsp.sync();
    expect(await heldPaid).toBe('failed');
    expect((await us.api.status()).alarms.filter(({ code }) => code === double.code)).toHaveLength(1);
  });
});
