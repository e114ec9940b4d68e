// Runs a shell's command for so long and no longer. Plain Node.js: this runs before `npm install`.
import { spawn } from 'node:child_process';

/**
 * Ends it, and all that it started, when its time is over: no compiler goes on behind whatever comes next.
 * @param {string} command one that may be killed at any moment
 * @param {number} seconds
 * @returns {Promise<number | null>} its exit code; null: its time was over
 */
export function within(command, seconds) {
  return new Promise((resolve) => {
    // The leader of a group of its own, which can be ended as one.
    const child = spawn(command, { shell: true, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    const end = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // None of it is left.
      }
    };
    let isOver = false;
    const time = setTimeout(() => {
      isOver = true;
      end();
    }, seconds * 1_000);
    // What ends us does not reach that group by itself.
    const onStop = () => {
      end();
      process.exit(130);
    };
    process.once('SIGINT', onStop).once('SIGTERM', onStop);
    /** @param {number | null} code */
    const done = (code) => {
      clearTimeout(time);
      process.off('SIGINT', onStop).off('SIGTERM', onStop);
      resolve(isOver ? null : (code ?? 1));
    };
    child.on('error', () => done(1));
    child.on('close', done);
  });
}
