import { expect } from 'vitest';
import type { ChannelDetails } from '../../../engine/node/api.ts';
import { pay, waitForChannel, waitForPayment } from '../../real/scenarios/stage.ts';
import { valueOf } from '../../real/scenarios/values.ts';
import { until } from '../../world/until.ts';
import type { Us } from '../our-side.ts';
import type { Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';
import { Shop } from '../shop.ts';

const FIRST = 50_000_000n;
const MORE = 10_000_000n;
const OUT = 10_000_000n;

/** The channel, when it can be used and nothing is in flight in it. */
const atRest = (us: Us): Promise<ChannelDetails> =>
  waitForChannel(us, ({ isUsable, pendingHtlcs }) => isUsable && pendingHtlcs === 0);

/** What comes once the channel is there costs nothing. */
async function payMore({ payer, stage }: Shop, us: Us): Promise<void> {
  await atRest(us);
  await stage.sync();
  const { invoice, paymentId } = valueOf(
    await us.api.bolt11.receive({ amountMsat: MORE, description: 'more' }),
  );
  // A payer whose channels have just come back needs a moment to see what they carry.
  await until(
    () =>
      payer.pay(invoice).then(
        () => true as const,
        () => null,
      ),
    {
      what: 'a further payment',
      everyMs: 500,
      timeoutMs: 60_000,
    },
  );
  expect(await waitForPayment(us, paymentId)).toMatchObject({ amountMsat: MORE, feeMsat: null });
}

/** What was bought pays as any channel does. @returns what is left in it, millisatoshis */
async function payOut({ payer }: Shop, us: Us): Promise<bigint> {
  const before = await atRest(us);
  const { bolt11, paymentHash } = await payer.createInvoice({ amountMsat: OUT, description: 'out' });
  const payment = await pay(us, bolt11);
  expect(payment).toMatchObject({ state: 'succeeded', amountMsat: OUT, paymentHash });
  const { localMsat } = await atRest(us);
  expect(localMsat).toBe(before.localMsat - OUT - (payment.feeMsat ?? 0n));
  return localMsat;
}

/** From nothing to the first satoshis, on to being paid, paying, dying and being paid: as from the page, in e2e/journeys/lsp.test.ts. */
const bought = (play: Play): Promise<void> =>
  Shop.with(play, async (shop) => {
    const us = await shop.emptyWallet();
    const { invoice, paymentId } = await shop.invoice(us, FIRST);
    await shop.payer.pay(invoice);
    const { amountMsat } = await shop.received(us, paymentId, FIRST);
    const channel = await atRest(us);
    expect(channel).toMatchObject({ localMsat: amountMsat, confirmations: 0, isAnnounced: false });
    // It goes on once the chain has it.
    await shop.stage.mine(6);
    await payMore(shop, us);
    const left = await payOut(shop, us);
    await us.kill();
    await us.restart();
    await shop.found(us);
    expect((await atRest(us)).localMsat).toBe(left);
    // The channel is there: this costs nothing, and nobody is asked for a price.
    await payMore(shop, us);
    expect((await atRest(us)).localMsat).toBe(left + MORE);
    expect((await us.api.status()).alarms).toEqual([]);
  });

/** What the payer chose; more than one of the payer's channels carries; and of one whom we believe only once it is in the chain. */
const boughtInEveryWay = (play: Play): Promise<void> =>
  Shop.with(play, async (shop) => {
    const { stage, payer } = shop;
    const any = await shop.emptyWallet();
    const chosen = await shop.invoice(any, null);
    expect(chosen.amountMsat).toBeNull();
    await payer.pay(chosen.invoice, { amountMsat: FIRST });
    await shop.received(any, chosen.paymentId, FIRST);
    await payMore(shop, any);

    const parts = await shop.emptyWallet();
    const large = await shop.invoice(parts, shop.moreThanOneWay);
    await payer.pay(large.invoice);
    await shop.received(parts, large.paymentId, shop.moreThanOneWay);

    const wary = await shop.emptyWallet(false);
    const { invoice, paymentId } = await shop.invoice(wary, FIRST);
    const paid = payer.pay(invoice);
    const { fundingTxId } = await waitForChannel(wary, ({ state }) => state === 'waiting-for-confirmations');
    await stage.inMempool(fundingTxId ?? '');
    await stage.mine(2);
    expect(valueOf(await wary.api.payment(paymentId))).toMatchObject({ state: 'pending' });
    await stage.mine(1);
    await paid;
    await shop.received(wary, paymentId, FIRST);
    await payMore(shop, wary);
  });

/** The payment arrives, or fails and cost nothing: then it is asked for anew. */
async function paidOrAnew(shop: Shop, us: Us, invoice: string, paymentId: string): Promise<void> {
  const arrived = await shop.payer.pay(invoice).then(
    () => true,
    () => false,
  );
  if (arrived) {
    await shop.received(us, paymentId, FIRST);
    return;
  }
  expect(valueOf(await us.api.payment(paymentId))).toMatchObject({ state: 'pending' });
  const again = await shop.invoice(us, FIRST);
  await shop.payer.pay(again.invoice);
  await shop.received(us, again.paymentId, FIRST);
}

async function diesBetween(shop: Shop): Promise<void> {
  const { lsp, stage } = shop;
  const us = await shop.emptyWallet();
  // After it named its price: what it promised it holds, or says that it does not.
  const { quoteId } = await shop.quote(us, FIRST);
  await lsp.kill();
  expect(await us.api.lsp.quote(FIRST)).toMatchObject({ error: { code: 'peer-unreachable' } });
  await shop.back(us);
  const sold = await us.api.lsp.receive({ quoteId, description: 'first', maxFeeMsat: 40_000_000n });
  if (!sold.ok) expect(sold.error).toEqual({ code: 'lsp-failed', reason: 'terms-changed' });
  // After it sold the channel.
  const { invoice, paymentId } = sold.ok ? sold.value : await shop.invoice(us, FIRST);
  await lsp.kill();
  await shop.back(us);
  await paidOrAnew(shop, us, invoice, paymentId);
  // Once the channel is there.
  await atRest(us);
  await stage.mine(6);
  await lsp.kill();
  await shop.back(us);
  await payMore(shop, us);
  expect((await us.api.status()).alarms).toEqual([]);
}

/** It holds the payment, and the channel for it is on its way. */
async function diesHolding(shop: Shop): Promise<void> {
  const { lsp, payer, stage } = shop;
  const us = await shop.emptyWallet(false);
  const { invoice, paymentId } = await shop.invoice(us, FIRST);
  const paid = payer.pay(invoice).then(
    () => true,
    () => false,
  );
  const { fundingTxId } = await waitForChannel(us, ({ state }) => state === 'waiting-for-confirmations');
  await stage.inMempool(fundingTxId ?? '');
  await lsp.kill();
  await shop.back(us);
  await stage.mine(3);
  await waitForChannel(us, ({ isUsable }) => isUsable);
  if (await paid) await shop.received(us, paymentId, FIRST);
  else expect(valueOf(await us.api.payment(paymentId))).toMatchObject({ state: 'pending' });
  await payMore(shop, us);
  expect((await us.api.status()).alarms).toEqual([]);
}

const boughtFromOneWhoDies = (play: Play): Promise<void> =>
  Shop.with(play, async (shop) => {
    await diesBetween(shop);
    await diesHolding(shop);
  });

export const BUYING = {
  'channel-bought': bought,
  'channel-bought-ways': boughtInEveryWay,
  'channel-bought-killed': boughtFromOneWhoDies,
} satisfies Scenarios;
