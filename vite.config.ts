import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { BuildOptions, Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** The page: a static site that any web server hosts. */
const site: BuildOptions = { target: 'es2023', outDir: 'dist/site', emptyOutDir: true };

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
  rolldownOptions: { external: /^(node:|@noble\/|@scure\/|@solar-republic\/|comlink$|idb$)/ },
};

/** In development vite hands styles over inline; the policy of the built page knows no such thing. */
const developmentStyles: Plugin = {
  name: 'development-styles',
  apply: 'serve',
  transformIndexHtml: (html) => html.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
};

export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [svelte(), developmentStyles],
  build: mode === 'library' ? library : site,
  worker: { format: 'es' },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['{engine,workers,services,web,bench,.ci}/**/*.test.ts'],
          // Generous: a busy machine must not turn a property into a failure.
          testTimeout: 60_000,
          setupFiles: ['engine/testkit/seed.ts'],
        },
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
    ],
  },
}));
