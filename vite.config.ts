import { readdirSync, readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { BuildOptions } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { aheadOfEntry } from './services/hosting/ahead-of-entry.ts';
import { appManifest } from './services/hosting/app-manifest.ts';
import { installedBuild } from './services/hosting/installed-build.ts';
import { wholeBuild } from './services/hosting/whole-build.ts';

/** The page: a static site that any web server hosts. */
const site: BuildOptions = {
  target: 'es2023',
  outDir: 'dist/site',
  emptyOutDir: true,
  // A browser that does not know it fetches the same a little later.
  modulePreload: { polyfill: false },
  rolldownOptions: {
    treeshake: {
      // Words do nothing by being imported: who asks the list of all of them for a few gets those few.
      moduleSideEffects: [{ test: /\/web\/i18n\//, sideEffects: false }],
    },
    output: {
      codeSplitting: {
        groups: [
          // What starts the engine waits for nothing else.
          { name: 'engine-client', test: /\/workers\/client\.ts$|vite\/preload-helper/, priority: 1 },
          // What the first screen needs is one file: with what it shares with other screens, it would be twenty.
          { name: 'page', test: /\/web\/page\.ts$/ },
        ],
      },
    },
  },
};

/**
 * The manifest of the installed page, and its service worker: our own, in one file, with the list that `wholeBuild` makes
 * in it. How it is registered, and when a new build begins, is for workers/client.ts to say.
 */
const installed = VitePWA({
  strategies: 'injectManifest',
  srcDir: 'workers/service-worker',
  // Its name stays: browsers ask for it again to learn of a new build.
  filename: 'service-worker.ts',
  manifest: appManifest,
  injectRegister: false,
  includeManifestIcons: false,
  injectManifest: { rollupFormat: 'iife', globPatterns: [] },
  integration: {
    closeBundleOrder: 'post',
    configureCustomSWViteBuild: (build) => {
      build.logLevel = 'warn';
    },
  },
});

/** The package: `leyden`, `leyden/node` and `leyden/web` of package.json. Its dependencies stay imports. */
const library: BuildOptions = {
  target: 'es2023',
  outDir: 'dist/lib',
  emptyOutDir: true,
  copyPublicDir: false,
  minify: false,
  lib: {
    entry: {
      leyden: 'engine/node/leyden.ts',
      node: 'engine/platform/build-node.ts',
      web: 'workers/client.ts',
    },
    formats: ['es'],
  },
  rolldownOptions: { external: /^(node:|@noble\/|@scure\/|comlink$|idb$)/ },
};

const UNIT_FOLDERS = ['engine', 'workers', 'services', 'web', 'bench', 'e2e/install', '.ci'];

/** What changes a module or the globals for whoever comes after. */
const MARKS =
  /\bvi\.(mock|doMock|hoisted|stubGlobal|stubEnv|resetModules)\b|fake-indexeddb|\bglobalThis\b|process\.chdir/;

/** What plays scenarios of whole nodes over a chain and a network in memory, or of whole wallets in the tabs of a browser. */
const WHOLE = /testkit\/(node-world|lsp-stage|room-stage|laws\/run-schedule|one-browser)\.ts'/;
/**
 * What plays days of two peers, or of a close, drawn by the hundred, or each in both formats; what reads mutations, or is told lies, by the thousand;
 * what draws wallets and spends from them, or histories and folds them; what puts a whole disk under another key; and what
 * floods or kills a process of its own, or fills the buffers of a socket.
 */
const MANY =
  /^(engine\/channel\/(history|scenarios\/(closing|commitment|cost|fee-spikes|interleaving|lying-fields|reorganisations|taken-back|totality))|engine\/node\/(claims\/claims\.property|hostile-heap)|engine\/platform\/indexeddb-rekey|engine\/routing\/(slices|limits-against-all)|engine\/wallet\/wallet(\.property)?|engine\/wire\/wire-message|services\/proxy\/(back-pressure|lookup|process)|bench\/fuzz\/targets)\.test\.ts$/;

const tests = UNIT_FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`),
).map((file) => {
  const text = readFileSync(file, 'utf8');
  return { file, marked: MARKS.test(text), scenario: WHOLE.test(text) || MANY.test(file) };
});
const filesThat = (are: { marked: boolean; scenario: boolean }): string[] =>
  tests
    .filter(({ marked, scenario }) => marked === are.marked && scenario === are.scenario)
    .map(({ file }) => file);
/** Those that are marked get modules and globals of their own; the others share them, which halves the time of all. */
const unitAlone = filesThat({ marked: true, scenario: false });
const scenarios = filesThat({ marked: false, scenario: true });
const scenariosAlone = filesThat({ marked: true, scenario: true });

const unit: TestProjectInlineConfiguration['test'] = {
  environment: 'node',
  // Generous: a busy machine must not turn a property into a failure.
  testTimeout: 60_000,
  setupFiles: ['engine/testkit/seed.ts', 'engine/testkit/curve.ts', 'engine/testkit/tidy.ts'],
  pool: 'threads',
  maxWorkers: '100%',
};

export default defineConfig(({ mode }) => ({
  base: './',
  // In this order: the service worker is built once all other files are what they will be.
  plugins: [svelte(), aheadOfEntry(), wholeBuild(), mode === 'library' ? [] : [installed, installedBuild()]],
  build: mode === 'library' ? library : site,
  worker: { format: 'es' },
  test: {
    projects: [
      {
        extends: true,
        test: {
          ...unit,
          name: 'unit',
          include: [`{${UNIT_FOLDERS.join(',')}}/**/*.test.ts`],
          exclude: [...configDefaults.exclude, ...unitAlone, ...scenarios, ...scenariosAlone],
          isolate: false,
        },
      },
      {
        extends: true,
        test: { ...unit, name: 'unit-alone', include: unitAlone },
      },
      {
        extends: true,
        test: { ...unit, name: 'scenarios', include: scenarios, isolate: false },
      },
      {
        extends: true,
        test: { ...unit, name: 'scenarios-alone', include: scenariosAlone },
      },
      {
        extends: true,
        test: {
          name: 'real',
          environment: 'node',
          include: ['e2e/real/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'interop',
          environment: 'node',
          include: ['e2e/interop/**/*.test.ts'],
          // Sixteen channels opened, cut and closed with Electrum, which takes twenty seconds for each; and who looks at
          // fee rates once in a minute does so for each message that is cut.
          testTimeout: 1_800_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        // `npm run interop -- --soak 30m`: as long as it is told, so no part of `npm test`.
        test: {
          name: 'soak',
          environment: 'node',
          include: ['e2e/interop/soak/*.soak.ts'],
          hookTimeout: 300_000,
        },
      },
    ],
  },
}));
