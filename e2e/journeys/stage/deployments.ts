import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { startSite, type Site } from '../../world/site.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * The page as it would be released next: the same but for its version, so that some of its files differ.
 * @param first runs before anything else of the page does
 * @param ofEngine runs before anything else of its engine does
 */
export async function buildVersion(version: string, first = '', ofEngine = ''): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'leyden-site-'));
  await build({
    root: ROOT,
    configFile: join(ROOT, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
    worker: {
      plugins: () => [
        {
          name: 'another-engine',
          enforce: 'pre',
          transform: (code, id) =>
            id.endsWith('/workers/engine-worker.ts')
              ? `Object.assign(globalThis, { leydenVersion: ${JSON.stringify(version)} });\n${ofEngine}\n${code}`
              : null,
        },
      ],
    },
    plugins: [
      {
        name: 'another-version',
        enforce: 'pre',
        transform: (code, id) => {
          if (id.endsWith('/web/version.ts')) return `export const version = ${JSON.stringify(version)};`;
          return first !== '' && id.endsWith('/web/main.ts') ? `${first}\n${code}` : null;
        },
      },
    ],
  });
  return folder;
}

/** A host that serves one folder now and another one later. */
export class Host {
  #folder: string;
  readonly #config: () => unknown;
  #site: Site | null = null;

  constructor(folder: string, config: () => unknown) {
    this.#folder = folder;
    this.#config = config;
  }

  async start(): Promise<string> {
    const current = (): string => this.#folder;
    this.#site = await startSite({
      get folder() {
        return current();
      },
      config: this.#config,
    });
    return this.#site.url;
  }

  deploy(folder: string): void {
    this.#folder = folder;
  }

  async stop(): Promise<void> {
    await this.#site?.stop();
    this.#site = null;
  }
}

/** The names of scripts and styles that only this build has. */
export function ownAssets(folder: string, other: string): ReadonlySet<string> {
  const theirs = new Set(readdirSync(join(other, 'assets')));
  return new Set(readdirSync(join(folder, 'assets')).filter((name) => !theirs.has(name)));
}

export const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true });
