// Programs of Debian's, with all their libraries, unpacked into one folder of ours: the system itself stays untouched.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onPath, run } from './command.mjs';

const KEYRINGS = [
  '/usr/share/keyrings/debian-archive-keyring.gpg',
  '/usr/share/keyrings/debian-archive-keyring.pgp',
];

/** The Debian mirror that this machine's apt already uses. */
function configuredMirror() {
  const files = ['/etc/apt/sources.list'];
  const parts = '/etc/apt/sources.list.d';
  if (existsSync(parts)) files.push(...readdirSync(parts).map((name) => join(parts, name)));
  for (const file of files) {
    if (!existsSync(file)) continue;
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (!/^(deb |URIs:)/.test(line)) continue;
      const mirror = line.split(/\s+/).find((word) => /^https?:\/\/\S+\/debian\/?$/.test(word));
      if (mirror !== undefined) return mirror;
    }
  }
  return null;
}

/** Why packages of Debian's cannot be had here, as a sentence; null when they can. */
export function debianMissing() {
  if (onPath(['apt-get']) === null || onPath(['dpkg']) === null) return 'this system has no apt';
  if (configuredMirror() === null) return "this system's apt names no Debian mirror";
  if (!KEYRINGS.some((file) => existsSync(file))) {
    return "Debian's signing keys (the package debian-archive-keyring) are not installed";
  }
  return null;
}

/**
 * Downloads a package of Debian sid and everything it depends on, checked by apt against Debian's own signatures, and
 * writes for each program a starter that uses the libraries beside it. Whole or not at all: the folder appears at the end.
 * @param {{ packageName: string, programs: readonly string[], folder: string }} wanted
 */
export async function unpackFromDebian({ packageName, programs, folder }) {
  const missing = debianMissing();
  const mirror = configuredMirror();
  const keyring = KEYRINGS.find((file) => existsSync(file));
  if (missing !== null || mirror === null || keyring === undefined) {
    throw new Error(`Cannot fetch ${packageName}: ${missing}.`);
  }
  const work = mkdtempSync(join(tmpdir(), 'leyden-apt-'));
  mkdirSync(dirname(folder), { recursive: true });
  const staging = mkdtempSync(`${folder}.new-`);
  try {
    for (const name of ['lists/partial', 'cache/archives/partial'])
      mkdirSync(join(work, name), { recursive: true });
    writeFileSync(join(work, 'sid.list'), `deb [signed-by=${keyring}] ${mirror} sid main\n`);
    // An empty list of installed packages: apt then downloads every library too.
    writeFileSync(join(work, 'status'), '');
    const options = [
      `Dir::Etc::SourceList=${work}/sid.list`,
      'Dir::Etc::SourceParts=/dev/null',
      `Dir::State::Lists=${work}/lists`,
      `Dir::State::status=${work}/status`,
      `Dir::Cache=${work}/cache`,
      'APT::Sandbox::User=root',
      'Acquire::Languages=none',
    ].flatMap((option) => ['-o', option]);
    const apt = (/** @type {string[]} */ ...words) =>
      run('apt-get', ['-q', '-y', '--no-install-recommends', ...options, ...words]);
    await apt('update');
    await apt('--download-only', 'install', packageName);
    const archives = join(work, 'cache/archives');
    const root = join(staging, 'root');
    mkdirSync(root);
    for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
      await run('dpkg', ['-x', join(archives, file), root]);
    }
    const { loader, libraries } = findLoader(root);
    for (const program of programs) writeStarter({ staging, program, loader, libraries });
    rmSync(folder, { recursive: true, force: true });
    renameSync(staging, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(staging, { recursive: true, force: true });
  }
}

/** The dynamic loader of the unpacked C library: a newer one than the system's, so programs must be started by it. */
function findLoader(/** @type {string} */ root) {
  const lib = join(root, 'usr/lib');
  for (const triplet of readdirSync(lib)) {
    if (!triplet.includes('-linux-')) continue;
    const loader = readdirSync(join(lib, triplet)).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
    if (loader !== undefined)
      return { loader: `usr/lib/${triplet}/${loader}`, libraries: `usr/lib/${triplet}` };
  }
  throw new Error('The unpacked packages hold no dynamic loader.');
}

/** @param {{ staging: string, program: string, loader: string, libraries: string }} starter */
function writeStarter({ staging, program, loader, libraries }) {
  const lines = [
    '#!/bin/sh',
    'r=$(dirname "$(readlink -f "$0")")/root',
    `exec "$r/${loader}" --library-path "$r/${libraries}" "$r/usr/bin/${program}" "$@"`,
    '',
  ];
  writeFileSync(join(staging, program), lines.join('\n'), { mode: 0o755 });
}
