import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page, type Worker } from '@playwright/test';
import { build } from 'vite';
import { home, networkMap, setup } from '../../web/i18n/en.ts';
import { fact } from '../../e2e/journeys/pages/amounts.ts';
import { Setup } from '../../e2e/journeys/pages/setup.ts';
import { listen, LOOPBACK } from '../../e2e/world/free-port.ts';
import { startSite } from '../../e2e/world/site.ts';
import type { Bench, Row } from '../bench.ts';
import { snapshots } from '../routing/network.ts';

const FOLDER = fileURLToPath(new URL('../.results/site', import.meta.url));
/** Nobody listens there. */
const NOWHERE = '127.0.0.1:9';
/** Of a snapshot: where the time stands up to which it tells. */
const TOLD_AT = 36;
const AT_REST_MS = 2_000;
const APPLIED_MS = 4_000;
/** How often it is seen how long that takes, in a wallet of its own each time. */
const VISITS = 3;
/** Of the channels, as the page writes it. */
const MANY = /\d\d,\d{3}/;
const FRAME_MS = 1000 / 60;

type Samples = { readonly frames: readonly number[]; readonly waits: readonly number[] };

/** What the network told, as if it had just now: a map that is old is not used. */
function current(bytes: Uint8Array): Uint8Array {
  const fresh = bytes.slice();
  new DataView(fresh.buffer).setUint32(TOLD_AT, Math.floor(Date.now() / 1000) - 3_600);
  return fresh;
}

/** A snapshot server that has nothing, and from `hold` on answers when it is told to. */
async function snapshotServer(bytes: Uint8Array) {
  let isHeld = false;
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let hear = (): void => undefined;
  const asked = new Promise<void>((resolve) => (hear = resolve));
  const server = http.createServer((request, response) => {
    const isWhole = isHeld && request.url === '/0';
    const answer = (): void => {
      response.writeHead(isWhole ? 200 : 404, { 'access-control-allow-origin': '*' });
      response.end(isWhole ? bytes : undefined);
    };
    if (!isHeld) return answer();
    hear();
    void released.then(answer);
  });
  const port = await listen(server, 0);
  return {
    url: `http://${LOOPBACK}:${port}`,
    hold: () => (isHeld = true),
    /** Somebody waits for its answer. */
    asked,
    release,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

// As text: what a compiler adds to functions is not there where they run.

/** Times between frames of the page, for so long. */
const framesOf = (page: Page, forMs: number): Promise<readonly number[]> =>
  page.evaluate(`new Promise((resolve) => {
    const times = [];
    const begun = performance.now();
    let last = begun;
    const next = (now) => {
      times.push(now - last);
      last = now;
      if (performance.now() - begun < ${forMs}) requestAnimationFrame(next);
      else resolve(times.slice(1));
    };
    requestAnimationFrame(next);
  })`);

/** When the page shows how many channels its worker put on the map, in milliseconds of the machine's clock. */
const mapAt = (page: Page): Promise<number> =>
  page.evaluate(`new Promise((resolve) => {
    const isShown = ({ innerText }) => innerText.startsWith('${networkMap.channels}') && ${String(MANY)}.test(innerText);
    const look = () => {
      if ([...document.querySelectorAll('dl > div')].some(isShown))
        resolve(performance.timeOrigin + performance.now());
      else requestAnimationFrame(look);
    };
    look();
  })`);

/** How long a message that comes to the worker waits until it is served, asked every five milliseconds, for so long. */
const waitsOf = (worker: Worker, forMs: number): Promise<readonly number[]> =>
  worker.evaluate(`new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const waits = [];
    const begun = performance.now();
    let sent = begun;
    const send = () => {
      sent = performance.now();
      port2.postMessage(null);
    };
    port1.onmessage = () => {
      waits.push(performance.now() - sent);
      if (performance.now() - begun > ${forMs}) resolve(waits);
      else setTimeout(send, 5);
    };
    send();
  })`);

async function sampled(page: Page, worker: Worker, forMs: number): Promise<Samples> {
  const [frames, waits] = await Promise.all([framesOf(page, forMs), waitsOf(worker, forMs)]);
  return { frames, waits };
}

const quantile = (samples: readonly number[], share: number): number =>
  samples.toSorted((a, b) => a - b)[Math.min(samples.length - 1, Math.floor(samples.length * share))] ?? NaN;

/** From the server's answer until the map is there and kept, which the page hears of and shows. */
async function timeToMap(browser: Browser, bytes: Uint8Array): Promise<number> {
  const visit = await visited(browser, await snapshotServer(bytes));
  try {
    const { page, server } = visit;
    await page.goto(`${visit.url}/#/settings/map`);
    const ask = () => page.getByRole('button', { name: networkMap.refresh, exact: true }).click();
    // What the wallet asked by itself is over then, too.
    await ask();
    await page.getByText(networkMap.failed).waitFor();
    server.hold();
    await ask();
    await server.asked;
    const shown = mapAt(page);
    const released = performance.timeOrigin + performance.now();
    server.release();
    return (await shown) - released;
  } finally {
    await visit.stop();
  }
}

/** An empty browser with a wallet in it, whose only server is one of snapshots. */
async function visited(browser: Browser, server: Awaited<ReturnType<typeof snapshotServer>>) {
  const mainnet = { esplora: [`http://${NOWHERE}`], proxies: [`ws://${NOWHERE}`], snapshots: [server.url] };
  const site = await startSite({
    folder: FOLDER,
    config: () => ({ defaultNetwork: 'mainnet', networks: { mainnet } }),
  });
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(site.url);
  await create(page);
  return {
    page,
    server,
    url: site.url,
    stop: async () => {
      await context.close();
      await site.stop();
      server.stop();
    },
  };
}

/** A wallet of real money, on its home screen. */
async function create(page: Page): Promise<void> {
  const steps = new Setup(page);
  await page.getByRole('link', { name: setup.welcome.create, exact: true }).click();
  await page.getByRole('checkbox').check();
  await page.getByRole('button', { name: setup.network.next, exact: true }).click();
  await steps.lock();
  const words = await steps.words();
  await page.getByRole('link', { name: setup.words.next, exact: true }).click();
  await steps.check(words);
  await page.getByRole('region', { name: home.balance, exact: true }).waitFor();
}

/** The worker that holds the wallet. */
function engineOf(page: Page): Worker {
  const [first] = page.workers();
  if (first === undefined) throw new Error('the page has no worker');
  return first;
}

function rowsOf(when: string, { frames, waits }: Samples, goals: boolean): readonly Row[] {
  const row = (what: string, leyden: number, atMost: number): Row => ({
    what: `${when}: ${what}`,
    unit: 'ms',
    leyden,
    ldk: null,
    ...(goals ? { goal: { atMost } } : {}),
  });
  return [
    row('time between frames, p50', quantile(frames, 0.5), 1.05 * FRAME_MS),
    row('time between frames, p95', quantile(frames, 0.95), 1.5 * FRAME_MS),
    // None is left out: the next one after that comes after two.
    row('longest time between frames', Math.max(...frames), 1.5 * FRAME_MS),
    row('a message waits in the worker, p99', quantile(waits, 0.99), 50),
    row('a message waits in the worker, at most', Math.max(...waits), 50),
  ];
}

export const framesBench: Bench = {
  name: 'frames',
  title: 'the page while its worker puts the public network on the map, in Chromium',
  notes: [
    'Frames by requestAnimationFrame on the home screen; waits of a message to the worker, sent every 5 ms.',
    'at rest: the same page, just before. What else the machine does shows in both.',
    `until the page has the map: the first of a wallet, fetched over loopback, applied, laid out, written to the disk and shown; the median of ${VISITS} visits, each to an empty browser.`,
  ],
  run: async (quick) => {
    const [snapshot] = snapshots();
    if (snapshot === undefined) throw new Error('no snapshot');
    await build({ logLevel: 'error', build: { outDir: FOLDER, emptyOutDir: true } });
    const bytes = current(snapshot.bytes);
    const browser = await chromium.launch({
      executablePath: process.env['LEYDEN_CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    });
    try {
      const server = await snapshotServer(bytes);
      server.hold();
      const visit = await visited(browser, server);
      const { page } = visit;
      const worker = engineOf(page);
      const atRest = await sampled(page, worker, quick ? 1_000 : AT_REST_MS);
      const applying = sampled(page, worker, APPLIED_MS);
      server.release();
      const applied = await applying;
      // It is there as soon as it is asked for: it was put on the map while frames were counted.
      await page.goto(`${visit.url}/#/settings/map`);
      await fact(page, networkMap.channels).filter({ hasText: MANY }).waitFor({ timeout: 1_000 });
      await visit.stop();
      const took: number[] = [];
      for (let i = 0; i < (quick ? 1 : VISITS); i++) took.push(await timeToMap(browser, bytes));
      return [
        ...rowsOf('at rest', atRest, false),
        ...rowsOf('applying', applied, true),
        {
          what: 'from the server’s answer until the page has the map',
          unit: 'ms',
          leyden: quantile(took, 0.5),
          ldk: null,
          goal: { atMost: 333 },
        },
      ];
    } finally {
      await browser.close();
    }
  },
};
