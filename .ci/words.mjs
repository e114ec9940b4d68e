// The repo speaks of Leyden alone: no path of anybody's machine, no registry's host, nothing left unfinished or skipped.
import { readFileSync } from 'node:fs';
import { files } from './tree.mjs';

const REFUSED = [
  [/(^|[\s'"`(])\/(work|tmp|home|root)\/[a-z]/, 'a path of a machine', /\.(ts|svelte|md|json|html|css)$/],
  [/registry\.npm|"resolved":/, "a registry's host", /package-lock\.json$|\.npmrc$|\.md$/],
  [/\b(it|test|describe)\.(skip|only|todo)\b/, 'a skipped test', /\.(test|spec)\.ts$/],
  [/@ts-(ignore|nocheck|expect-error)|(eslint|oxlint)-disable/, 'a silenced check', /\.(ts|svelte)$/],
  [/\b(TODO|FIXME|XXX)\b/, 'something left undone', /\.(ts|svelte|mjs|css|html)$/],
];

let found = 0;
for (const path of files(/^[^/]+$|^(engine|web|workers|public|e2e|services|bench|docs)\//)) {
  const rules = REFUSED.filter(([, , where]) => where.test(path));
  if (rules.length === 0) continue;
  readFileSync(path, 'utf8')
    .split('\n')
    .forEach((line, index) => {
      for (const [pattern, what] of rules)
        if (pattern.test(line)) {
          found += 1;
          console.error(`${path}:${index + 1}: ${what}: ${line.trim().slice(0, 100)}`);
        }
    });
}
console.log(found === 0 ? 'words: clean' : `words: ${found} to mend`);
process.exit(found === 0 ? 0 : 1);
