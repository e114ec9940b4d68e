import { chromium } from '@playwright/test';
import { activity, home, lock, send } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import { WORDS } from '../world/leyden/leyden.ts';
import { App } from './pages/app.ts';
import { expect, test } from './stage/test.ts';

test('a page that comes back from the browser’s memory has a fresh engine, and another tab had the wallet meanwhile', async ({
  launchOptions,
  site,
}) => {
  const browser = await chromium.launch({
    ...launchOptions,
    // What other journeys go without.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  try {
    const context = await browser.newContext();
    await context.addInitScript(() => {
      addEventListener('pageshow', ({ persisted }) => {
        if (persisted) sessionStorage.setItem('came-back', 'yes');
      });
    });
    const app = new App(await context.newPage());
    await app.page.goto(site.url);
    await app.setup.create();
    await app.home.getTestCoins();
    await app.home.expectHoldings({ onchain: 1_000_000n });

    // A page that the service worker of a first visit takes over meanwhile is not kept.
    await app.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await app.reload();
    await app.home.expectHoldings({ onchain: 1_000_000n });
    const other = new App(await context.newPage());
    // Whether a page is kept is the browser's own choice: one that it would not keep is left once more.
    await expect(async () => {
      if (await app.home.elsewhere.isVisible()) await app.home.useHere();
      await app.home.expectHoldings({ onchain: 1_000_000n });
      // Nor is one kept of which a part arrives after it was left: the other screens come after the balance.
      await app.page.waitForLoadState('networkidle');
      await app.page.goto(`${site.url}/config.json`);
      await other.page.goto(site.url);
      // Nobody stands in its way: the engine of the page that was left is gone.
      await other.home.expectHoldings({ onchain: 1_000_000n });
      await expect(other.home.elsewhere).toHaveCount(0);
      await app.page.goBack();
      expect(await app.page.evaluate(() => sessionStorage.getItem('came-back'))).toBe('yes');
    }).toPass({ timeout: 90_000 });
    await expect(app.home.elsewhere).toBeVisible();
    await app.home.useHere();
    await app.home.expectHoldings({ onchain: 1_000_000n });
    await expect(other.home.elsewhere).toBeVisible();
  } finally {
    await browser.close();
  }
});

test('who left while a wallet is restored is not called away by its end', async ({ app }) => {
  const { page } = app;
  await app.setup.beginRestore();
  await app.setup.typeWords(WORDS[0] ?? '');
  await page.getByRole('radio', { name: lock.choose.none.label }).check();
  await expect(page.getByText(lock.choose.noneMeans)).toBeVisible();
  // Gone before the engine can have looked for what the words hold.
  await page.evaluate((to) => {
    document.querySelector('form')?.requestSubmit();
    location.hash = to;
  }, links.setup);
  const title = page.locator('h1');
  await expect(title).toHaveText(home.title);
  // What was chosen for it is forgotten when it is over, and one answer of the engine later it would lead on.
  await page.waitForFunction(() => sessionStorage.getItem('leyden/draft/restore') === null);
  await page.evaluate((to) => {
    location.hash = to;
  }, links.activity);
  await expect(title).toHaveText(activity.title);
  await page.goBack();
  await expect(title).toHaveText(home.title);
  await page.goForward();
  await expect(title).toHaveText(activity.title);
});

test('who left while a wallet is made is not called away by its end', async ({ app }) => {
  const { page } = app;
  await app.setup.beginCreate();
  await page.getByRole('radio', { name: lock.choose.none.label }).check();
  await expect(page.getByText(lock.choose.noneMeans)).toBeVisible();
  await page.evaluate((to) => {
    document.querySelector('form')?.requestSubmit();
    location.hash = to;
  }, links.setup);
  const title = page.locator('h1');
  await expect(title).toHaveText(home.title);
  // Told at its end, and one answer of the engine later it would lead on.
  await page.waitForFunction(() =>
    (sessionStorage.getItem('leyden/draft/create') ?? '').includes('"made":true'),
  );
  await page.evaluate((to) => {
    location.hash = to;
  }, links.activity);
  await expect(title).toHaveText(activity.title);
  await page.goBack();
  await expect(title).toHaveText(home.title);
  await page.goForward();
  await expect(title).toHaveText(activity.title);
});

test('who went on to another screen is not called away from it by an answer that came late', async ({
  app,
  world,
}) => {
  await app.setup.create();
  const { page } = app;
  const title = page.locator('h1');
  await app.send.open();
  await page.getByLabel(send.to).fill(await world.chain.newAddress());
  // Gone before the engine can have said what that is.
  await page.evaluate((to) => {
    document.querySelector('form')?.requestSubmit();
    location.hash = to;
  }, links.home);
  await expect(title).toHaveText(home.title);
  await page.evaluate((to) => {
    location.hash = to;
  }, links.activity);
  await expect(title).toHaveText(activity.title);
  await page.goBack();
  await expect(title).toHaveText(home.title);
});
