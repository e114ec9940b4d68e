import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../../install.mjs';

const SOURCES = [new URL('./', import.meta.url), new URL('../', import.meta.url)].map((url) =>
  fileURLToPath(url),
);
const ENTRY = fileURLToPath(new URL('./process.ts', import.meta.url));
const FOLDER = join(ROOT, 'node_modules', '.cache', 'leyden');

const KEPT_MS = 24 * 3_600_000;

let building: Promise<string> | null = null;

/**
 * The peer's program as one plain JavaScript file, built when its sources changed. LDK's package is 1,400 modules: read
 * one by one through a TypeScript loader they cost two seconds at each start, in one file a tenth of that.
 */
export function ldkProgram(): Promise<string> {
  building ??= build();
  return building;
}

async function build(): Promise<string> {
  const file = join(FOLDER, `ldk-${fingerprint()}.mjs`);
  if (existsSync(file)) return file;
  const vite = await import('vite');
  await mkdir(FOLDER, { recursive: true });
  await forgetOld();
  const staging = await mkdtemp(join(FOLDER, 'building-'));
  try {
    await vite.build({
      root: ROOT,
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true },
      build: {
        ssr: ENTRY,
        outDir: staging,
        target: 'node20',
        minify: false,
        rollupOptions: { output: { entryFileNames: 'program.mjs', codeSplitting: false } },
      },
    });
    // Another process may have built the same in the meantime: either will do.
    await rename(join(staging, 'program.mjs'), file);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return file;
}

/** Five megabytes for each version of the sources would add up. */
async function forgetOld(): Promise<void> {
  for (const name of await readdir(FOLDER)) {
    const file = join(FOLDER, name);
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs > KEPT_MS) await rm(file, { recursive: true, force: true });
  }
}

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const folder of SOURCES) {
    for (const name of readdirSync(folder).sort()) {
      if (name.endsWith('.ts')) hash.update(name).update(readFileSync(join(folder, name)));
    }
  }
  hash.update(readFileSync(createRequire(import.meta.url).resolve('lightningdevkit/package.json')));
  hash.update(ROOT);
  return hash.digest('hex').slice(0, 16);
}
