import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin, ResolvedConfig } from 'vite';
import { buildFiles } from './build-files.ts';

/** After all others: a build that could not be installed, or not be opened without a network, is none. */
export function installedBuild(): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'installed-build',
    enforce: 'post',
    configResolved: (resolved) => {
      config = resolved;
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      handler(error) {
        if (error !== undefined || config.command !== 'build' || config.build.lib !== false) return;
        const faults = installedFaults(resolve(config.root, config.build.outDir));
        if (faults.length > 0) throw new Error(faults.join('; '));
      },
    },
  };
}

const MANIFEST = 'manifest.webmanifest';
const WORKER = 'service-worker.js';

/** What is missing of the manifest and of the service worker, or is not of this build. */
export function installedFaults(folder: string): readonly string[] {
  const read = (name: string): string | null =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : null;
  const [manifest, worker, html] = [MANIFEST, WORKER, 'index.html'].map(read);
  const faults: string[] = [];
  if (manifest == null) faults.push(`${MANIFEST} is missing`);
  else for (const icon of iconsOf(manifest)) if (read(icon) === null) faults.push(`${icon} is missing`);
  if (html?.includes(`href="./${MANIFEST}"`) !== true) faults.push(`index.html does not name ${MANIFEST}`);
  if (worker == null) faults.push(`${WORKER} is missing`);
  else
    for (const { path, integrity } of buildFiles(folder))
      if (!worker.includes(integrity)) faults.push(`${WORKER} does not hold ${path} to its hash`);
  return faults;
}

type Named = { readonly icons?: readonly { readonly src: string }[] };

/** Throws where it is no JSON. */
function iconsOf(manifest: string): readonly string[] {
  const { icons = [], shortcuts = [] } = JSON.parse(manifest) as Named & {
    readonly shortcuts?: readonly Named[];
  };
  return [...icons, ...shortcuts.flatMap((shortcut) => shortcut.icons ?? [])].map(({ src }) => src);
}
