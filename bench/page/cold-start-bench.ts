import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { chromium, type BrowserContext, type Response } from '@playwright/test';
import { build } from 'vite';
import { App } from '../../e2e/journeys/pages/app.ts';
import { balanceCameAt, balanceShownMs, coldTab, processorMs } from '../../e2e/journeys/stage/cold-tab.ts';
import { keepWorkers, PageEngine } from '../../e2e/journeys/stage/page-engine.ts';
import { untilSettled } from '../../e2e/journeys/stage/settled.ts';
import { withChannel } from '../../e2e/journeys/stage/with-channel.ts';
import { startSite } from '../../e2e/world/site.ts';
import { World } from '../../e2e/world/world.ts';
import type { Bench, Row } from '../bench.ts';
import { median, spreadOf } from '../figures.ts';

const FOLDER = fileURLToPath(new URL('../.results/site', import.meta.url));
/** Nobody listens there: what the wallet has on its own disk must do. */
const NOWHERE = '127.0.0.1:9';
const CONFIG = {
  defaultNetwork: 'regtest',
  networks: { regtest: { esplora: [`http://${NOWHERE}`], proxies: [`ws://${NOWHERE}`] } },
};
const PAYMENTS = 50;
const EACH_MSAT = 5_000_000n;

type Load = {
  readonly shownMs: number;
  /** Of all processes of the browser, until it was heard that the balance is there. */
  readonly processorMs: number;
  /** Until the balance, and with what is asked for beside it. */
  readonly brotliBytes: number;
  readonly allBrotliBytes: number;
};

/** A browser of its own, with a profile on the disk as people have it, and a wallet in it. */
type Owner = {
  readonly what: string;
  readonly context: BrowserContext;
  readonly serviceWorkers: 'allow' | 'block';
  readonly loads: Load[];
};

/** The curve in WebAssembly is asked for early and waited for by nobody who only looks. */
const isAwaited = (response: Response): boolean => !response.url().endsWith('.wasm');

/**
 * How large its files are is measured where a service worker gives them: otherwise the browser does not give the worker’s
 * script again.
 */
async function load({ context, serviceWorkers, loads }: Owner, url: string): Promise<void> {
  const page = await coldTab(context);
  // What a service worker fetches for the page is told of twice.
  const responses = new Map<string, Response>();
  page.on('response', (response) => responses.set(response.url(), response));
  const processorBefore = await processorMs(context);
  await page.goto(url, { waitUntil: 'commit' });
  const shownMs = await balanceShownMs(page);
  const processor = (await processorMs(context)) - processorBefore;
  const cameAt = await balanceCameAt(page);
  // What comes in a quiet moment after is not waited for.
  const before = [...responses.values()].filter(
    (response) => serviceWorkers === 'allow' && response.request().timing().startTime < cameAt,
  );
  const sizes = await Promise.all(
    before.map(async (response) => ({
      isAwaited: isAwaited(response),
      bytes: brotliCompressSync(await response.body()).length,
    })),
  );
  await page.close();
  const sum = (of: typeof sizes): number => of.reduce((total, { bytes }) => total + bytes, 0);
  loads.push({
    shownMs,
    processorMs: processor,
    brotliBytes: sum(sizes.filter((one) => one.isAwaited)),
    allBrotliBytes: sum(sizes),
  });
}

/** Makes the wallet by `fill`, and waits until the page would open without its host. */
async function moveIn(
  owner: Pick<Owner, 'what' | 'serviceWorkers'>,
  folder: string,
  url: string,
  fill: (app: App) => Promise<unknown>,
): Promise<Owner> {
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: process.env['LEYDEN_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
    viewport: { width: 390, height: 844 },
    serviceWorkers: owner.serviceWorkers,
  });
  await keepWorkers(context);
  const page = await context.newPage();
  await page.goto(url);
  await fill(new App(page));
  if (owner.serviceWorkers === 'allow')
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.close();
  return { ...owner, context, loads: [] };
}

async function withHistory(app: App, world: World): Promise<void> {
  await withChannel(app, world);
  const engine = await PageEngine.of(app.page);
  for (let paid = 0; paid < PAYMENTS; paid++)
    await engine.pay((await world.ldk.createInvoice({ amountMsat: EACH_MSAT })).bolt11);
  await untilSettled(world);
}

const rowsOf = ({ what, loads }: Owner): Row[] => {
  const shown = loads.map(({ shownMs }) => shownMs);
  return [
    {
      what: `${what}, p50`,
      unit: 'ms',
      leyden: median(shown),
      ldk: null,
      goal: { atMost: 500 },
      spread: { leyden: spreadOf(shown) },
    },
    {
      what: `${what}, processor, p50`,
      unit: 'ms',
      leyden: median(loads.map((one) => one.processorMs)),
      ldk: null,
    },
  ];
};

export const coldStartBench: Bench = {
  name: 'page',
  title:
    'the built page opened in Chromium with an existing wallet, HTTP cache empty, all servers out of reach',
  notes: [
    'From the start of the navigation until the frame with the balance is on the screen. Files come from this machine, profiles',
    'are on its disk. Each wallet in a browser of its own, in turn; a load begins once the tab before it is buried.',
    `The channel is to a real LDK, with ${PAYMENTS} payments made through it.`,
    'Without a service worker, as on a first visit, the engine is fetched by its hash before it is started.',
    'Processor: of all processes of the browser until then, to some ten milliseconds.',
    'The curve in WebAssembly is fetched beside, and the balance does not wait for it: counted apart.',
  ],
  run: async (quick) => {
    await build({ logLevel: 'error', build: { outDir: FOLDER, emptyOutDir: true } });
    const profiles = await mkdtemp(join(tmpdir(), 'leyden-cold-start-'));
    let world: World | null = null;
    const site = await startSite({ folder: FOLDER, config: () => world?.config() ?? CONFIG });
    const owners: Owner[] = [];
    try {
      const place = (): string => join(profiles, String(owners.length));
      const create = (app: App): Promise<unknown> => app.setup.create();
      const what = 'cold load to balance';
      owners.push(await moveIn({ what, serviceWorkers: 'allow' }, place(), site.url, create));
      owners.push(
        await moveIn(
          { what: `${what}, no service worker`, serviceWorkers: 'block' },
          place(),
          site.url,
          create,
        ),
      );
      const inhabited = await World.start();
      world = inhabited;
      owners.push(
        await moveIn({ what: `${what}, with a channel`, serviceWorkers: 'allow' }, place(), site.url, (app) =>
          withHistory(app, inhabited),
        ),
      );
      world = null;
      await inhabited.stop();
      for (let i = 0; i < (quick ? 5 : 15); i++) for (const owner of owners) await load(owner, site.url);
      const weighed = owners[0]?.loads ?? [];
      return [
        ...owners.flatMap(rowsOf),
        {
          what: 'files until then, brotli',
          unit: 'bytes',
          leyden: median(weighed.map(({ brotliBytes }) => brotliBytes)),
          ldk: null,
          goal: { atMost: 300_000 },
        },
        {
          what: 'the same with the curve in WebAssembly, where it was asked for by then',
          unit: 'bytes',
          leyden: median(weighed.map(({ allBrotliBytes }) => allBrotliBytes)),
          ldk: null,
        },
      ];
    } finally {
      for (const { context } of owners) await context.close();
      await site.stop();
      await world?.stop();
      await rm(profiles, { recursive: true, force: true, maxRetries: 5 });
    }
  },
};
