import type { Page } from '@playwright/test';
import { app as words, home } from '../../web/i18n/en.ts';
import { expect, test } from './stage/test.ts';
import { withCoins } from './stage/with-channel.ts';

/** What is seen of a theme: of the page, and of what the browser draws around it. */
const colours = (page: Page) =>
  page.evaluate(() => {
    const root = getComputedStyle(document.documentElement);
    const around = [...document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')];
    return {
      scheme: root.colorScheme,
      ground: root.backgroundColor,
      ink: root.color,
      around: around.find(({ media }) => matchMedia(media).matches)?.content,
    };
  });
const LIGHT = { ground: 'rgb(250, 249, 246)', ink: 'rgb(28, 26, 22)', around: '#faf9f6' };
const DARK = { ground: 'rgb(19, 18, 16)', ink: 'rgb(245, 242, 235)', around: '#131210' };

test('the colours that are chosen are there at once, whatever the device has, and after a reload', async ({
  app,
}) => {
  await app.setup.create();
  const { page } = app;
  const expectColours = async (scheme: string, theme: typeof LIGHT): Promise<void> =>
    expect.poll(() => colours(page)).toEqual({ scheme, ...theme });
  await page.emulateMedia({ colorScheme: 'light' });
  await expectColours('light dark', LIGHT);

  await app.settings.theme('dark');
  await expectColours('dark', DARK);
  await app.reload();
  await expect(app.settings.themeChoice('dark')).toBeChecked();
  await expectColours('dark', DARK);

  await page.emulateMedia({ colorScheme: 'dark' });
  await app.settings.theme('light');
  await expectColours('light', LIGHT);
  await app.reload();
  await expectColours('light', LIGHT);

  // From here on it follows the device.
  await app.settings.theme('system');
  await expectColours('light dark', DARK);
  await app.reload();
  await expectColours('light dark', DARK);
  await page.emulateMedia({ colorScheme: 'light' });
  await expectColours('light dark', LIGHT);
});

test('the unit that is chosen is there at once on every amount, and after a reload', async ({ app }) => {
  await withCoins(app);
  const { page } = app;
  const balance = page.getByRole('region', { name: home.balance, exact: true }).locator('.amount').first();
  await expect(balance).toContainText('1,000,000 satoshis');

  await app.settings.unit('btc');
  await app.home.open();
  for (const shown of ['0.01 bitcoin', /0\.01\s000\s000\sBTC/]) await expect(balance).toContainText(shown);
  await app.reload();
  await expect(balance).toContainText('0.01 bitcoin');
  // What is typed is of the same unit as what is shown.
  await app.send.enter('bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080');
  await app.send.amount('0.0005');
  await expect(page.getByRole('button', { name: /0\.0005 bitcoin/ })).toBeVisible();

  // A tap on the balance is the same choice.
  await app.home.open();
  await page.getByRole('button', { name: words.showIn.sat }).click();
  await expect(balance).toContainText('1,000,000 satoshis');
  await app.reload();
  await expect(balance).toContainText('1,000,000 satoshis');
  await app.settings.open();
  await expect(app.settings.unitChoice('sat')).toBeChecked();
});
