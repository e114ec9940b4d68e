import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { Device } from '../../e2e/journeys/stage/device.ts';
import { firstSats } from '../../e2e/journeys/stage/first-sats.ts';
import { freePort } from '../../e2e/world/free-port.ts';
import { startPlaygroundWorld } from '../../e2e/world/playground-world.ts';
import { startSite } from '../../e2e/world/site.ts';
import type { World } from '../../e2e/world/world.ts';
import type { Bench } from '../bench.ts';
import { median, spreadOf } from '../figures.ts';

const SITE = fileURLToPath(new URL('../.results/first-sat-site', import.meta.url));

/** What the playground's LSP takes for 50,000 sat. */
const SOLD = { feeSat: 2_000n, tooLittle: 2_999n, least: /3\D?000 sat/ };

export const firstSatBench: Bench = {
  name: 'first-sat',
  title:
    'the built page opened in an empty Chromium, until the first payment came through a channel that the playground’s LSP opens',
  notes: [
    'From the start of the navigation: a wallet is made, its words are checked, an amount that is too small and then 50,000 sat',
    'are asked for, and the playground pays the code. Clicks come one right after the other: what a person reads is not in it.',
  ],
  run: async (quick) => {
    await build({ logLevel: 'error', build: { outDir: SITE, emptyOutDir: true } });
    const folder = await mkdtemp(join(tmpdir(), 'leyden-first-sat-'));
    let inhabited: World | null = null;
    const site = await startSite({ folder: SITE, config: () => inhabited?.config() });
    const sitePort = new URL(site.url).port;
    const world = await startPlaygroundWorld({ folder, firstPort: await freePort(), sitePort });
    inhabited = world;
    const browser = await chromium.launch({
      executablePath: process.env['LEYDEN_CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    });
    const once = async (): Promise<number> => {
      const device = await Device.unpack(browser, site, world, { viewport: { width: 390, height: 844 } });
      try {
        const { sinceLoadMs } = await firstSats(await device.openApp(), SOLD);
        return sinceLoadMs;
      } finally {
        await device.putAway();
        // What the channel left over of the LSP's coins is good for the next.
        await world.mine();
      }
    };
    try {
      const times: number[] = [];
      for (let i = 0; i < (quick ? 1 : 5); i++) times.push(await once());
      return [
        {
          what: 'page load to first sat, p50',
          unit: 'ms',
          leyden: median(times),
          ldk: null,
          goal: { atMost: 60_000 },
          spread: { leyden: spreadOf(times) },
        },
      ];
    } finally {
      await browser.close();
      await site.stop();
      await world.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
