// One installer at a time, also across processes: two `npm start` at once must not install into the same folder.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * Takes the lock, or says that a living process has it. A folder is made in one step or not at all, so it is the lock;
 * one that a dead process left behind is taken over.
 * @param {string} folder
 * @returns {(() => void) | null} gives the lock back
 */
export function tryLock(folder) {
  mkdirSync(dirname(folder), { recursive: true });
  const owner = join(folder, 'pid');
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      mkdirSync(folder);
      writeFileSync(owner, String(process.pid));
      return () => rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    let pid = NaN;
    try {
      pid = Number(readFileSync(owner, 'utf8'));
    } catch {
      // Its owner is between the two steps above.
      return null;
    }
    if (isAlive(pid)) return null;
    rmSync(folder, { recursive: true, force: true });
  }
  return null;
}

/**
 * Runs `work` while holding the lock, after waiting for whoever holds it.
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} work
 * @param {number} [patienceMs]
 * @returns {Promise<T>}
 */
export async function withLock(folder, work, patienceMs = 600_000) {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const unlock = tryLock(folder);
    if (unlock !== null) {
      try {
        return await work();
      } finally {
        unlock();
      }
    }
    if (Date.now() > deadline) {
      throw new Error(`Another installation holds ${folder}. When none is running, remove that folder.`);
    }
    await pause(200);
  }
}
