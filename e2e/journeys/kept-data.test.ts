import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { backup, home, settings } from '../../web/i18n/en.ts';
import { WORDS } from '../world/leyden/leyden.ts';
import { LeydenProcess } from '../world/leyden/leyden-process.ts';
import { expectAccessible } from './stage/axe.ts';
import { untilBroadcast } from './stage/chain.ts';
import { PageEngine } from './stage/page-engine.ts';
import { expect, test } from './stage/test.ts';
import { withCoins } from './stage/with-channel.ts';

/** What Chromium answers a page that asks it to keep its data: by itself it asks nobody, and says no to a new site. */
async function browserAnswers(page: Page, setting: 'granted' | 'denied'): Promise<void> {
  const client = await page.context().newCDPSession(page);
  const { targetInfo } = await client.send('Target.getTargetInfo');
  await client.send('Browser.setPermission', {
    permission: { name: 'persistent-storage' },
    setting,
    origin: new URL(page.url()).origin,
    ...(targetInfo.browserContextId === undefined ? {} : { browserContextId: targetInfo.browserContextId }),
  });
}

const isKept = (page: Page): Promise<boolean> => page.evaluate(() => navigator.storage.persisted());

test('the browser agrees to keep the data: it was asked when the wallet was made, and that is said', async ({
  app,
}) => {
  const { page } = app;
  await browserAnswers(page, 'granted');
  await page.evaluate(() => {
    const { storage } = navigator;
    const asked: Date[] = [];
    storage.persist = () => {
      asked.push(new Date());
      return StorageManager.prototype.persist.call(storage);
    };
    Object.assign(globalThis, { asked });
  });
  await app.setup.create();
  expect(await page.evaluate(() => (globalThis as unknown as { asked: unknown[] }).asked.length)).toBe(1);
  expect(await isKept(page)).toBe(true);
  await app.backup.open();
  const row = page.getByRole('region', { name: backup.browser.title });
  await expect(row).toContainText(backup.browser.kept);
  await expect(row.getByRole('button')).toHaveCount(0);
  await app.settings.open();
  await page.getByRole('link', { name: settings.storage.title }).click();
  await expect(page.getByText(settings.storage.kept)).toBeVisible();
});

test('the browser refuses to keep the data: that is said with what helps, it can be asked again, and with money in a channel home asks for a file', async ({
  device,
  world,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'leyden-keeper-'));
  const keeper = await LeydenProcess.start({
    mnemonic: WORDS[0] ?? '',
    esplora: [world.esplora.url],
    syncEveryMs: 1_000,
    folder,
  });
  try {
    const { app, engine } = await PageEngine.open(device);
    const { page } = app;
    await browserAnswers(page, 'denied');
    await withCoins(app);
    expect(await isKept(page)).toBe(false);
    await app.backup.open();
    const row = page.getByRole('region', { name: backup.browser.title });
    await expect(row).toContainText(backup.browser.mayGo);
    await row.getByRole('button', { name: backup.browser.askLabel }).click();
    await expect(row).toContainText(backup.browser.refused);
    await expectAccessible(page, 'a browser that refuses');

    const { fundingTxId } = await engine.value<{ readonly fundingTxId: string }>('node.openChannel', {
      nodeId: keeper.id,
      ...keeper.address,
      amountSat: 300_000n,
    });
    await untilBroadcast(world, fundingTxId);
    await world.mine();
    // The peer keeps a copy. A browser that forgets all forgets who that peer is, too: a file names it.
    await app.home.open();
    await expect(page.getByText(home.backup.unkept)).toBeVisible();
    await expectAccessible(page, 'home of a wallet that may be removed');
    await page.locator('#content').getByRole('link', { name: home.backup.action }).click();
    await expect(page.getByText(backup.summary.unkept)).toBeVisible();
    await app.backup.saveFile();
    await expect(page.getByText(backup.summary.good)).toBeVisible();
    await app.home.open();
    await expect(page.getByText(home.backup.unkept)).toHaveCount(0);

    // It thinks better of it.
    await browserAnswers(page, 'granted');
    await app.backup.open();
    await expect(row).toContainText(backup.browser.kept);
    expect(await isKept(page)).toBe(true);
  } finally {
    await keeper.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
