import type { CDPSession, Page } from '@playwright/test';
import { home, app as words } from '../../web/i18n/en.ts';
import { expect, test } from './stage/test.ts';
import { withChannel } from './stage/with-channel.ts';

/** As when another program is in front. */
const setSeen = (page: Page, seen: boolean): Promise<void> =>
  page.evaluate((visible) => {
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      get: () => (visible ? 'visible' : 'hidden'),
    });
    document.dispatchEvent(new Event('visibilitychange'));
  }, seen);

test('app badge: the icon says that money came while nobody looked, and no longer once somebody does', async ({
  device,
  world,
}) => {
  // What the system would draw is not to be seen here: what it is told is.
  await device.context.addInitScript(() => {
    const told: string[] = [];
    Object.assign(globalThis, { badge: told });
    navigator.setAppBadge = () => Promise.resolve(void told.push('news'));
    navigator.clearAppBadge = () => Promise.resolve(void told.push('none'));
  });
  const app = await device.openApp();
  const { page } = app;
  const last = (): Promise<string | undefined> =>
    page.evaluate(() => (globalThis as unknown as { badge: readonly string[] }).badge.at(-1));
  await app.setup.create();
  expect(await last()).toBe('none');
  await app.receive.open();
  const address = await app.receive.address();
  await app.home.open();
  await setSeen(page, false);
  await world.chain.send(address, 100_000n);
  await expect.poll(last).toBe('news');
  await setSeen(page, true);
  await expect.poll(last).toBe('none');
  const news = page.getByRole('region', { name: words.notices.label });
  await expect(news).toContainText(words.notices.onchainReceived);
});

test('install offered at a good moment: not before there is money, and with the browser’s own question', async ({
  device,
  world,
}) => {
  // The browser offers once, when it likes: also before the page's own part has arrived.
  let arrive: () => void = () => undefined;
  const arrives = new Promise<void>((resolve) => (arrive = resolve));
  await device.context.route('**/assets/page-*.js', async (route) => {
    await arrives;
    await route.continue();
  });
  const app = await device.openApp();
  const { page } = app;
  const card = page.getByRole('heading', { name: home.install.title });
  /** As Chromium does, which asks nobody in the private windows that tests have. @returns whether the page keeps it for later */
  const offer = (): Promise<boolean> =>
    page.evaluate(() => {
      const event = new Event('beforeinstallprompt', { cancelable: true });
      Object.assign(event, {
        prompt: () => {
          Object.assign(globalThis, { prompted: true });
          return Promise.resolve({ outcome: 'accepted' });
        },
      });
      window.dispatchEvent(event);
      return event.defaultPrevented;
    });
  // The browser’s own banner would come now, when nobody knows yet what this is.
  expect(await offer()).toBe(true);
  arrive();
  await withChannel(app, world);
  // What endangers money is said first, alone.
  await expect(card).toHaveCount(0);
  await app.backup.open();
  await app.backup.saveFile();
  await app.home.open();
  await expect(card).toBeVisible();
  await page.getByRole('button', { name: home.install.action, exact: true }).click();
  expect(await page.evaluate(() => 'prompted' in globalThis)).toBe(true);
  await expect(card).toHaveCount(0);
});

test('offline start shows the balance: of the wallet’s own disk, with every server and the page’s own host away', async ({
  app,
  device,
  world,
}) => {
  const { onchainSat, channelSat } = await withChannel(app, world);
  await app.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await app.page.close();
  device.cutServers();
  await device.context.setOffline(true);
  const again = await device.openApp();
  await again.home.expectHoldings({ lightning: channelSat, onchain: onchainSat, kept: 25_000n });
});

test('on a phone without buttons, nothing that is pressed lies under the system’s own bar', async ({
  app,
}) => {
  const { page } = app;
  await app.setup.create();
  const session = await page.context().newCDPSession(page);
  const nav = page.getByRole('navigation');
  const bottomOf = async (): Promise<number> => {
    const link = await nav.getByRole('link').first().boundingBox();
    return (link?.y ?? 0) + (link?.height ?? 0);
  };
  const height = page.viewportSize()?.height ?? 0;
  expect(await bottomOf()).toBe(height);
  await inset(session, { top: 47, bottom: 34 });
  await expect.poll(bottomOf).toBe(height - 34);
  const main = page.locator('main');
  expect(await main.evaluate((one) => getComputedStyle(one).paddingTop)).toBe('47px');
  // What iOS reads in place of the manifest.
  const meta = (name: string) => page.locator(`meta[name="${name}"]`);
  await expect(meta('apple-mobile-web-app-capable')).toHaveAttribute('content', 'yes');
  await expect(meta('apple-mobile-web-app-title')).toHaveAttribute('content', words.name);
  await expect(meta('viewport')).toHaveAttribute('content', /viewport-fit=cover/);
  const icon = await page.locator('link[rel=apple-touch-icon]').getAttribute('href');
  expect((await page.request.get(new URL(icon ?? '', page.url()).href)).headers()['content-type']).toBe(
    'image/png',
  );
});

const inset = (session: CDPSession, insets: object): Promise<unknown> =>
  session.send('Emulation.setSafeAreaInsetsOverride', { insets });
