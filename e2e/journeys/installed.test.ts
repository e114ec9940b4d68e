import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { appManifest } from '../../services/hosting/app-manifest.ts';
import { send } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import { deliverPush, serviceWorkerOf, shownIn } from './stage/pushes.ts';
import { expect, test } from './stage/test.ts';

const controlled = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => navigator.serviceWorker.controller !== null);

test('the browser would install it, and understands all that the manifest says', async ({
  launchOptions,
  playwright,
  site,
}) => {
  // In a profile that is kept, as a person's is: a private window, which each other test has, installs nothing.
  const profile = mkdtempSync(join(tmpdir(), 'leyden-profile-'));
  const context = await playwright.chromium.launchPersistentContext(profile, launchOptions);
  try {
    const [page = await context.newPage()] = context.pages();
    await page.goto(site.url);
    await controlled(page);
    const session = await context.newCDPSession(page);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    expect(installabilityErrors).toEqual([]);
    const { errors, manifest } = await session.send('Page.getAppManifest');
    expect(manifest.protocolHandlers?.map(({ protocol }) => protocol)).toEqual(['bitcoin', 'web+lightning']);
    expect(manifest.shareTarget?.action).toBe(`${site.url}/`);
    expect(manifest.shortcuts).toHaveLength(appManifest.shortcuts.length);
    // Chromium lets no page have `lightning:`, says so, and takes all the rest.
    expect(errors.map(({ message, critical }) => [message, critical])).toEqual([
      [expect.stringContaining("The scheme 'lightning' doesn't belong to the scheme allowlist"), 0],
      [expect.stringContaining('protocol_handlers entry ignored'), 0],
    ]);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
});

test('a link of another program, or a text shared with it, is read on the Send screen and paid by nobody', async ({
  app,
  world,
}) => {
  await app.setup.create();
  const { page } = app;
  const { bolt11 } = await world.ldk.createInvoice({ amountMsat: 20_000_000n, description: 'Book' });
  const [site] = page.url().split('#');
  for (const link of [
    `web+lightning:${bolt11}`,
    `lightning:${bolt11}`,
    `lightning:${bolt11.toUpperCase()}`,
  ]) {
    await page.goto(`${site}?open=${encodeURIComponent(link)}`);
    await expect(page.getByText('Book')).toBeVisible();
    expect(new URL(page.url()).search).toBe('');
    await page.goBack();
  }
  await page.goto(`${site}?title=An%20invoice&text=${bolt11}&url=`);
  await expect(page.getByText('Book')).toBeVisible();
  // Back leads to what was handed over, and not to the review again.
  await page.goBack();
  await expect(page.getByLabel(send.to)).toHaveValue(bolt11);
  await page.goto(`${site}?open=nonsense${links.home}`);
  await expect(page.getByLabel(send.to)).toHaveValue('nonsense');
  await expect(page.getByRole('alert')).toBeVisible();
});

test('a push for a wallet that sleeps is shown, and a press on it brings the wallet to the front', async ({
  app,
  device,
}) => {
  await app.setup.create();
  const { page } = app;
  await controlled(page);
  await device.context.grantPermissions(['notifications'], { origin: new URL(page.url()).origin });
  await deliverPush(
    page,
    page.url(),
    JSON.stringify({ method: 'lsps5.payment_incoming', lsp: '02ab', timeout: null }),
  );
  await expect.poll(() => shownIn(device.context)).toEqual(['A payment is waiting']);

  // The press itself is the system's; what follows it is ours.
  const worker = await serviceWorkerOf(device.context);
  await worker.evaluate(async () => {
    const scope = globalThis as unknown as {
      broughtForward: string[];
      registration: ServiceWorkerRegistration;
      WindowClient: { readonly prototype: { focus: () => Promise<unknown>; readonly url: string } };
      dispatchEvent: (event: Event) => void;
      NotificationEvent: new (type: string, init: object) => Event;
    };
    // Only a press by a person lets a page come forward, and this is none: what is asked for is seen here.
    scope.broughtForward = [];
    scope.WindowClient.prototype.focus = function (this: { readonly url: string }) {
      scope.broughtForward.push(this.url);
      return Promise.resolve(this);
    };
    const [notification] = await scope.registration.getNotifications();
    scope.dispatchEvent(new scope.NotificationEvent('notificationclick', { notification }));
  });
  await expect.poll(() => shownIn(device.context)).toEqual([]);
  const forward = (): Promise<readonly string[]> =>
    worker.evaluate(() => (globalThis as unknown as { broughtForward: readonly string[] }).broughtForward);
  const home = new URL('/', page.url()).href;
  await expect.poll(forward).toEqual([home]);

  // The same where no tab has the wallet any more: it is opened.
  await deliverPush(
    page,
    page.url(),
    JSON.stringify({ method: 'lsps5.payment_incoming', lsp: '02ab', timeout: null }),
  );
  await expect.poll(() => shownIn(device.context)).toEqual(['A payment is waiting']);
  await page.goto('about:blank');
  // The browser takes a moment to count it as gone.
  const tabs = (): Promise<number> =>
    worker.evaluate(async () => {
      const { clients } = globalThis as unknown as {
        clients: { matchAll: (of: object) => Promise<readonly unknown[]> };
      };
      return (await clients.matchAll({ type: 'window', includeUncontrolled: true })).length;
    });
  await expect.poll(tabs).toBe(0);
  await worker.evaluate(async () => {
    const scope = globalThis as unknown as {
      opened: string[];
      clients: { openWindow: (url: string) => Promise<null> };
      registration: ServiceWorkerRegistration;
      dispatchEvent: (event: Event) => void;
      NotificationEvent: new (type: string, init: object) => Event;
    };
    // As with `focus`: only a press by a person may.
    scope.opened = [];
    scope.clients.openWindow = (url) => {
      scope.opened.push(url);
      return Promise.resolve(null);
    };
    const [notification] = await scope.registration.getNotifications();
    scope.dispatchEvent(new scope.NotificationEvent('notificationclick', { notification }));
  });
  const opened = (): Promise<readonly string[]> =>
    worker.evaluate(() => (globalThis as unknown as { opened: readonly string[] }).opened);
  await expect.poll(opened).toEqual([home]);
});
