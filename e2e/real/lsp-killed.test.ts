import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InvoiceDetails } from '../../engine/node/api.ts';
import { DEFAULT_LSP_TERMS } from '../world/ldk/lsp-settings.ts';
import type { LocalLeyden } from '../world/leyden/local-leyden.ts';
import { until } from '../world/until.ts';
import { PEER_KINDS, type PeerUnderTest } from './scenarios/peer-kinds.ts';
import { DEEP, Stage, waitForChannel, waitForPayment } from './scenarios/stage.ts';
import { valueOf } from './scenarios/values.ts';

const AMOUNT = 50_000_000n;
const FEE = 2_000_000n;

describe.each(PEER_KINDS)('an LSP that is $name and is killed', (kind) => {
  let stage: Stage;
  let lsp: PeerUnderTest;
  let payer: PeerUnderTest;

  beforeAll(async () => {
    stage = await Stage.start(kind);
    lsp = await stage.peer({ alias: 'lsp', lsp: { ...DEFAULT_LSP_TERMS, holdMs: 8_000 } }, 90_000_000n);
    payer = await stage.peer({ alias: 'payer' }, 90_000_000n);
    await payer.connect(lsp.id, lsp.address);
    const { channelId } = await payer.openChannel({ nodeId: lsp.id, capacitySat: 2_000_000n });
    await stage.mine(DEEP);
    await payer.waitForChannel((one) => one.channelId === channelId && one.isUsable, 'a way to the LSP');
  });
  afterAll(() => stage.stop());

  async function lspBack({ api }: LocalLeyden): Promise<void> {
    await lsp.restart();
    await payer.connect(lsp.id, lsp.address);
    await payer.waitForChannel(({ isUsable }) => isUsable, 'the way to the LSP');
    await until(async () => (await api.listPeers()).some(({ state }) => state === 'connected'), {
      what: 'our LSP again',
    });
  }

  async function invoiceOf(us: LocalLeyden): Promise<InvoiceDetails> {
    await stage.sync();
    const [offer] = valueOf(await us.api.lsp.quote(AMOUNT)).offers;
    const request = { quoteId: offer?.quoteId ?? '', description: 'first sats', maxFeeMsat: FEE };
    return valueOf(await us.api.lsp.receive(request));
  }

  /** What the payer could send, nothing being under way. */
  async function purse(): Promise<bigint> {
    const [channel] = await until(
      async () => {
        const channels = await payer.channels();
        return channels.every((one) => one.pendingOutgoing === 0 && one.isUsable) && channels;
      },
      { what: 'the end of what the payer sent' },
    );
    return channel?.outboundMsat ?? 0n;
  }

  const pay = (invoice: string): Promise<string> =>
    payer.pay(invoice).then(
      () => 'paid',
      (error: unknown) => String(error),
    );

  async function arrives(
    us: LocalLeyden,
    { invoice, paymentId }: InvoiceDetails,
    first: string,
  ): Promise<void> {
    const outcomes = [first];
    await until(
      async () => {
        if (outcomes.at(-1) !== 'paid') outcomes.push(await pay(invoice));
        return outcomes.at(-1) === 'paid';
      },
      { what: 'the payment to arrive', everyMs: 250, describe: () => [outcomes, lsp.events.slice(-20)] },
    );
    expect(await waitForPayment(us, paymentId)).toMatchObject({
      state: 'succeeded',
      amountMsat: AMOUNT - FEE,
      feeMsat: FEE,
    });
    const { lightning, totalMsat } = await us.api.listBalances();
    expect([lightning.localMsat, totalMsat]).toEqual([AMOUNT - FEE, AMOUNT - FEE]);
  }

  // At all other steps: e2e/interop, `channel-bought-killed`.
  test('when it has asked for a channel: nothing is lost, and the payment arrives', async () => {
    const us = await stage.local(0n, [
      { alias: 'The LSP', nodeId: lsp.id, ...lsp.address, token: null, trusted: true },
    ]);
    const invoice = await invoiceOf(us);
    const before = await purse();
    const { length } = await lsp.channels();
    const paid = pay(invoice.invoice);
    await until(async () => (await lsp.channels()).length > length, {
      what: 'its moment',
      everyMs: 1,
      describe: () => lsp.events.slice(-9),
    });
    await lsp.kill();
    await lspBack(us);
    await arrives(us, invoice, await paid);
    expect(before - (await purse())).toBe(AMOUNT);
    const { fundingTxId } = await waitForChannel(
      us,
      ({ isUsable, pendingHtlcs }) => isUsable && pendingHtlcs === 0,
    );
    await stage.inMempool(fundingTxId ?? '');
    // What the LSP forgot with its end does not linger.
    const others = (await us.api.listChannels()).filter((one) => one.fundingTxId !== fundingTxId);
    expect(others.filter(({ state }) => state !== 'closed')).toEqual([]);
    const next = valueOf(await us.api.bolt11.receive({ amountMsat: 10_000_000n, description: 'more' }));
    expect(await pay(next.invoice)).toBe('paid');
    expect(await waitForPayment(us, next.paymentId)).toMatchObject({
      amountMsat: 10_000_000n,
      feeMsat: null,
    });
  });
});
