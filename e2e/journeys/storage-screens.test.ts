import type { Page } from '@playwright/test';
import { app as words } from '../../web/i18n/en.ts';
import frozen from '../../workers/fixtures/clear-1.json' with { type: 'json' };
import type { Site } from '../world/site.ts';
import { KEPT } from './pages/home.ts';
import type { Device } from './stage/device.ts';
import {
  closeDatabases,
  deleteDatabase,
  diskText,
  emptyDatabases,
  flipBit,
  keepClearDisk,
  raiseVersion,
  sealedRecords,
} from './stage/disk.ts';
import { expect, test } from './stage/test.ts';
import { withChannel, withCoins } from './stage/with-channel.ts';

const { unreadable, gone } = words;

const title = (page: Page, name: string) => page.getByRole('heading', { name });

/** A page of the wallet's origin without the wallet. */
async function otherPage(device: Device, site: Site): Promise<Page> {
  const page = await device.context.newPage();
  // No tab's sign: a browser looks for one beside what is no page.
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
  await page.goto(`${site.url}/config.json`);
  return page;
}

test('an older tab keeps the database: the page says so, and opens the wallet by itself when that one is closed', async ({
  device,
  site,
}) => {
  const older = await otherPage(device, site);
  await keepClearDisk(older, frozen.rows);
  device.cutServers();
  const app = await device.openApp();
  await expect(title(app.page, unreadable['storage-blocked'].title)).toBeVisible();
  await older.close();
  await app.home.expectHoldings({
    onchain: BigInt(frozen.confirmedSat),
    lightning: BigInt(frozen.localMsat) / 1000n,
    kept: KEPT,
  });
});

test('a database of a later program is left as it is, and the page says so', async ({
  app,
  device,
  site,
}) => {
  await withCoins(app);
  await app.page.close();
  const later = await otherPage(device, site);
  const version = await raiseVersion(later);
  const before = await diskText(later);
  const again = await device.openApp();
  await expect(title(again.page, unreadable['storage-too-new'].title)).toBeVisible();
  await again.reload();
  await expect(title(again.page, unreadable['storage-too-new'].title)).toBeVisible();
  expect(await diskText(later)).toBe(before);
  // A rise by nothing more than what this test did.
  expect(await raiseVersion(later)).toBe(version + 1);
});

test('a bit of a channel’s record flips: the page says that the data is damaged, and has everything again with the bit', async ({
  app,
  device,
  site,
  world,
}) => {
  const { onchainSat, channelSat } = await withChannel(app, world);
  await app.page.close();
  const beside = await otherPage(device, site);
  const record = (await sealedRecords(beside)).find(({ table }) => table === 'channel');
  if (record === undefined) throw new Error('no channel on the disk');
  await flipBit(beside, record, 1_000);
  const again = await device.openApp();
  await expect(title(again.page, unreadable['storage-corrupt'].title)).toBeVisible();
  await flipBit(beside, record, 1_000);
  await again.reload();
  await again.home.expectHoldings({ onchain: onchainSat, lightning: channelSat, kept: KEPT });
});

for (const [how, remove] of [
  ['by another script', async (device, site) => deleteDatabase(await otherPage(device, site))],
  ['by the browser', (device, site) => emptyDatabases(device.context, site.url)],
] as const satisfies readonly (readonly [string, (device: Device, site: Site) => Promise<void>])[])
  test(`the database is removed ${how} under an open wallet: it stops at once, and is missed`, async ({
    app,
    device,
    site,
  }) => {
    await withCoins(app);
    await remove(device, site);
    await expect(title(app.page, gone.title)).toBeVisible();
    await app.reload();
    await expect(title(app.page, gone.title)).toBeVisible();
  });

test('the browser closes the database under an open wallet, and everything is still in it: that is said, and the wallet opens by itself', async ({
  app,
  device,
}) => {
  await withCoins(app);
  // It is there for a moment only, until the disk is looked at again.
  await app.page.evaluate((title) => {
    const seen = new MutationObserver(() => {
      if (document.body.textContent.includes(title)) Object.assign(globalThis, { wasSaid: true });
    });
    seen.observe(document.body, { childList: true, subtree: true, characterData: true });
  }, unreadable['storage-lost'].title);
  await closeDatabases(device.context);
  await app.page.waitForFunction(() => 'wasSaid' in globalThis);
  await app.home.expectHoldings({ onchain: 1_000_000n });
});
