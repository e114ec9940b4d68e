import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { startSite } from '../../e2e/world/site.ts';
import type { Bench } from '../bench.ts';
import { median, spreadOf } from '../figures.ts';
import type { Answer, Question } from './two-nodes/question.ts';

const ROOT = fileURLToPath(new URL('two-nodes', import.meta.url));
const FOLDER = fileURLToPath(new URL('../.results/two-nodes', import.meta.url));

async function payInBrowser(question: Question): Promise<Answer> {
  await build({
    configFile: false,
    logLevel: 'error',
    root: ROOT,
    base: './',
    build: { target: 'es2023', outDir: FOLDER, emptyOutDir: true },
    worker: { format: 'es' },
  });
  const site = await startSite({ folder: FOLDER, config: () => ({}) });
  const browser = await chromium.launch({
    executablePath: process.env['LEYDEN_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(site.url);
    return await page.evaluate((asked) => window.payInWorker(asked), question);
  } finally {
    await browser.close();
    await site.stop();
  }
}

export const browserPaymentBench: Bench = {
  name: 'browser',
  title: 'payments between two nodes in one worker of Chromium, state in IndexedDB with strict durability',
  notes: ['Both nodes write to the disk: each payment waits for the commits of both.'],
  run: async (quick) => {
    const { roundTripMs, atRestMs } = await payInBrowser(
      quick ? { payments: 50, warmUp: 20 } : { payments: 200, warmUp: 50 },
    );
    const row = { unit: 'ms', ldk: null } as const;
    return [
      {
        what: 'round trip, p50',
        ...row,
        leyden: median(roundTripMs),
        spread: { leyden: spreadOf(roundTripMs) },
      },
      {
        what: 'at rest again, p50',
        ...row,
        leyden: median(atRestMs),
        spread: { leyden: spreadOf(atRestMs) },
      },
      {
        what: 'one after another',
        unit: 'per second',
        leyden: (1000 * atRestMs.length) / atRestMs.reduce((sum, ms) => sum + ms, 0),
        ldk: null,
      },
    ];
  },
};
