import { app as words } from '../../web/i18n/en.ts';
import { expect, test } from './stage/test.ts';
import { withCoins } from './stage/with-channel.ts';

test('a second tab shows what the first one has and stays out of the way; it takes over when asked to', async ({
  app,
  device,
}) => {
  await withCoins(app);
  const second = await device.openApp();
  await expect(second.home.elsewhere).toBeVisible();
  await second.home.expectHoldings({ onchain: 1_000_000n });

  // The first goes on as if nothing were.
  await app.receive.open();
  await app.receive.ask(5_000n);
  await app.home.open();
  await app.home.expectHoldings({ onchain: 1_000_000n });
  await expect(second.home.elsewhere).toBeVisible();

  await second.home.useHere();
  await second.home.expectHoldings({ onchain: 1_000_000n });
  await expect(app.home.elsewhere).toBeVisible();

  // And back again, with what happened in between.
  await second.home.getTestCoins();
  await second.home.expectHoldings({ onchain: 2_000_000n });
  await app.home.useHere();
  await app.home.expectHoldings({ onchain: 2_000_000n });
  await expect(second.home.elsewhere).toBeVisible();

  // The holder leaves without a word: the wallet goes to the tab that stands by.
  await app.page.close();
  await expect(second.page.getByText(words.elsewhere.title)).toHaveCount(0);
  await second.home.expectHoldings({ onchain: 2_000_000n });
});
