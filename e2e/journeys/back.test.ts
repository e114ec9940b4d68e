import { chromium } from '@playwright/test';
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
