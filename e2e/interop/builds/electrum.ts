import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../install/command.mjs';
import { unpackFromDebian } from '../../install/debian-folder.mjs';
import { cacheOf, type Recipe } from './recipe.ts';

const VERSION = '4.8.3';
/** ElectrumX: newer ones refuse the newest bitcoind. */
const SERVER = ['e-x==1.20.0', 'plyvel'];

const folder = cacheOf('electrum', VERSION);
const program = join(folder, 'program');
const server = join(folder, 'server');
const home = join(program, 'root', 'usr');
/** Written last. */
const mark = join(folder, 'whole');

/** Debian's Electrum with Debian's Python, both out of the folder. */
export const ELECTRUM_ENV: readonly string[] = [`PYTHONHOME=${home}`];
export const ELECTRUM_COMMAND: readonly string[] = [join(program, 'python3'), join(home, 'bin', 'electrum')];
export const ELECTRUMX_PROGRAM = join(server, 'bin', 'electrumx_server');

export const ELECTRUM: Recipe = {
  version: VERSION,
  takes: 'a minute, and 600 MB',
  needs: ['apt-get', 'dpkg', 'python3'],
  folder,
  isHere: () => existsSync(mark),
  build: async (say) => {
    await mkdir(folder, { recursive: true });
    say('fetching Electrum and its libraries from Debian; nothing is installed into the system');
    await unpackFromDebian({ packageName: 'electrum', programs: ['python3'], folder: program });
    const [python = '', ...words] = ELECTRUM_COMMAND;
    const found = await run(python, [...words, 'version', '--offline'], { env: { PYTHONHOME: home } });
    if (found.trim() !== VERSION) throw new Error(`Debian has Electrum ${found.trim()} now, not ${VERSION}`);
    say('installing ElectrumX into a Python environment of its own');
    await rm(server, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', server]);
    await run(join(server, 'bin', 'pip'), ['install', '--quiet', ...SERVER]);
    await writeFile(mark, VERSION);
  },
};
