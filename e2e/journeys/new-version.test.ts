import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from '@playwright/test';
import { app, settings } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import manifest from '../../package.json' with { type: 'json' };
import { fact } from './pages/amounts.ts';
import { App } from './pages/app.ts';
import { buildVersion, Host, ownAssets, remove } from './stage/deployments.ts';
import { eachPlace } from './stage/places.ts';
import { expect, test as base } from './stage/test.ts';
import { withChannel } from './stage/with-channel.ts';

const BUILT = process.env['LEYDEN_SITE'] ?? fileURLToPath(new URL('../../dist/site', import.meta.url));
const { version } = manifest;
const NEXT = '0.1.1-next';

type Deployed = { readonly context: BrowserContext; readonly host: Host; readonly url: string };
const test = base.extend<{ deployed: Deployed }, { next: string }>({
  next: [
    async ({ browserName: _any }, use) => {
      const folder = await buildVersion(NEXT);
      await use(folder);
      remove(folder);
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  deployed: async ({ browser, world }, use) => {
    const host = new Host(BUILT, () => world.config());
    const url = await host.start();
    const context = await browser.newContext();
    await use({ context, host, url });
    await context.close();
    await host.stop();
  },
});

async function open(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/** The page has its service worker: from here on it needs no network. */
const controlled = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => navigator.serviceWorker.controller !== null);

/** The browser has looked for a new build, and has it whole, waiting. */
async function nextIsWaiting(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
  });
  await page.waitForFunction(async () => (await navigator.serviceWorker.ready).waiting !== null);
}

async function expectVersion(page: Page, shown: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to;
  }, links.settingsAbout);
  await expect(fact(page, settings.about.version)).toHaveText(shown);
}

/** The page is of the build that has these files. */
const isOf = (page: Page, assets: ReadonlySet<string>): Promise<unknown> =>
  page.waitForFunction(
    (names) =>
      names.some((name) => document.querySelector<HTMLScriptElement>('script[src]')?.src.endsWith(name)),
    [...assets],
  );

/** The browser takes its time to notice that the last tab is gone. */
async function openUntilOf(context: BrowserContext, url: string, assets: ReadonlySet<string>): Promise<Page> {
  let page = await open(context, url);
  await expect(async () => {
    const source = await page.locator('script[src]').first().getAttribute('src');
    if (assets.has(source?.split('/').at(-1) ?? '')) return;
    await page.close();
    page = await open(context, url);
    throw new Error(`still ${source}`);
  }).toPass({ timeout: 30_000 });
  return page;
}

/** Scripts and styles that this tab has loaded since it was last loaded whole. */
const assetsOf = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name).pathname)
      .filter((path) => path.includes('/assets/'))
      .map((path) => path.split('/').at(-1) ?? ''),
  );

test('an open tab stays of one build, and the next begins when all are closed', async ({
  deployed: { context, host, url },
  next,
}) => {
  const [onlyOld, onlyNext] = [ownAssets(BUILT, next), ownAssets(next, BUILT)];
  expect(onlyNext.size).toBeGreaterThan(0);
  const first = await open(context, url);
  await new App(first).setup.create();
  await controlled(first);

  host.deploy(next);
  await nextIsWaiting(first);
  await eachPlaceLoads(first);
  const second = await open(context, url);
  await expect(second.locator('h1')).toHaveCount(1);
  await first.reload();
  await isOf(first, onlyOld);
  await expect(first.locator('h1')).toHaveCount(1);
  for (const page of [first, second])
    expect((await assetsOf(page)).filter((name) => onlyNext.has(name))).toEqual([]);

  await second.close();
  await first.close();
  const later = await openUntilOf(context, url, onlyNext);
  await eachPlaceLoads(later);
  await expectVersion(later, NEXT);
  expect((await assetsOf(later)).filter((name) => onlyOld.has(name))).toEqual([]);

  await host.stop();
  await later.reload();
  await isOf(later, onlyNext);
  await expectVersion(later, NEXT);
});

test('a deployment that is cut short, or changed on its way, is not taken', async ({
  deployed: { context, host, url },
  next,
}) => {
  const page = await open(context, url);
  await new App(page).setup.create();
  await controlled(page);
  const broken = mkdtempSync(join(tmpdir(), 'leyden-site-'));
  cpSync(next, broken, { recursive: true });
  const about = readdirSync(join(broken, 'assets')).find((name) => /^about-.*\.js$/.test(name));
  writeFileSync(join(broken, 'assets', about ?? ''), 'export default 1;');

  host.deploy(broken);
  const outcome = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    const { installing } = registration;
    if (installing === null) return 'nothing new';
    await new Promise<void>((resolve) => {
      installing.addEventListener('statechange', () => {
        if (installing.state === 'redundant' || installing.state === 'installed') resolve();
      });
    });
    return installing.state;
  });
  expect(outcome).toBe('redundant');
  await page.reload();
  await expectVersion(page, version);

  host.deploy(next);
  await nextIsWaiting(page);
  await page.close();
  await expectVersion(await openUntilOf(context, url, ownAssets(next, BUILT)), NEXT);
  remove(broken);
});

test('a tab is told of the new build, and takes it when asked: not while another tab is open', async ({
  deployed: { context, host, url },
  next,
}) => {
  const first = await open(context, url);
  await new App(first).setup.create();
  await controlled(first);
  const second = await open(context, url);
  await expect(second.locator('h1')).toHaveCount(1);

  host.deploy(next);
  await nextIsWaiting(first);
  await first.evaluate((to) => {
    location.hash = to;
  }, links.settingsAbout);
  const reload = first.getByRole('button', { name: app.partMissing.reload });
  await expect(first.getByText(app.newVersion.ready)).toBeVisible();
  await reload.click();
  await expect(first.getByText(app.newVersion.otherTabs)).toBeVisible();
  await isOf(first, ownAssets(BUILT, next));

  await second.close();
  await expect(async () => {
    // The browser takes its time to notice that the tab is gone.
    if (await reload.isVisible()) await reload.click({ timeout: 15_000 });
    await expect(fact(first, settings.about.version)).toHaveText(NEXT, { timeout: 5_000 });
  }).toPass();
  await isOf(first, ownAssets(next, BUILT));
  await expect(first.getByText(app.newVersion.ready)).toHaveCount(0);
});

test('a new build waits while a payment is under way, then asks', async ({
  deployed: { context, host, url },
  next,
  world,
}) => {
  const page = await open(context, url);
  const wallet = new App(page);
  await withChannel(wallet, world);
  await controlled(page);
  // Held by the payee: under way until it is let go.
  const preimage = '2b'.repeat(32);
  const paymentHash = createHash('sha256').update(Buffer.from(preimage, 'hex')).digest('hex');
  const held = await world.ldk.createInvoice({ amountMsat: 20_000_000n, paymentHash });
  await wallet.send.enter(held.bolt11);
  await wallet.send.pay();
  await world.ldk.waitForEvent('payment-held', (event) => event.paymentHash === paymentHash);

  host.deploy(next);
  await nextIsWaiting(page);
  await page.evaluate((to) => {
    location.hash = to;
  }, links.settingsAbout);
  await expect(page.getByText(app.newVersion.waiting)).toBeVisible();
  await expect(page.getByRole('button', { name: app.partMissing.reload })).toHaveCount(0);
  await isOf(page, ownAssets(BUILT, next));

  // Whoever closes the tab now is asked first.
  const asked = page.waitForEvent('dialog');
  await page.close({ runBeforeUnload: true });
  const question = await asked;
  expect(question.type()).toBe('beforeunload');
  await question.dismiss();

  await world.ldk.claim(preimage);
  await expect(page.getByText(app.newVersion.ready)).toBeVisible();
  await page.getByRole('button', { name: app.partMissing.reload }).click();
  await isOf(page, ownAssets(next, BUILT));
  await expectVersion(page, NEXT);
  await wallet.home.open();
  await expect.poll(async () => (await wallet.home.firstHoldings()).lightning).toBe(480_000n);
});

test('a build that does not start is undone by the one before it: the wallet is there', async ({
  deployed: { context, host, url },
  next,
}) => {
  const first = await open(context, url);
  const wallet = new App(first);
  await wallet.setup.create();
  await wallet.home.expectHoldings({});
  await controlled(first);
  const broken = await buildVersion('0.1.1-broken', 'throw new Error("a build that does not start");');

  host.deploy(broken);
  await nextIsWaiting(first);
  await first.close();
  const stuck = await openUntilOf(context, url, ownAssets(broken, BUILT));
  await expect(stuck.locator('h1')).toHaveCount(0);

  // The host takes it back. The browser looks for a new build by itself whenever the page is opened.
  host.deploy(BUILT);
  await stuck.reload();
  await nextIsWaiting(stuck);
  await stuck.close();
  const again = await openUntilOf(context, url, ownAssets(BUILT, broken));
  await new App(again).home.expectHoldings({});
  await expectVersion(again, version);
  // And the build after it is taken as any other.
  host.deploy(next);
  await nextIsWaiting(again);
  await again.close();
  await expectVersion(await openUntilOf(context, url, ownAssets(next, BUILT)), NEXT);
  remove(broken);
});

const BROKEN = 'throw new Error("a build that does not start");';
for (const [what, ...code] of [
  ['a build that does not start', BROKEN],
  ['a build whose engine does not start', '', BROKEN],
] as const)
  test(`${what} is left for the one before it by the person: the wallet opens, and the next build is taken`, async ({
    deployed: { context, host, url },
    next,
  }) => {
    const first = await open(context, url);
    await new App(first).setup.create();
    await controlled(first);
    const broken = await buildVersion('0.1.1-broken', ...code);
    host.deploy(broken);
    await nextIsWaiting(first);
    await first.close();
    const stuck = await openUntilOf(context, url, ownAssets(broken, BUILT));

    await stuck.getByRole('link', { name: 'use the version before' }).click({ timeout: 30_000 });
    await new App(stuck).home.expectHoldings({});
    expect(new URL(stuck.url()).search).toBe('');
    await expectVersion(stuck, version);
    // It stays so.
    await stuck.goto(url);
    await new App(stuck).home.expectHoldings({});
    await isOf(stuck, ownAssets(BUILT, broken));

    host.deploy(next);
    await nextIsWaiting(stuck);
    await stuck.close();
    const later = await openUntilOf(context, url, ownAssets(next, BUILT));
    await new App(later).home.expectHoldings({});
    // Which started: no link leads back from it.
    await later.goto(`${url}?build=before`);
    await new App(later).home.expectHoldings({});
    await isOf(later, ownAssets(next, BUILT));
    remove(broken);
  });

test('where nothing keeps builds apart, a tab of another build does not read what the first one shows', async ({
  browser,
  deployed: { host, url },
  next,
}) => {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const first = new App(await open(context, url));
  await first.setup.create();
  await first.home.expectHoldings({});

  host.deploy(next);
  const second = new App(await open(context, url));
  await expect(second.page.getByText(app.elsewhere.otherBuild)).toBeVisible();
  // Loaded anew, both are of one build.
  await first.reload();
  await expect(async () => {
    const shown = await Promise.all(
      [first, second].map(({ page }) => page.getByText(app.elsewhere.text).isVisible()),
    );
    expect(shown.filter((is) => is)).toHaveLength(1);
  }).toPass({ timeout: 30_000 });
  await context.close();
});

/** Every screen, in a wallet with nothing in it. */
async function eachPlaceLoads(page: Page): Promise<void> {
  await eachPlace(page, () => Promise.resolve(), ['sendReview']);
}
