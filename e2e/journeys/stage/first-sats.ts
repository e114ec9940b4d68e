import { app as shell, lsp as words, receive } from '../../../web/i18n/en.ts';
import type { RealPeer } from '../../world/real-peer.ts';
import { fact, factSat } from '../pages/amounts.ts';
import type { App } from '../pages/app.ts';
import { expect } from './test.ts';

const ASKED = 50_000n;
const PAID = 10_000n;
const LATER = 20_000n;

export const ask = async ({ page }: App, amountSat: bigint): Promise<void> => {
  await page.getByLabel(words.amount).fill(amountSat.toString());
  await page.getByRole('button', { name: words.see }).click();
};

/** Whoever sells the channel, and what it takes for 50,000 sat. */
export type Sold = { readonly feeSat: bigint; readonly tooLittle: bigint; readonly least: RegExp };

/** Of the playground's nodes: who pays at the press of a button, and another who is paid. */
type Others = { readonly payer: RealPeer; readonly payee: RealPeer };

/** What came of it, and how long it took since the navigation began: the wallet, its words and their check are all in it. */
type Came = { readonly gotSat: bigint; readonly sinceLoadMs: number };

/** From an empty browser to the first satoshis in a channel that an LSP opens. */
export async function firstSats(app: App, sold: Sold): Promise<Came> {
  const { page } = app;
  await app.setup.create();
  await app.receive.openEmpty();

  // Too little: the smallest that goes is said, and nothing was bought.
  await ask(app, sold.tooLittle);
  await expect(page.getByText(/Use at least/)).toContainText(sold.least);

  await ask(app, ASKED);
  await expect(page.getByRole('heading', { name: words.quote.title })).toBeVisible();
  const got = ASKED - sold.feeSat;
  expect(await factSat(page, words.quote.fee)).toBe(sold.feeSat);
  expect(await factSat(page, words.quote.get)).toBe(got);
  await expect(fact(page, words.quote.takes)).toContainText(sold.least);
  // Before it is agreed to: what one trusts the LSP with.
  await expect(
    page.getByText(/only after it got the payment, and it could take your money back/),
  ).toBeVisible();
  await page.getByRole('button', { name: /^Ask for/ }).click();
  await expect(page.getByRole('button', { name: receive.enlarge })).toBeVisible();
  // One button of the playground pays what is shown.
  await page.getByRole('button', { name: receive.playground.pay }).click();
  await app.receive.expectReceived();
  const sinceLoadMs = await page.evaluate(() => performance.now());
  // The channel that came for it is no news of its own.
  await expect(page.getByText(shell.notices.channelPending)).toHaveCount(0);
  return { gotSat: got, sinceLoadMs };
}

/** From an empty wallet to the first satoshis in a channel that an LSP opens, on to paying, a reload, and being paid. */
export async function fromNothing(app: App, sold: Sold, { payer, payee }: Others): Promise<void> {
  const { gotSat: got } = await firstSats(app, sold);
  await app.home.open();
  await app.home.expectHoldings({ lightning: got });

  // Another node than the one that paid.
  const theirs = await payee.createInvoice({ amountMsat: PAID * 1000n, description: 'Coffee' });
  await app.send.enter(theirs.bolt11);
  const { totalSat } = await app.send.cost();
  await app.send.pay();
  await app.send.expectSent();
  await app.send.done();
  const left = got - totalSat;
  await app.home.expectHoldings({ lightning: left });

  await app.reload();
  await app.home.expectHoldings({ lightning: left });
  // The channel is there: this costs nothing, and nobody is asked for a price. Also in a page that begins with the request,
  // and has not reached its channel then.
  await app.receive.open();
  await app.page.evaluate(() => sessionStorage.clear());
  await app.reload();
  await expect(app.page.getByText(receive.keepOpen)).toBeVisible();
  await app.receive.ask(LATER, 'Lunch');
  await payer.pay(await app.receive.invoice());
  await app.receive.expectReceived();
  await app.home.open();
  await app.home.expectHoldings({ lightning: left + LATER });
}
