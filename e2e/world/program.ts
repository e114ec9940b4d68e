import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../install.mjs';

export type ProgramPlan = {
  readonly name: string;
  /** The TypeScript file that it starts with. */
  readonly entry: URL;
  /** Folders whose TypeScript it is made of, with all that is below them. */
  readonly sources: readonly URL[];
  /** Part of the fingerprint besides the sources. */
  readonly salt?: string;
  /** npm packages are part of the file; otherwise they are found where they are installed. */
  readonly withPackages: boolean;
};

const FOLDER = join(ROOT, 'node_modules', '.cache', 'leyden');
const KEPT_MS = 24 * 3_600_000;

const building = new Map<string, Promise<string>>();

/** A program for a process of its own as one plain JavaScript file, built when its sources changed. */
export function programOf(plan: ProgramPlan): Promise<string> {
  const file = join(FOLDER, `${plan.name}-${fingerprint(plan)}.mjs`);
  const built = building.get(file) ?? build(plan, file);
  building.set(file, built);
  return built;
}

async function build({ entry, withPackages }: ProgramPlan, file: string): Promise<string> {
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
      ssr: withPackages ? { noExternal: true } : {},
      build: {
        ssr: fileURLToPath(entry),
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

/** Megabytes for each version of the sources would add up. */
async function forgetOld(): Promise<void> {
  for (const name of await readdir(FOLDER)) {
    const file = join(FOLDER, name);
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs > KEPT_MS) await rm(file, { recursive: true, force: true });
  }
}

function fingerprint({ sources, salt = '' }: ProgramPlan): string {
  const hash = createHash('sha256');
  for (const source of sources) {
    const folder = fileURLToPath(source);
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      if (name.endsWith('.ts') && !name.endsWith('.test.ts'))
        hash.update(name).update(readFileSync(join(folder, name)));
    }
  }
  return hash.update(salt).update(ROOT).digest('hex').slice(0, 16);
}
