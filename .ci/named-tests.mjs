// docs/threat-model.md names, for each attack and for each pain that ended another wallet, the tests that show what comes
// of it here. This sees that each of them is there, under that name.
import { existsSync, readFileSync } from 'node:fs';

const PAGE = 'docs/threat-model.md';
const SECTIONS = ['## Attacks, one by one', '## What ended other web wallets'];
/** `file` › name, up to the next one or the end of the cell. */
const NAMED = /`([\w./-]+\.test\.ts)` › (.+?)(?=<br>|\s*\|)/g;

const page = readFileSync(PAGE, 'utf8');
const rows = SECTIONS.flatMap((section) => {
  const start = page.indexOf(`${section}\n`);
  if (start < 0) throw new Error(`${PAGE} lacks the section “${section}”`);
  return page
    .slice(start)
    .split('\n## ')[0]
    .split('\n')
    .filter((line) => /^\| (?!-|pain\b|attack\b)/.test(line));
});

let named = 0;
const missing = [];
for (const row of rows) {
  const tests = [...row.matchAll(NAMED)];
  if (tests.length === 0) missing.push(`no test is named: ${row.slice(0, 60)}`);
  for (const [, path, name] of tests) {
    named++;
    if (!existsSync(path)) missing.push(`${path} is not there`);
    else if (!hasTest(readFileSync(path, 'utf8'), name.trim()))
      missing.push(`${path} has no test “${name.trim()}”`);
  }
}

/** As the first argument of `test`, `it` or their `each`. */
function hasTest(source, name) {
  const quoted = name.replaceAll("'", "\\'");
  return [`'${quoted}'`, `"${name}"`, `\`${name}\``].some((text) => {
    for (let at = source.indexOf(text); at >= 0; at = source.indexOf(text, at + 1))
      if (/(?:\b(?:test|it)|\))\(\s*$/.test(source.slice(0, at))) return true;
    return false;
  });
}

for (const sentence of missing) console.error(`named-tests: ${sentence}`);
console.log(
  missing.length === 0
    ? `named-tests: ${rows.length} attacks and pains, ${named} tests, each there`
    : `named-tests: ${missing.length} to mend`,
);
process.exit(missing.length === 0 ? 0 : 1);
