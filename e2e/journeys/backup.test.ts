import { backup, channels } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import { untilBroadcast } from './stage/chain.ts';
import { expect, test } from './stage/test.ts';
import { withCoins } from './stage/with-channel.ts';

/** The closing transaction and our claim of it, at the fees of this world, and two anchors. */
const MOST_FEES = 10_000n;

test('the device is lost: words and the backup file bring coins and channels back on another', async ({
  app,
  newDevice,
  world,
}) => {
  const words = await withCoins(app);
  const feeSat = await app.channels.openTo(500_000n);
  await untilBroadcast(world, await app.channels.recorded(channels.facts.fundingTx));
  await world.mine();
  await app.channels.expectState('ready');
  await app.backup.open();
  const file = await app.backup.saveFile();
  await app.page.close();

  const other = await (await newDevice()).openApp();
  await other.setup.beginRestore();
  await other.setup.typeWords(words.join(' '));
  await other.setup.lock();
  await other.backup.restoreFile(file);
  await expect(other.page.getByText(backup.restore.found(1))).toBeVisible();
  await other.page.getByRole('link', { name: backup.restore.done }).click();
  await expect(other.page).toHaveURL(new RegExp(`${links.home}$`));

  const least = 1_000_000n - feeSat - MOST_FEES;
  await expect(async () => {
    await world.mine();
    const { onchain, lightning, pending } = await other.home.holdings();
    expect({ lightning, pending }).toEqual({ lightning: 0n, pending: {} });
    expect(onchain).toBeGreaterThan(least);
  }).toPass();
});
