import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leyden-bare-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Ended = { readonly code: unknown; readonly stdout: string; readonly stderr: string };

/** A script of e2e/ on a machine with Node.js on its PATH and nothing else, to its end. */
function onBareMachine(script: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  symlinkSync(process.execPath, join(folder, 'node'));
  const file = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const bare = { PATH: folder, HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') };
  return new Promise((resolve) => {
    execFile(join(folder, 'node'), [file], { env: { ...bare, ...env } }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

it('npm start where bitcoind is missing and there is no apt: says so, and what to install, and ends', async () => {
  expect(await onBareMachine('start.mjs')).toEqual({
    code: 1,
    stdout:
      'The playground needs bitcoind, which is not on PATH, and it cannot be downloaded: this system has no apt. ' +
      'Install Bitcoin Core (or Knots) 28 or newer so that `bitcoind` is on PATH, then try again.\n',
    stderr: '',
  });
  expect(readdirSync(folder)).toEqual(['node']);
});

it('so it is with Chromium for the tests', async () => {
  const ended = await onBareMachine('install.mjs', { LEYDEN_BITCOIND: process.execPath });
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toContain(
    'Error: The tests in a browser need Chromium, and this system has no apt. ' +
      'Install Chromium or Google Chrome so that it is on PATH, then try again.',
  );
  expect(readdirSync(folder)).toEqual(['node']);
});
