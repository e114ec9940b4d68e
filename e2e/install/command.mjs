// Runs a program and gives back what it printed. Plain Node.js: this runs before `npm install`.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The first of these programs that is on PATH, as an absolute path.
 * @param {readonly string[]} names
 * @returns {string | null}
 */
export function onPath(names) {
  for (const name of names) {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      if (folder === '') continue;
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // not in this folder
      }
    }
  }
  return null;
}

/**
 * Runs to the end; rejects with the program's own last words when it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, quiet?: boolean, env?: Record<string, string> }} [options] quiet: keep its output to ourselves
 * @returns {Promise<string>} what it wrote to its standard output (empty unless quiet)
 */
export function run(program, args, options = {}) {
  const quiet = options.quiet ?? true;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    });
    let out = '';
    let errors = '';
    child.stdout?.on('data', (chunk) => (out += chunk));
    child.stderr?.on('data', (chunk) => (errors = (errors + chunk).slice(-4000)));
    child.on('error', (error) => reject(new Error(`${program} did not start: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(out);
      reject(
        new Error(
          `${program} ${args.at(-1) ?? ''} ended with ${signal ?? code}: ${(errors || out).trim().slice(-1500)}`,
        ),
      );
    });
  });
}
