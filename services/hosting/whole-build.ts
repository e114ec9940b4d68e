import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin, ResolvedConfig } from 'vite';
import { buildFiles, importMapOf, withIntegrity } from './build-files.ts';
import { developmentPolicy, headersWith, pagePolicy, pagePolicyWith } from './policy.ts';

/** In the text of the built service worker. */
const PLACE = /(["'`])the build goes here\1/;

/**
 * Makes of vite's output one whole that knows itself: the policy in the page, the hash of each script and style beside
 * its name and in an import map, and in the service worker the list of all files with their hashes.
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
        if (error === undefined && config.command === 'build' && config.build.lib === false)
          seal(resolve(config.root, config.build.outDir));
      },
    },
  };
}

function seal(folder: string): void {
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

  // After the page's own text is final.
  const files = buildFiles(folder);
  const id = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16);
  const worker = readFileSync(inFolder('service-worker.js'), 'utf8');
  const filled = worker.replace(PLACE, () => JSON.stringify({ id, files }));
  if (filled === worker) throw new Error('service-worker.js has no place for the list of files');
  // Browsers take it as a script of its own: it may share no code with the page.
  if (/^(import|export)\b/m.test(worker)) throw new Error('service-worker.js is not one file');
  writeFileSync(inFolder('service-worker.js'), filled);

  const lines = Object.entries(headersWith(policy)).map(([name, value]) => `  ${name}: ${value}`);
  writeFileSync(inFolder('_headers'), `/*\n${lines.join('\n')}\n`);
}
