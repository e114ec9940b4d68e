import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type BuildFile = {
  /** Relative to the folder of the page. */
  readonly path: string;
  /** As the `integrity` attribute has it. */
  readonly integrity: string;
};

export const integrityOf = (bytes: string | Uint8Array): string =>
  `sha256-${createHash('sha256').update(bytes).digest('base64')}`;

/** What a host may change after the build, or what must come from the network by its nature. */
const NOT_OF_THE_BUILD = new Set(['config.json', 'service-worker.js', '_headers']);

/** Everything that makes up one build, in a fixed order. */
export function buildFiles(folder: string): readonly BuildFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !NOT_OF_THE_BUILD.has(path) && statSync(join(folder, path)).isFile())
    .sort()
    .map((path) => ({ path, integrity: integrityOf(readFileSync(join(folder, path))) }));
}

export type PrecacheEntry = {
  readonly url: string;
  readonly revision: string | null;
  readonly integrity: string;
};

/**
 * The same as the service worker is given it (workers/service-worker/build.ts): each file is held to its hash, and the
 * page itself carries what the build as a whole is known by.
 */
export function precacheOf(files: readonly BuildFile[]): readonly PrecacheEntry[] {
  const id = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16);
  return files.map(({ path, integrity }) => ({
    url: path,
    revision: path === 'index.html' ? id : null,
    integrity,
  }));
}

/** The scripts and styles that a page names get the hash of what was built. */
export function withIntegrity(html: string, hashOf: (path: string) => string | undefined): string {
  return html.replace(
    /<(script|link)\b[^>]*?\b(?:src|href)="\.\/([^"]+\.(?:js|css))"[^>]*?(?=>)/g,
    (tag: string, _name: string, path: string) => {
      const integrity = hashOf(path);
      if (integrity === undefined) throw new Error(`index.html names ${path}, which was not built`);
      return `${tag} integrity="${integrity}"`;
    },
  );
}

/**
 * The import map of a page: the hash of each script that is fetched because another one names it. A hash beside a
 * preload does not bind what is imported; this does, also of what is imported late.
 */
export const importMapOf = (files: readonly BuildFile[]): string =>
  JSON.stringify({
    integrity: Object.fromEntries(
      files.filter(({ path }) => path.endsWith('.js')).map(({ path, integrity }) => [`./${path}`, integrity]),
    ),
  });
