// npm run screenshot: docs/home.png, the home screen of the built app with a real channel and real payments.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, expect } from '@playwright/test';
import { app as words, home } from '../web/i18n/en.ts';
import { App } from './journeys/pages/app.ts';
import { KEPT } from './journeys/pages/home.ts';
import { withChannel } from './journeys/stage/with-channel.ts';
import { startSite } from './world/site.ts';
import { World } from './world/world.ts';

const picture = fileURLToPath(new URL('../docs/home.png', import.meta.url));
const folder = process.env['LEYDEN_SITE'] ?? fileURLToPath(new URL('../dist/site', import.meta.url));
if (!existsSync(`${folder}/index.html`))
  throw new Error(`There is no built app in ${folder}: run "npm run build" first.`);

const world = await World.start();
const site = await startSite({ folder, config: () => world.config() });
const browser = await chromium.launch({
  executablePath: process.env['LEYDEN_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
});
try {
  const page = await browser.newPage({
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
    colorScheme: 'light',
    reducedMotion: 'reduce',
    locale: 'en-GB',
  });
  await page.goto(site.url);
  const app = new App(page);
  const { onchainSat, channelSat } = await withChannel(app, world);
  const pay = async (amountSat: bigint, description: string): Promise<void> => {
    const { bolt11 } = await world.ldk.createInvoice({ amountMsat: amountSat * 1000n, description });
    await app.send.enter(bolt11);
    await app.send.pay();
    await app.send.expectSent();
  };
  await pay(42_500n, 'Bicycle repair');
  await app.receive.open();
  await app.receive.ask(18_000n, 'Concert ticket');
  await world.ldk.pay(await app.receive.invoice());
  await app.receive.expectReceived();
  await pay(3_200n, 'Coffee and cake');

  await app.home.open();
  await app.home.expectHoldings({
    onchain: onchainSat,
    lightning: channelSat - 42_500n + 18_000n - 3_200n,
    kept: KEPT,
  });
  await expect(page.getByText(home.recent)).toBeVisible();
  // News is told above everything else, and goes by itself.
  await expect(page.getByRole('region', { name: words.notices.label })).toHaveCount(0, { timeout: 30_000 });
  await page.screenshot({ path: picture });
  console.log(`${picture} is drawn.`);
} finally {
  await browser.close();
  await site.stop();
  await world.stop();
}
