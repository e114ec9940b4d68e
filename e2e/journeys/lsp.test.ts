import { app as shell, lsp as words, receive } from '../../web/i18n/en.ts';
import { wayToLsp } from '../world/way-to-lsp.ts';
import { fact, factSat } from './pages/amounts.ts';
import type { App } from './pages/app.ts';
import { test } from './stage/lsp-world.ts';
import { expect } from './stage/test.ts';

const ask = async ({ page }: App, amountSat: bigint): Promise<void> => {
  await page.getByLabel(words.amount).fill(amountSat.toString());
  await page.getByRole('button', { name: words.see }).click();
};

test('from nothing to the first satoshis in a channel that an LSP opens, on to paying and being paid', async ({
  app,
  world,
  payee,
}) => {
  const { page } = app;
  await app.setup.create();
  await app.receive.openEmpty();

  // Too little: the smallest that goes is said, and nothing was bought.
  await ask(app, 2_999n);
  await expect(page.getByText(/Use at least/)).toContainText(/3\D?000 sat/);

  await ask(app, 50_000n);
  await expect(page.getByRole('heading', { name: words.quote.title })).toBeVisible();
  expect(await factSat(page, words.quote.fee)).toBe(2_000n);
  expect(await factSat(page, words.quote.get)).toBe(48_000n);
  await expect(fact(page, words.quote.takes)).toContainText(/^3\D?000 sat to/);
  // Before it is agreed to: what one trusts the LSP with.
  await expect(
    page.getByText(/only after it got the payment, and it could take your money back/),
  ).toBeVisible();
  await page.getByRole('button', { name: /^Ask for/ }).click();
  await expect(page.getByRole('button', { name: receive.enlarge })).toBeVisible();
  // One button of the playground pays what is shown.
  await page.getByRole('button', { name: receive.playground.pay }).click();
  await app.receive.expectReceived();
  // The channel that came for it is no news of its own.
  await expect(page.getByText(shell.notices.channelPending)).toHaveCount(0);
  // Since the navigation began: the page, the wallet, the words and their check are all in it.
  const sinceLoad = await page.evaluate(() => performance.now());
  console.log(`page load to first sat: ${(sinceLoad / 1000).toFixed(1)} s`);
  await app.home.open();
  await app.home.expectHoldings({ lightning: 48_000n });

  // Another node than the one that paid.
  const theirs = await payee.createInvoice({ amountMsat: 10_000_000n, description: 'Coffee' });
  await app.send.enter(theirs.bolt11);
  const { totalSat } = await app.send.cost();
  await app.send.pay();
  await app.send.expectSent();
  await app.send.done();
  const left = 48_000n - totalSat;
  await app.home.expectHoldings({ lightning: left });

  await app.reload();
  await app.home.expectHoldings({ lightning: left });
  // The channel is there: this costs nothing, and nobody is asked for a price.
  await app.receive.open();
  await app.receive.ask(20_000n, 'Lunch');
  await world.ldk.pay(await app.receive.invoice());
  await app.receive.expectReceived();
  await app.home.open();
  await app.home.expectHoldings({ lightning: left + 20_000n });
});

test('an amount that the payer chooses, into a wallet with nothing', async ({ app, world }) => {
  const { page } = app;
  await app.setup.create();
  await app.receive.openEmpty();
  await page.getByRole('button', { name: words.open }).click();
  await expect(page.getByText(words.quote.between)).toBeVisible();
  expect(await factSat(page, words.quote.fee)).toBe(2_000n);
  await page.getByRole('button', { name: words.quote.askAny }).click();
  await expect(page.getByText(receive.any)).toBeVisible();
  await world.ldk.pay(await app.receive.invoice(), { amountMsat: 700_000_000n });
  await app.receive.expectReceived();
  await app.home.open();
  // 0.4 % is more than the least fee.
  await app.home.expectHoldings({ lightning: 697_200n });
});

test('what to do where the LSP is not there, and how to do without it', async ({ app, world }) => {
  const { page } = app;
  const lsp = world.peers.find(({ isLsp }) => isLsp);
  await app.setup.create();
  await lsp?.kill();
  await app.receive.openEmpty();
  await ask(app, 50_000n);
  await expect(
    page.getByText('The LSP does not answer. Nothing was bought.', { exact: false }),
  ).toBeVisible();
  await expect(page.getByText('receive on-chain instead', { exact: false }).first()).toBeVisible();
  await page.getByRole('button', { name: words.onchain }).click();
  await expect(page.getByRole('button', { name: receive.enlarge })).toBeVisible();
  await lsp?.restart();
  await wayToLsp(world);
  await page.getByRole('button', { name: words.lightning }).click();
  await ask(app, 50_000n);
  await expect(page.getByRole('heading', { name: words.quote.title })).toBeVisible();
});

test('an LSP that goes away once its code is shown is said so, and waited for until it is back', async ({
  app,
  world,
}) => {
  const { page } = app;
  const lsp = world.peers.find(({ isLsp }) => isLsp);
  await app.setup.create();
  await app.receive.openEmpty();
  await ask(app, 50_000n);
  await page.getByRole('button', { name: /^Ask for/ }).click();
  const code = page.getByRole('button', { name: receive.enlarge });
  await expect(code).toBeVisible();

  await lsp?.kill();
  await expect(page.getByText(words.gone.sentence('Playground LSP'))).toBeVisible();
  await expect(page.getByRole('link', { name: words.settings.add })).toBeVisible();
  await expect(code).toBeHidden();
  await page.getByRole('button', { name: words.gone.wait }).click();
  await expect(code).toBeVisible();
  await expect(page.getByText(words.gone.waiting('Playground LSP'))).toBeVisible();

  await lsp?.restart();
  await wayToLsp(world);
  await expect(page.getByText(receive.waiting)).toBeVisible({ timeout: 60_000 });
  await world.ldk.pay(await app.receive.invoice());
  await app.receive.expectReceived();
});
