import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext } from '@playwright/test';
import { build } from 'vite';
import { Device } from '../../e2e/journeys/stage/device.ts';
import { withChannel } from '../../e2e/journeys/stage/with-channel.ts';
import { startSite } from '../../e2e/world/site.ts';
import { World } from '../../e2e/world/world.ts';
import { channelStates } from '../../web/i18n/en.ts';
import { links } from '../../web/state/routes.ts';
import type { Bench } from '../bench.ts';
import { median, spreadOf } from '../figures.ts';

const FOLDER = fileURLToPath(new URL('../.results/ready-site', import.meta.url));

/** A new tab with nothing in the HTTP cache, until its channel can pay and be paid. */
async function load(context: BrowserContext, url: string): Promise<number> {
  const page = await context.newPage();
  const control = await context.newCDPSession(page);
  await control.send('Network.enable');
  await control.send('Network.clearBrowserCache');
  await page.addInitScript((ready) => {
    const watcher = new MutationObserver(() => {
      const lines = [...document.querySelectorAll('main p')];
      if (!lines.some((line) => line.textContent.trim().startsWith(ready))) return;
      watcher.disconnect();
      performance.mark('ready');
    });
    watcher.observe(document, { childList: true, subtree: true, characterData: true });
  }, channelStates.ready.label);
  await page.goto(url, { waitUntil: 'commit' });
  const mark = await page.waitForFunction(() => performance.getEntriesByName('ready')[0]?.startTime);
  const readyMs = await mark.jsonValue();
  await page.close();
  return readyMs ?? NaN;
}

export const readyChannelBench: Bench = {
  name: 'ready',
  title: 'the built page opened in Chromium with a channel to a real LDK, HTTP cache empty',
  notes: ['From the start of the navigation until the channel is said to be ready: connected and agreed.'],
  run: async (quick) => {
    await build({ logLevel: 'error', build: { outDir: FOLDER, emptyOutDir: true } });
    const world = await World.start();
    const site = await startSite({ folder: FOLDER, config: () => world.config() });
    const browser = await chromium.launch({
      executablePath: process.env['LEYDEN_CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    });
    const device = await Device.unpack(browser, site, world, {
      viewport: { width: 390, height: 844 },
      colorScheme: 'light',
    });
    try {
      const app = await device.openApp();
      await withChannel(app, world);
      await app.page.close();
      const times: number[] = [];
      for (let i = 0; i < (quick ? 3 : 10); i++)
        times.push(await load(device.context, `${site.url}/${links.channels}`));
      return [
        {
          what: 'cold load to a ready channel, p50',
          unit: 'ms',
          leyden: median(times),
          ldk: null,
          goal: { atMost: 3_000 },
          spread: { leyden: spreadOf(times) },
        },
      ];
    } finally {
      await device.putAway();
      await browser.close();
      await site.stop();
      await world.stop();
    }
  },
};
