import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build, preview } from 'vite';
import { pagePolicy } from '../../services/hosting/policy.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Site = { readonly url: string; readonly stop: () => Promise<void> };

/** The page as it ships, its content security policy included, over a wallet in memory instead of the worker. */
export async function serveGallery(outDir: string): Promise<Site> {
  const shared = { root, base: './', configFile: false as const, logLevel: 'warn' as const };
  await build({
    ...shared,
    plugins: [
      svelte(),
      {
        name: 'gallery-entry',
        transformIndexHtml: {
          order: 'pre',
          handler: (html) =>
            html.replace('./web/main.ts', './e2e/gallery/main.ts').replace('{{policy}}', pagePolicy),
        },
      },
    ],
    build: { target: 'es2023', outDir, emptyOutDir: true },
  });
  const server = await preview({
    ...shared,
    build: { outDir },
    // Every scene is a page of its own: its parts are asked for once.
    preview: {
      host: '127.0.0.1',
      port: 0,
      strictPort: false,
      headers: { 'cache-control': 'public, max-age=3600' },
    },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('the gallery has no address');
  return { url, stop: () => server.close() };
}
