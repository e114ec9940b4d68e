import type { Page } from '@playwright/test';
import { lsp as words, receive } from '../../web/i18n/en.ts';
import { DEFAULT_LSP_TERMS } from '../world/ldk/lsp-settings.ts';
import { wayBetween } from '../world/way-to-lsp.ts';
import { World } from '../world/world.ts';
import { factSat } from './pages/amounts.ts';
import { ask } from './stage/first-sats.ts';
import { expect, test as base } from './stage/test.ts';

const CHEAP = 'Playground LSP';
const DEAR = 'Corner shop';
const FUND = 14_000_000n;

/** Two LSPs, of which one asks more than the other, and somebody who can pay through both. */
const test = base.extend<object, { readonly world: World }>({
  world: [
    async ({ browserName: _any }, use) => {
      const world = await World.start({
        peers: [
          { alias: 'Payer', fundSat: 90_000_000n },
          { alias: CHEAP, fundSat: FUND, lsp: DEFAULT_LSP_TERMS },
          { alias: DEAR, fundSat: FUND, lsp: { ...DEFAULT_LSP_TERMS, minFeeMsat: 2_500_000n } },
        ],
      });
      for (const lsp of world.peers.filter(({ isLsp }) => isLsp)) await wayBetween(world, world.ldk, lsp);
      await use(world);
      await world.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
});

const offer = (page: Page, alias: string) => page.getByRole('radio', { name: alias });

/** Whether a person who leaves now would be asked first. */
const isAskedFirst = (page: Page): Promise<boolean> =>
  page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })));

test('two LSPs: their prices are compared, the one chosen is remembered at the next receive, and one that vanishes is replaced in two taps', async ({
  app,
  world,
}) => {
  const { page } = app;
  await app.setup.create();
  await app.receive.openEmpty();
  await ask(app, 50_000n);
  await expect(page.getByRole('group', { name: words.quote.choose })).toBeVisible();
  // The cheapest is proposed; each says what it would keep, and how soon the money is there.
  await expect(offer(page, CHEAP)).toBeChecked();
  await expect(offer(page, CHEAP)).toHaveAccessibleName(/2\D?000 sat/);
  await expect(offer(page, DEAR)).toHaveAccessibleName(/2\D?500 sat/);
  expect(await factSat(page, words.quote.fee)).toBe(2_000n);
  await offer(page, DEAR).check();
  expect(await factSat(page, words.quote.fee)).toBe(2_500n);
  expect(await factSat(page, words.quote.get)).toBe(47_500n);
  await page.getByRole('button', { name: /^Ask for/ }).click();
  await world.ldk.pay(await app.receive.invoice());
  await app.receive.expectReceived();
  await app.home.open();
  await app.home.expectHoldings({ lightning: 47_500n });

  // More than that channel can take: another one is needed, and whom one chose is proposed.
  await app.reload();
  await app.receive.open();
  await page.getByRole('button', { name: receive.edit.open }).click();
  await page.getByLabel(receive.amount, { exact: true }).fill('1000000');
  await page.getByRole('button', { name: receive.apply }).click();
  await page.getByRole('button', { name: words.see }).click();
  await expect(offer(page, DEAR)).toBeChecked();
  await expect(offer(page, CHEAP)).not.toBeChecked();
  await page.getByRole('button', { name: /^Ask for/ }).click();
  await expect(page.getByRole('button', { name: receive.enlarge })).toBeVisible();

  await world.peers.find(({ alias }) => alias === DEAR)?.kill();
  await expect(page.getByText(words.gone.sentence(DEAR))).toBeVisible();
  await page.getByRole('button', { name: words.another }).click();
  await expect(page.getByText(words.quote.replaced(DEAR, CHEAP))).toBeVisible();
  await page.getByRole('button', { name: /^Ask for/ }).click();
  await expect(page.getByRole('button', { name: receive.enlarge })).toBeVisible();
  await world.ldk.pay(await app.receive.invoice());
  await app.receive.expectReceived();
});

test('who is being paid is told to keep the page open, and asked before leaving while the payment is under way', async ({
  app,
  device,
  world,
}) => {
  const { page } = app;
  await world.peers.find((peer) => !peer.isRunning())?.restart();
  await app.setup.create();
  await app.receive.openEmpty();
  await ask(app, 50_000n);
  await page.getByRole('button', { name: /^Ask for/ }).click();
  await expect(page.getByText(receive.keepOpen)).toBeVisible();
  await world.ldk.pay(await app.receive.invoice());
  await app.receive.expectReceived();

  await page.getByRole('button', { name: receive.received.again }).click();
  await app.receive.ask(20_000n, 'Lunch');
  await expect(page.getByText(receive.keepOpen)).toBeVisible();
  const invoice = await app.receive.invoice();
  expect(await isAskedFirst(page)).toBe(false);
  // The HTLC is in our commitment, and the peer does not know that yet.
  device.gate.hold();
  const paid = world.ldk.pay(invoice);
  await expect.poll(() => isAskedFirst(page)).toBe(true);
  await expect(page.getByText(receive.keepOpen)).toBeVisible();
  const asked = page.waitForEvent('dialog');
  await page.close({ runBeforeUnload: true });
  const question = await asked;
  expect(question.type()).toBe('beforeunload');
  await question.dismiss();

  device.gate.release();
  await app.receive.expectReceived();
  await paid;
  await expect.poll(() => isAskedFirst(page)).toBe(false);
});
