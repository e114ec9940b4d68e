import { expect } from 'vitest';
import { pay, waitForChannel } from '../../real/scenarios/stage.ts';
import { valueOf } from '../../real/scenarios/values.ts';
import type { Us } from '../our-side.ts';
import type { Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';
import { atRest, FIRST, MORE, Shop } from '../shop.ts';

const OUT = 10_000_000n;

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
    await shop.payMore(us);
    const left = await payOut(shop, us);
    await us.kill();
    await us.restart();
    await shop.found(us);
    expect((await atRest(us)).localMsat).toBe(left);
    // The channel is there: this costs nothing, and nobody is asked for a price.
    await shop.payMore(us);
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
    await shop.payMore(any);

    const parts = await shop.emptyWallet();
    const large = await shop.invoice(parts, shop.moreThanOneWay);
    await shop.purse();
    const before = await shop.ways();
    await payer.pay(large.invoice);
    await shop.received(parts, large.paymentId, shop.moreThanOneWay);
    await shop.purse();
    const after = await shop.ways();
    // Each way carried some of it.
    expect([...before].map(([way, had]) => had > (after.get(way) ?? had))).toEqual([true, true]);

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
    await shop.payMore(wary);
  });

export const BUYING = {
  'channel-bought': bought,
  'channel-bought-ways': boughtInEveryWay,
} satisfies Scenarios;
