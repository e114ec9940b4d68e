import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  base: './',
  plugins: [svelte()],
  build: { target: 'es2023', outDir: 'dist/site', emptyOutDir: true },
  worker: { format: 'es' },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['{engine,workers,services,web,bench,.ci}/**/*.test.ts'],
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
});
