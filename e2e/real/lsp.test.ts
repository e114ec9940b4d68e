import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InvoiceDetails, LspQuote } from '../../engine/node/api.ts';
import { DEFAULT_LSP_TERMS } from '../world/ldk/lsp-settings.ts';
import type { Leyden } from '../world/leyden/leyden.ts';
import type { LocalLeyden } from '../world/leyden/local-leyden.ts';
import { until } from '../world/until.ts';
import { PEER_KINDS, type PeerUnderTest } from './scenarios/peer-kinds.ts';
import { DEEP, Stage, waitForChannel, waitForPayment } from './scenarios/stage.ts';
import { codeOf, valueOf } from './scenarios/values.ts';

const AMOUNT = 50_000_000n;
const FEE = 2_000_000n;

describe.each(PEER_KINDS)('an LSP that is $name', (kind) => {
  let stage: Stage;
  let lsp: PeerUnderTest;
  let payer: PeerUnderTest;

  beforeAll(async () => {
    stage = await Stage.start(kind);
    lsp = await stage.peer(
      { alias: 'lsp', lsp: { ...DEFAULT_LSP_TERMS, tokens: ['friend'], holdMs: 8_000 } },
      90_000_000n,
    );
    payer = await stage.peer({ alias: 'payer' }, 90_000_000n);
    // Two channels of which neither carries the largest payment below.
    for (const capacitySat of [2_000_000n, 2_000_000n]) await route(capacitySat);
  });
  afterAll(() => stage.stop());

  async function route(capacitySat: bigint): Promise<void> {
    await payer.connect(lsp.id, lsp.address);
    const { channelId } = await payer.openChannel({ nodeId: lsp.id, capacitySat });
    await stage.mine(DEEP);
    await payer.waitForChannel((one) => one.channelId === channelId && one.isUsable, 'a way to the LSP');
  }

  /** It runs again, and everybody has found it. */
  async function lspBack(us: Leyden): Promise<void> {
    await lsp.restart();
    await payer.connect(lsp.id, lsp.address);
    await until(async () => (await payer.channels()).every(({ isUsable }) => isUsable) || null, {
      what: 'the ways to the LSP',
    });
    await until(async () => (await us.api.listPeers()).find(({ state }) => state === 'connected') ?? null, {
      what: 'our LSP again',
    });
  }

  /** The payer's side takes a moment to see that its channels with an LSP that came back can carry something again. */
  async function payAgain(invoice: string): Promise<void> {
    const attempt = (): Promise<true | null> =>
      payer.pay(invoice).then(
        () => true as const,
        (error: unknown) => {
          if (String(error).includes('RouteNotFound')) return null;
          throw error;
        },
      );
    await until(attempt, {
      what: 'a way over the LSP',
      everyMs: 250,
      describe: () => payer.channels(),
    });
  }

  const emptyWallet = (trusted = true, token: string | null = 'friend'): Promise<LocalLeyden> =>
    stage.local(0n, [{ alias: 'The LSP', nodeId: lsp.id, ...lsp.address, token, trusted }]);

  async function quoted(us: Leyden, amountMsat: bigint | null): Promise<LspQuote> {
    // It judges nothing before it has seen the chain.
    await stage.sync();
    const [offer] = valueOf(await us.api.lsp.quote(amountMsat)).offers;
    if (offer === undefined) throw new Error('no offer');
    return offer;
  }

  async function invoiceOf(us: Leyden, amountMsat: bigint | null): Promise<InvoiceDetails> {
    const { quoteId } = await quoted(us, amountMsat);
    return valueOf(await us.api.lsp.receive({ quoteId, description: 'first sats', maxFeeMsat: 20_000_000n }));
  }

  test('pays an empty wallet through a channel that it opens, less the fee that was shown', async () => {
    const us = await emptyWallet();
    const offer = await quoted(us, AMOUNT);
    expect(offer).toMatchObject({ feeMsat: FEE, amountMsat: AMOUNT, trusted: true, lsp: { nodeId: lsp.id } });
    const { invoice, paymentId } = await invoiceOf(us, AMOUNT);
    await payer.pay(invoice);
    expect(await waitForPayment(us, paymentId)).toMatchObject({
      state: 'succeeded',
      amountMsat: AMOUNT - FEE,
      feeMsat: FEE,
    });
    const channel = await waitForChannel(us, ({ pendingHtlcs, isUsable }) => isUsable && pendingHtlcs === 0);
    expect(channel).toMatchObject({ localMsat: AMOUNT - FEE, confirmations: 0, isAnnounced: false });

    // The channel is there: what comes next costs nothing, also once the chain confirmed it.
    for (const blocks of [0, DEEP]) {
      if (blocks > 0) await stage.mine(blocks);
      const next = valueOf(await us.api.bolt11.receive({ amountMsat: 10_000_000n, description: 'more' }));
      await payer.pay(next.invoice);
      expect(await waitForPayment(us, next.paymentId)).toMatchObject({
        amountMsat: 10_000_000n,
        feeMsat: null,
      });
    }
    // And it can be spent.
    const { bolt11 } = await payer.createInvoice({ amountMsat: 5_000_000n });
    const { paymentId: spent } = valueOf(await us.api.bolt11.send(bolt11));
    expect(await waitForPayment(us, spent)).toMatchObject({ state: 'succeeded' });
  });

  test('pays what the payer chose, less its share', async () => {
    const us = await emptyWallet();
    const { invoice, paymentId } = await invoiceOf(us, null);
    await payer.pay(invoice, { amountMsat: 700_000_000n });
    // 0.4 % is more than the least fee.
    expect(await waitForPayment(us, paymentId)).toMatchObject({ feeMsat: 2_800_000n, state: 'succeeded' });
  });

  test('pays in parts that no one channel of the payer could carry', async () => {
    const us = await emptyWallet();
    const { invoice, paymentId } = await invoiceOf(us, 2_200_000_000n);
    await payer.pay(invoice);
    expect(await waitForPayment(us, paymentId)).toMatchObject({
      state: 'succeeded',
      amountMsat: 2_191_200_000n,
      feeMsat: 8_800_000n,
    });
  });

  test('that is not trusted pays once its channel is confirmed', async () => {
    const us = await emptyWallet(false);
    const { invoice, paymentId } = await invoiceOf(us, AMOUNT);
    const paid = payer.pay(invoice);
    const { fundingTxId } = await waitForChannel(us, ({ state }) => state === 'waiting-for-confirmations');
    await stage.inMempool(fundingTxId ?? '');
    await stage.mine(3);
    await paid;
    expect(await waitForPayment(us, paymentId)).toMatchObject({ state: 'succeeded', feeMsat: FEE });
  });

  test('says what it refuses, and why', async () => {
    const us = await emptyWallet();
    await stage.sync();
    expect(await us.api.lsp.quote(2_999_999n)).toMatchObject({
      error: { code: 'amount-too-small', minimumMsat: 3_000_000n },
    });
    expect(await us.api.lsp.quote(4_000_000_001n)).toMatchObject({
      error: { code: 'amount-too-large', maximumMsat: 4_000_000_000n },
    });
    const stranger = await emptyWallet(true, 'of somebody else');
    await stage.sync();
    expect(await stranger.api.lsp.quote(AMOUNT)).toMatchObject({
      error: { code: 'lsp-failed', reason: 'token-refused' },
    });
  });

  test('is killed before the payment comes, and pays when it is back', async () => {
    const us = await emptyWallet();
    const { invoice, paymentId } = await invoiceOf(us, AMOUNT);
    await lsp.kill();
    expect(codeOf(await us.api.lsp.quote(AMOUNT))).toBe('peer-unreachable');
    await lspBack(us);
    await payAgain(invoice);
    expect(await waitForPayment(us, paymentId)).toMatchObject({ state: 'succeeded', feeMsat: FEE });
    // And once more when it has the channel.
    await lsp.kill();
    await lspBack(us);
    await waitForChannel(us, ({ isUsable }) => isUsable);
    const next = valueOf(await us.api.bolt11.receive({ amountMsat: 10_000_000n, description: 'more' }));
    await payAgain(next.invoice);
    expect(await waitForPayment(us, next.paymentId)).toMatchObject({ amountMsat: 10_000_000n });
  });

  test('pays a wallet that died after it showed its invoice', async () => {
    const us = await emptyWallet();
    const { invoice, paymentId } = await invoiceOf(us, AMOUNT);
    await us.kill();
    await us.restart();
    await until(async () => (await us.api.listPeers()).find(({ state }) => state === 'connected') ?? null, {
      what: 'our LSP again',
    });
    await stage.sync();
    await payAgain(invoice);
    expect(await waitForPayment(us, paymentId)).toMatchObject({ state: 'succeeded', feeMsat: FEE });
  });
});
