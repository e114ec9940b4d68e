// The files of the repo as the checks see them, and how they import one another.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Tracked and new files, relative to the top, that exist and match. */
export function files(pattern) {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return [...new Set(listed.split('\n'))].filter((path) => pattern.test(path) && existsSync(path)).sort();
}

const IMPORT =
  /(?:^|[^.\w])(?:import|export)\s*(?:type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

/** What a file imports: `{ to, typeOnly }`, relative imports resolved to paths from the top. */
export function imports(path) {
  const text = readFileSync(path, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
  const found = [];
  for (const match of text.matchAll(IMPORT)) {
    const target = match[1] ?? match[2];
    const typeOnly = /^\W*(?:import|export)\s+type\b/.test(match[0]);
    const to = target.startsWith('.') ? normalize(join(dirname(path), target)) : target;
    found.push({ to, typeOnly });
  }
  return found;
}

export const isTest = (path) => /\.(test|spec)\.ts$/.test(path) || /^(engine|workers)\/testkit\//.test(path);
