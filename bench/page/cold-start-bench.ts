import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { chromium, type Browser, type BrowserContext, type Response } from '@playwright/test';
import { build } from 'vite';
import { Setup } from '../../e2e/journeys/pages/setup.ts';
import { startSite } from '../../e2e/world/site.ts';
import type { Bench } from '../bench.ts';
import { median, spreadOf } from '../figures.ts';

const FOLDER = fileURLToPath(new URL('../.results/site', import.meta.url));
/** Nobody listens there: what the wallet has on its own disk must do. */
const NOWHERE = '127.0.0.1:9';
const CONFIG = {
  defaultNetwork: 'regtest',
  networks: { regtest: { esplora: [`http://${NOWHERE}`], proxies: [`ws://${NOWHERE}`] } },
};
const BALANCE = 'section[aria-labelledby=balance] .amount .heard';

type Load = {
  readonly shownMs: number;
  /** Until the balance, and with what is asked for beside it. */
  readonly brotliBytes: number;
  readonly allBrotliBytes: number;
};

/** The curve in WebAssembly is asked for early and waited for by nobody who only looks. */
const isAwaited = (response: Response): boolean => !response.url().endsWith('.wasm');

/**
 * A new tab with nothing in the HTTP cache, and with the wallet's database as it was left. `isWeighed`: how large its files
 * are is measured too; the browser gives no script of a worker again that no service worker passed on.
 */
async function load(context: BrowserContext, url: string, isWeighed: boolean): Promise<Load> {
  const page = await context.newPage();
  const control = await context.newCDPSession(page);
  await control.send('Network.enable');
  await control.send('Network.clearBrowserCache');
  const responses: Response[] = [];
  page.on('response', (response) => responses.push(response));
  await page.addInitScript((selector) => {
    const watcher = new MutationObserver(() => {
      if (document.querySelector(selector) === null) return;
      watcher.disconnect();
      performance.mark('balance');
    });
    watcher.observe(document, { childList: true, subtree: true });
  }, BALANCE);
  await page.goto(url, { waitUntil: 'commit' });
  await page.locator(BALANCE).first().waitFor({ state: 'attached' });
  const shownMs = await page.evaluate(() => performance.getEntriesByName('balance')[0]?.startTime ?? NaN);
  const shownAt = (await page.evaluate(() => performance.timeOrigin)) + shownMs;
  // What comes in a quiet moment after is not waited for.
  const before = responses.filter((response) => isWeighed && response.request().timing().startTime < shownAt);
  const sizes = await Promise.all(
    before.map(async (response) => ({
      isAwaited: isAwaited(response),
      bytes: brotliCompressSync(await response.body()).length,
    })),
  );
  await page.close();
  const sum = (of: typeof sizes): number => of.reduce((total, { bytes }) => total + bytes, 0);
  return {
    shownMs,
    brotliBytes: sum(sizes.filter((one) => one.isAwaited)),
    allBrotliBytes: sum(sizes),
  };
}

/** `serviceWorkers: 'block'`: as where a browser has none, and on a first visit: then the engine is fetched by its hash. */
async function measure(
  browser: Browser,
  url: string,
  times: number,
  serviceWorkers: 'allow' | 'block',
): Promise<readonly Load[]> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, serviceWorkers });
  const page = await context.newPage();
  await page.goto(url);
  await new Setup(page).create();
  await page.locator(BALANCE).first().waitFor({ state: 'attached' });
  await page.close();
  const loads: Load[] = [];
  for (let i = 0; i < times; i++) loads.push(await load(context, url, serviceWorkers === 'allow'));
  await context.close();
  return loads;
}

export const coldStartBench: Bench = {
  name: 'page',
  title:
    'the built page opened in Chromium with an existing wallet, HTTP cache empty, all servers out of reach',
  notes: [
    'From the start of the navigation until the balance is in the page. Files come from this machine.',
    'Without a service worker, as on a first visit, the engine is fetched by its hash before it is started.',
    'The curve in WebAssembly (94 kB) is fetched beside, and the balance does not wait for it: counted apart.',
  ],
  run: async (quick) => {
    await build({ logLevel: 'error', build: { outDir: FOLDER, emptyOutDir: true } });
    const site = await startSite({ folder: FOLDER, config: () => CONFIG });
    const browser = await chromium.launch({
      executablePath: process.env['LEYDEN_CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    });
    try {
      const loads = await measure(browser, site.url, quick ? 5 : 15, 'allow');
      const shown = loads.map(({ shownMs }) => shownMs);
      const byHash = (await measure(browser, site.url, quick ? 5 : 15, 'block')).map(
        ({ shownMs }) => shownMs,
      );
      return [
        {
          what: 'cold load to balance, p50',
          unit: 'ms',
          leyden: median(shown),
          ldk: null,
          goal: { atMost: 500 },
          spread: { leyden: spreadOf(shown) },
        },
        {
          what: 'the same without a service worker, p50',
          unit: 'ms',
          leyden: median(byHash),
          ldk: null,
          goal: { atMost: 500 },
          spread: { leyden: spreadOf(byHash) },
        },
        {
          what: 'files until then, brotli',
          unit: 'bytes',
          leyden: median(loads.map(({ brotliBytes }) => brotliBytes)),
          ldk: null,
          goal: { atMost: 300_000 },
        },
        {
          what: 'the same with the curve in WebAssembly, where it was asked for by then',
          unit: 'bytes',
          leyden: median(loads.map(({ allBrotliBytes }) => allBrotliBytes)),
          ldk: null,
        },
      ];
    } finally {
      await browser.close();
      await site.stop();
    }
  },
};
