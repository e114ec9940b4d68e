import type { BrowserContext, Page } from '@playwright/test';
import { lsp as lspWords, push as words } from '../../web/i18n/en.ts';
import { Browser } from '../../services/push-relay/fixtures/browser.ts';
import { PushService } from '../../services/push-relay/fixtures/push-service.ts';
import { DEFAULT_LSP_TERMS } from '../world/ldk/lsp-settings.ts';
import { until } from '../world/until.ts';
import { wayToLsp } from '../world/way-to-lsp.ts';
import { World } from '../world/world.ts';
import { deliverPush, pressShown, shownIn } from './stage/pushes.ts';
import { expect, test as base } from './stage/test.ts';

/** A world with an LSP in it, and what a browser maker runs. */
const test = base.extend<object, { readonly world: World; readonly makers: PushService }>({
  makers: [
    async ({ browserName: _any }, use) => {
      const makers = new PushService();
      await makers.start();
      await use(makers);
      makers.stop();
    },
    { scope: 'worker' },
  ],
  world: [
    async ({ makers }, use) => {
      const world = await World.start({
        peers: [
          { alias: 'Payer', fundSat: 90_000_000n },
          { alias: 'LSP', fundSat: 90_000_000n, lsp: DEFAULT_LSP_TERMS },
        ],
        pushServices: [makers.url],
      });
      await wayToLsp(world);
      await use(world);
      await world.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
});

/** This machine has no push service of a browser maker's: the browser is given ours, and everything else is its own. */
async function withPushService(context: BrowserContext, maker: PushService, browser: Browser): Promise<void> {
  await context.addInitScript(
    (subscription) => {
      const toJSON = (): object => subscription;
      PushManager.prototype.subscribe = () =>
        Promise.resolve({ toJSON, unsubscribe: () => Promise.resolve(true) } as unknown as PushSubscription);
    },
    { endpoint: `${maker.url}/to/this-browser`, keys: browser.keys() },
  );
}

const controlled = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => navigator.serviceWorker.controller !== null);

// bLIP 55 §Webhook Call: "The client SHOULD process what is needed to react to the notification"
// bLIP 55 §Webhook Call: "The LSP SHOULD contact all registered webhook URIs"; "the LSP SHOULD hold onto the
// incoming H/PTLC for a"
test('a payment for a wallet whose page is closed: its LSP calls, the device tells, the page opens and is paid', async ({
  device,
  world,
  makers,
  site,
}) => {
  const browser = new Browser();
  await withPushService(device.context, makers, browser);
  await device.context.grantPermissions(['notifications'], { origin: site.url });
  const app = await device.openApp();
  const { page } = app;
  await app.setup.create();
  await controlled(page);
  await app.settings.notifications();
  await expect(page.getByText(words.states.off)).toBeVisible();
  await page.getByRole('button', { name: words.turnOn }).click();
  await expect(page.getByText(words.states.on)).toBeVisible();
  await expect(page.getByText(words.wakes('LSP'))).toBeVisible();

  await app.receive.openEmpty();
  await page.getByLabel(lspWords.amount).fill('50000');
  await page.getByRole('button', { name: lspWords.see }).click();
  await page.getByRole('button', { name: /^Ask for/ }).click();
  const invoice = await app.receive.invoice();
  const lsp = world.peers.find(({ isLsp }) => isLsp);
  const us = lsp?.events.findLast((event) => event.type === 'connected');
  await page.goto('about:blank');
  await lsp?.waitForEvent('disconnected', ({ nodeId }) => nodeId === us?.nodeId);

  const paid = world.ldk.pay(invoice);
  const [pushed] = await until(() => (makers.deliveries.length > 0 ? makers.deliveries : null), {
    what: 'a push',
  });
  const text = browser.read(pushed?.body ?? Buffer.alloc(0));
  await deliverPush(page, site.url, text);
  await expect.poll(() => shownIn(device.context)).toEqual(['A payment is waiting']);

  await page.goto(await pressShown(device.context));
  expect(new URL(page.url()).origin).toBe(new URL(site.url).origin);
  await app.home.expectHoldings({ lightning: 48_000n });
  await paid;
  expect(await shownIn(device.context)).toEqual([]);

  // An LSP that leaves the settings wakes nobody any more; one that comes does so without more ado.
  const { settings } = lspWords;
  await app.settings.openLsps();
  await page.getByRole('button', { name: settings.removeOf('LSP'), exact: true }).click();
  await page.getByRole('button', { name: settings.save, exact: true }).click();
  await expect(page.getByText(settings.saved).first()).toBeVisible();
  expect(world.relay.hooks()).toBe(0);
  await page.getByLabel(settings.alias, { exact: true }).fill('LSP');
  await page
    .getByLabel(settings.uri, { exact: true })
    .fill(`${lsp?.id}@${lsp?.address.host}:${lsp?.address.port}`);
  await page.getByRole('button', { name: settings.add, exact: true }).click();
  await expect.poll(() => world.relay.hooks()).toBe(1);

  await app.settings.notifications();
  await expect(page.getByText(words.wakes('LSP'))).toBeVisible();
  await page.getByRole('button', { name: words.turnOff }).click();
  await expect(page.getByText(words.states.off)).toBeVisible();
  expect(world.relay.hooks()).toBe(0);
});
