import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../install/command.mjs';
import { cacheOf, type Recipe } from './recipe.ts';

const VERSION = '0.21.3-beta';
const MODULE = 'github.com/lightningnetwork/lnd';
/** `lowscrypt`: a weak wallet key, which makes a start one second instead of ten. For tests only. */
const TAGS = 'autopilotrpc chainrpc invoicesrpc lowscrypt peersrpc routerrpc signrpc verrpc walletrpc';

const folder = cacheOf('lnd', VERSION);
const program = join(folder, 'lnd');

/**
 * LND from the Go module proxy. `go install` refuses a module with replace directives, so a module of our own that holds
 * nothing else repeats them.
 */
export const LND: Recipe = {
  version: VERSION,
  takes: '8 to 17 minutes on two cores, 5 GB while it builds, 70 MB after',
  needs: ['go'],
  folder,
  isHere: () => existsSync(program),
  build: async (say) => {
    const workshop = join(folder, 'build');
    const scratch = join(workshop, 'tmp');
    await mkdir(scratch, { recursive: true });
    const env = {
      GOMODCACHE: join(workshop, 'mod'),
      GOCACHE: join(workshop, 'cache'),
      // Read-only folders could not be removed again.
      GOFLAGS: '-modcacherw',
      TMPDIR: scratch,
    };
    const go = (...words: string[]): Promise<string> => run('go', words, { cwd: workshop, env });
    say(`downloading ${MODULE} ${VERSION}`);
    await rm(join(workshop, 'go.mod'), { force: true });
    const { Dir: source } = JSON.parse(await go('mod', 'download', '-json', `${MODULE}@v${VERSION}`)) as {
      Dir: string;
    };
    await writeFile(join(workshop, 'go.mod'), moduleFile(await readFile(join(source, 'go.mod'), 'utf8')));
    say('compiling');
    const built = join(workshop, 'lnd');
    await go(
      'build',
      '-mod=mod',
      '-trimpath',
      '-ldflags',
      '-s -w',
      '-tags',
      TAGS,
      '-o',
      built,
      `${MODULE}/cmd/lnd`,
    );
    const words = await run(built, ['--version']);
    if (!words.includes(VERSION)) throw new Error(`this is no LND ${VERSION}: ${words.trim()}`);
    await rename(built, program);
    await rm(workshop, { recursive: true, force: true });
  },
};

/** The language version and the replacements of modules of theirs, which hold for the main module alone. */
function moduleFile(theirs: string): string {
  const lines = theirs.split('\n');
  return [
    'module leyden/interop/lnd',
    lines.find((line) => line.startsWith('go ')) ?? '',
    `require ${MODULE} v${VERSION}`,
    ...lines.filter((line) => /^replace .*=> [a-z]+\./.test(line)),
    '',
  ].join('\n');
}
