import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../install/command.mjs';
import { cacheOf, OutOfReach, type Recipe } from './recipe.ts';

const VERSION = '0.7.1';
const DRIVER = fileURLToPath(new URL('../peers/ldk-node/driver/', import.meta.url));
/** What its own crates ask for. */
const OLDEST_RUST = 85;
const NAME = 'leyden-interop-ldk-node';

const folder = cacheOf('ldk-node', VERSION);
export const LDK_NODE_PROGRAM = join(folder, NAME);
/** Which driver that is. */
const mark = join(folder, 'driver');

/** ldk-node from the registry of Rust's crates, in a program of ours that drives it. */
export const LDK_NODE: Recipe = {
  version: VERSION,
  takes: '3 to 6 minutes on two cores, 1.1 GB while it builds and for the next time, 75 MB alone',
  needs: ['cargo', 'cc'],
  folder,
  isHere: () =>
    existsSync(LDK_NODE_PROGRAM) && existsSync(mark) && readFileSync(mark, 'utf8') === fingerprint(),
  build: async (say) => {
    const [, minor] = /^cargo 1\.(\d+)/.exec(await run('cargo', ['--version'])) ?? [];
    if (minor !== undefined && Number(minor) < OLDEST_RUST)
      throw new OutOfReach(`it needs Rust 1.${OLDEST_RUST} or newer; this is 1.${minor}`);
    const crate = join(folder, 'crate');
    await rm(join(crate, 'src'), { recursive: true, force: true });
    await mkdir(crate, { recursive: true });
    await cp(DRIVER, crate, { recursive: true });
    say('compiling ldk-node and all that it needs');
    const options = {
      cwd: crate,
      env: { CARGO_TARGET_DIR: join(folder, 'target'), CARGO_HOME: join(folder, 'cargo') },
    };
    await run('cargo', ['build', '--release'], options).catch(async (failure: Error) => {
      // Did it fail for what it was given, or for want of it?
      await run('cargo', ['fetch'], options).catch(() => {
        throw new OutOfReach(failure.message);
      });
      throw failure;
    });
    const lock = await readFile(join(crate, 'Cargo.lock'), 'utf8');
    if (!lock.includes(`name = "ldk-node"\nversion = "${VERSION}"`))
      throw new Error(`this is no ldk-node ${VERSION}`);
    await rm(LDK_NODE_PROGRAM, { force: true });
    await copyFile(join(folder, 'target', 'release', NAME), LDK_NODE_PROGRAM);
    await writeFile(mark, fingerprint());
  },
};

/** Of the driver's sources: a new one is a matter of seconds once the rest is built. */
function fingerprint(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(DRIVER, { recursive: true, encoding: 'utf8' }).sort())
    if (/\.(rs|toml)$/.test(name)) hash.update(name).update(readFileSync(join(DRIVER, name)));
  return hash.digest('hex');
}
