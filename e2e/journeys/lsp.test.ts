import { lsp as words, receive } from '../../web/i18n/en.ts';
import { wayToLsp } from '../world/way-to-lsp.ts';
import { factSat } from './pages/amounts.ts';
import { ask, fromNothing } from './stage/first-sats.ts';
import { test } from './stage/lsp-world.ts';
import { expect } from './stage/test.ts';

test('from nothing to the first satoshis in a channel that an LSP opens, on to paying and being paid', async ({
  app,
  world,
  payee,
}) => {
  // The least fee; the least that it takes is the playground's own limit.
  const sold = { feeSat: 2_000n, tooLittle: 2_999n, least: /3\D?000 sat/ };
  await fromNothing(app, sold, { payer: world.ldk, payee });
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
