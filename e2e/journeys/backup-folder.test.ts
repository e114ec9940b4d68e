import { writeFile } from 'node:fs/promises';
import { backup, home } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import { until } from '../world/until.ts';
import { expectAccessible } from './stage/axe.ts';
import { OpfsFolder } from './stage/opfs-folder.ts';
import { PageEngine } from './stage/page-engine.ts';
import { expect, test } from './stage/test.ts';

const words = backup.folder;

test('a folder: its file is renewed at each change and after a reload; what the browser takes back, or somebody deletes, is said, and mended by one tap; the file brings the channels back elsewhere', async ({
  device,
  newDevice,
  world,
}, info) => {
  await OpfsFolder.offer(device.context);
  const { app, engine } = await PageEngine.open(device);
  const { page } = app;
  const folder = new OpfsFolder(page);
  const row = page.getByRole('region', { name: words.title });
  /** Does what changes a channel; then the folder has another file, and the page says that it is the newest. */
  const renewedBy = async (change: () => Promise<unknown>): Promise<void> => {
    const before = JSON.stringify(await folder.files());
    await change();
    await until(async () => JSON.stringify(await folder.files()) !== before, {
      what: 'the file to be renewed',
    });
    await app.backup.open();
    await expect(row).toContainText(words.ready(folder.name));
    // How far channels have come since is written a minute later.
    await expect(page.getByRole('region', { name: backup.file.title })).toContainText(backup.file.current, {
      timeout: 90_000,
    });
  };
  /** Said where a person looks first, with the way to where it is mended. */
  const saidAtHome = async (why: 'ask' | 'failed'): Promise<void> => {
    await app.home.open();
    await expect(page.getByText(home.folder[why])).toBeVisible();
    await expectAccessible(page, `a folder: ${why}`);
    await page.locator('#content').getByRole('link', { name: home.folder.action }).click();
    await expect(row).toContainText(words[why](folder.name));
    await expect(page.getByText(backup.summary[why])).toBeVisible();
    await expectAccessible(page, `a backup with a folder: ${why}`);
  };

  const recovery = await app.setup.create();
  await app.home.getTestCoins();
  await app.home.expectHoldings({ onchain: 1_000_000n });
  await app.backup.open();
  await expect(row).toContainText(words.none);
  await renewedBy(() => row.getByRole('button', { name: words.choose }).click());
  expect(Object.keys(await folder.files())).toHaveLength(1);

  await renewedBy(() => app.channels.openTo(300_000n));
  await renewedBy(async () => {
    await world.mine();
    await app.channels.openFirst();
    await app.channels.expectState('ready');
  });
  await renewedBy(async () => {
    await engine.pay((await world.ldk.createInvoice({ amountMsat: 5_000_000n })).bolt11);
    await app.reload();
  });

  await folder.takeBack();
  const stale = await folder.files();
  await app.channels.openTo(300_000n);
  await saidAtHome('ask');
  expect(await folder.files()).toEqual(stale);
  await renewedBy(() => row.getByRole('button', { name: words.allowLabel }).click());

  await folder.remove();
  await world.mine();
  await saidAtHome('failed');
  expect(await folder.files()).toEqual({});
  await renewedBy(() => row.getByRole('button', { name: words.another }).click());
  await app.home.open();
  await expect(page.getByText(home.folder.title)).toHaveCount(0);

  const [[name, bytes] = ['', []], ...others] = Object.entries(await folder.files());
  expect(others).toEqual([]);
  const file = info.outputPath(name);
  await writeFile(file, Uint8Array.from(bytes));
  await page.close();
  const other = await (await newDevice()).openApp();
  await other.setup.beginRestore();
  await other.setup.typeWords(recovery.join(' '));
  await other.setup.lock();
  await other.backup.restoreFile(file);
  await expect(other.page.getByText(backup.restore.found(2))).toBeInViewport();
  await other.page.getByRole('link', { name: backup.restore.done }).click();
  await expect(other.page).toHaveURL(new RegExp(`${links.home}$`));
});
