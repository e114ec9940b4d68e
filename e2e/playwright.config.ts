import { defineConfig } from '@playwright/test';
import { LDK_NODE } from './interop/builds/ldk-node.ts';

const executablePath = process.env['LEYDEN_CHROMIUM'] ?? '/usr/bin/chromium';

export default defineConfig({
  testDir: './journeys',
  // As interop does without it where it cannot be had; a run says so.
  ...(LDK_NODE.isHere() ? {} : { testIgnore: '**/lsp-ldk-node.test.ts' }),
  outputDir: './.results/journeys',
  // Each journey has a world of its own (bitcoind, servers, peers): on a small machine one at a time is fastest.
  workers: 1,
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json']],
  use: {
    viewport: { width: 390, height: 844 },
    actionTimeout: 30_000,
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        // What the browser would ask its maker on its own account, which is none of the page's doing.
        '--disable-features=AutofillServerCommunication,OptimizationHints,MediaRouter,Translate',
      ],
    },
  },
});
