// What `npm start` and `npm test` need and a fresh clone lacks: npm's packages, bitcoind and Chromium.
// Plain Node.js without packages, because it runs before `npm install`. Two runs at once wait for each other.
import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, isBuilt } from '../engine/crypto/libsecp256k1/build.mjs';
import { onPath, run } from './install/command.mjs';
import { debianMissing, unpackFromDebian } from './install/debian-folder.mjs';
import { withLock } from './install/lock.mjs';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where we keep what is not part of the repository: downloaded programs and the playground's chain. */
export const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'leyden');

/** @typedef {(sentence: string) => void} Say */

/** @type {Say} */
const toTerminal = (sentence) => process.stderr.write(`${sentence}\n`);

/** @param {string} file */
const modifiedAt = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

/**
 * npm's packages, exactly as package-lock.json names them, and the curve, which is built of two of them.
 * @param {Say} [say]
 */
export async function ensureNpm(say = toTerminal) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Leyden needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
  }
  const lock = join(ROOT, 'package-lock.json');
  // npm writes this file at the end of each installation.
  const installed = join(ROOT, 'node_modules', '.package-lock.json');
  const isCurrent = () => modifiedAt(installed) >= modifiedAt(lock);
  if (isCurrent() && isBuilt()) return;
  await withLock(join(ROOT, '.npm-install-lock'), async () => {
    // As where node_modules came from elsewhere, or `npm install` ran no scripts.
    if (isCurrent()) return build(say);
    say("Installing npm's packages: node_modules is missing or older than package-lock.json.");
    // The versions of the lock file, which stays as it is. Not `npm ci`: that gives up when a registry does not have
    // the binaries that some packages offer for other platforms than ours.
    await run('npm', ['install', '--no-save', '--no-audit', '--no-fund'], { cwd: ROOT });
    return build(say);
  });
}

/**
 * @param {Say} [say]
 * @returns {Promise<string>} a bitcoind that can be started
 */
export async function ensureBitcoind(say = toTerminal) {
  const found = process.env['LEYDEN_BITCOIND'] ?? onPath(['bitcoind']);
  if (found !== null) return found;
  const folder = join(CACHE, 'bitcoind');
  const program = join(folder, 'bitcoind');
  if (existsSync(program)) return program;
  const missing = debianMissing();
  if (missing !== null) {
    throw new Error(
      `The playground needs bitcoind, which is not on PATH, and it cannot be downloaded: ${missing}. ` +
        'Install Bitcoin Core (or Knots) 28 or newer so that `bitcoind` is on PATH, then try again.',
    );
  }
  await withLock(`${folder}.lock`, async () => {
    if (existsSync(program)) return;
    say(`Downloading bitcoind (Bitcoin Knots and its libraries, from Debian) into ${folder}.`);
    say('It is needed for the playground chain; nothing is installed into the system.');
    await unpackFromDebian({ packageName: 'bitcoin-knots', programs: ['bitcoind', 'bitcoin-cli'], folder });
  });
  return program;
}

/**
 * @param {Say} [say]
 * @returns {Promise<string>} a Chromium that can be started
 */
export async function ensureChromium(say = toTerminal) {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const find = () => process.env['LEYDEN_CHROMIUM'] ?? onPath(names);
  const found = find();
  if (found !== null) return found;
  const manual = 'Install Chromium or Google Chrome so that it is on PATH, then try again.';
  if (onPath(['apt-get']) === null) {
    throw new Error(`The tests in a browser need Chromium, and this system has no apt. ${manual}`);
  }
  const root = process.getuid?.() === 0;
  if (!root && onPath(['sudo']) === null) {
    throw new Error(`The tests in a browser need Chromium, and installing it needs root or sudo. ${manual}`);
  }
  return withLock(join(CACHE, 'chromium.lock'), async () => {
    const other = find();
    if (other !== null) return other;
    say('Installing Chromium with apt-get (for the tests in a browser): it is not on PATH.');
    const apt = (/** @type {string[]} */ ...words) => {
      const [program = 'apt-get', ...args] = [...(root ? [] : ['sudo']), 'apt-get', '-q', ...words];
      // sudo may ask for a password, so its output must be seen.
      return run(program, args, { quiet: root, env: { DEBIAN_FRONTEND: 'noninteractive' } });
    };
    await apt('update');
    await apt('install', '-y', '--no-install-recommends', 'chromium');
    const installed = find();
    if (installed === null) throw new Error(`apt-get installed no Chromium. ${manual}`);
    return installed;
  });
}

/**
 * Some browser to open the app in. When there is none, Chromium; failing that, only a sentence: the app can be opened
 * from elsewhere.
 * @param {Say} [say]
 */
export async function ensureBrowser(say = toTerminal) {
  const others = ['firefox', 'firefox-esr', 'microsoft-edge', 'brave-browser', 'open', 'xdg-open'];
  if (onPath(others) !== null) return;
  try {
    await ensureChromium(say);
  } catch (error) {
    say(`No browser was found here: ${error instanceof Error ? error.message : String(error)}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureNpm();
  process.stdout.write(`${await ensureBitcoind()}\n${await ensureChromium()}\n`);
}
