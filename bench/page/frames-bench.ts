import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { chromium, type Page, type Worker } from '@playwright/test';
import { build } from 'vite';
import { home, setup } from '../../web/i18n/en.ts';
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
const FRAME_MS = 1000 / 60;

type Samples = { readonly frames: readonly number[]; readonly waits: readonly number[] };

/** What the network told, as if it had just now: a map that is old is not used. */
function current(bytes: Uint8Array): Uint8Array {
  const fresh = bytes.slice();
  new DataView(fresh.buffer).setUint32(TOLD_AT, Math.floor(Date.now() / 1000) - 3_600);
  return fresh;
}

/** A snapshot server that answers when it is told to. */
async function snapshotServer(bytes: Uint8Array) {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const server = http.createServer((request, response) => {
    const isWhole = request.url === '/0';
    const answer = (): void => {
      response.writeHead(isWhole ? 200 : 404, { 'access-control-allow-origin': '*' });
      response.end(isWhole ? bytes : undefined);
    };
    void released.then(answer);
  });
  const port = await listen(server, 0);
  return {
    url: `http://${LOOPBACK}:${port}`,
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
  ],
  run: async (quick) => {
    const [snapshot] = snapshots();
    if (snapshot === undefined) throw new Error('no snapshot');
    await build({ logLevel: 'error', build: { outDir: FOLDER, emptyOutDir: true } });
    const server = await snapshotServer(current(snapshot.bytes));
    const mainnet = { esplora: [`http://${NOWHERE}`], proxies: [`ws://${NOWHERE}`], snapshots: [server.url] };
    const site = await startSite({
      folder: FOLDER,
      config: () => ({ defaultNetwork: 'mainnet', networks: { mainnet } }),
    });
    const browser = await chromium.launch({
      executablePath: process.env['LEYDEN_CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    });
    try {
      const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
      await page.goto(site.url);
      await create(page);
      const worker = engineOf(page);
      const atRest = await sampled(page, worker, quick ? 1_000 : AT_REST_MS);
      const applying = sampled(page, worker, APPLIED_MS);
      server.release();
      const applied = await applying;
      // It is there as soon as it is asked for: it was put on the map while frames were counted.
      await page.goto(`${site.url}/#/settings/map`);
      await page
        .getByText(/\d\d,\d{3}/)
        .first()
        .waitFor({ timeout: 1_000 });
      return [...rowsOf('at rest', atRest, false), ...rowsOf('applying', applied, true)];
    } finally {
      await browser.close();
      await site.stop();
      server.stop();
    }
  },
};
