import { app as words, setup } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import { emptyDatabases } from './stage/disk.ts';
import { expect, test } from './stage/test.ts';
import { withCoins } from './stage/with-channel.ts';

const { gone } = words;

test('data that the browser removed is no first run: it is said, and the words bring the coins back', async ({
  app,
  device,
  site,
}) => {
  const written = await withCoins(app);
  await app.page.close();
  await emptyDatabases(device.context, site.url);

  const again = await device.openApp();
  const title = again.page.getByRole('heading', { name: gone.title });
  await expect(title).toBeVisible();
  // No way around it, by whatever address.
  for (const place of [links.setup, links.setupCreate, links.setupLock, links.home, links.settings]) {
    await again.page.goto(`${again.page.url().split('#')[0]}${place}`);
    await again.reload();
    await expect(title).toBeVisible();
    await expect(again.page.getByText(setup.welcome.create)).toHaveCount(0);
  }

  await again.page.getByRole('button', { name: gone.restore }).click();
  await again.setup.typeWords(written.join(' '));
  await again.setup.lock();
  await again.setup.hadNoChannels();
  await again.home.expectHoldings({ onchain: 1_000_000n });
  await again.reload();
  await again.home.expectHoldings({ onchain: 1_000_000n });
});

test('a new wallet is begun in its place only by a word; what was erased on purpose is not missed', async ({
  app,
  device,
  site,
}) => {
  const { page } = app;
  await app.setup.create();
  await page.goto('about:blank');
  await emptyDatabases(device.context, site.url);
  await page.goBack();
  await expect(page.getByRole('heading', { name: gone.title })).toBeVisible();
  await page.getByRole('button', { name: gone.anew }).click();
  const go = page.getByRole('button', { name: gone.instead.go });
  await expect(go).toBeDisabled();
  await page.getByRole('textbox').fill(gone.instead.word);
  await go.click();
  await app.setup.create();
  await app.home.expectHoldings({});

  await app.settings.erase();
  await expect(page.getByRole('link', { name: setup.welcome.create })).toBeVisible();
  await app.reload();
  await expect(page.getByRole('link', { name: setup.welcome.create })).toBeVisible();
});
