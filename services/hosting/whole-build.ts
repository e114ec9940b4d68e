import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin, ResolvedConfig } from 'vite';
import type { VitePluginPWAAPI } from 'vite-plugin-pwa';
import { buildFiles, importMapOf, precacheOf, withIntegrity, type BuildFile } from './build-files.ts';
import { developmentPolicy, headersWith, pagePolicy, pagePolicyWith } from './policy.ts';

/**
 * Makes of vite's output one whole that knows itself: the policy in the page, the hash of each script and style beside
 * its name and in an import map, and for the service worker, which vite-plugin-pwa builds after this, the list of all
 * files with their hashes.
 */
export function wholeBuild(): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'whole-build',
    enforce: 'post',
    configResolved: (resolved) => {
      config = resolved;
    },
    transformIndexHtml: (html) =>
      html.replace('{{policy}}', config.command === 'build' ? pagePolicy : developmentPolicy),
    closeBundle: {
      order: 'post',
      sequential: true,
      handler(error) {
        // Also called when a development server or the tests end.
        if (error !== undefined || config.command !== 'build' || config.build.lib !== false) return;
        const files = seal(resolve(config.root, config.build.outDir));
        const entries = precacheOf(files);
        // In place of its own: that one was drawn up before the page's text was final, and has no hashes to hold to.
        apiOf(config).extendManifestEntries(() => [...entries]);
      },
    },
  };
}

function apiOf({ plugins }: ResolvedConfig): VitePluginPWAAPI {
  const pwa = plugins.find(({ name }) => name === 'vite-plugin-pwa') as Plugin<VitePluginPWAAPI> | undefined;
  if (pwa?.api === undefined)
    throw new Error('vite-plugin-pwa is not there: nothing would build the service worker');
  return pwa.api;
}

function seal(folder: string): readonly BuildFile[] {
  const inFolder = (name: string): string => join(folder, name);
  const scripts = buildFiles(folder);
  const hashes = new Map(scripts.map(({ path, integrity }) => [path, integrity]));
  const importMap = importMapOf(scripts);
  const policy = pagePolicyWith(importMap);
  const html = readFileSync(inFolder('index.html'), 'utf8');
  const [before, after, ...more] = html.split(pagePolicy);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error('index.html has no place for the policy');
  // Before the first script: what is imported after it is held to it.
  const mapped = after.replace(
    /<script\b/,
    (tag) => `<script type="importmap">${importMap}</script>\n    ${tag}`,
  );
  if (mapped === after) throw new Error('index.html has no script');
  writeFileSync(
    inFolder('index.html'),
    withIntegrity(`${before}${policy}${mapped}`, (path) => hashes.get(path)),
  );

  const lines = Object.entries(headersWith(policy)).map(([name, value]) => `  ${name}: ${value}`);
  writeFileSync(inFolder('_headers'), `/*\n${lines.join('\n')}\n`);

  // After the page's own text is final.
  return buildFiles(folder);
}
