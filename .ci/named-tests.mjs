// docs/threat-model.md names, for each attack and for each pain that ended another wallet, the tests that show what comes
// of it here; docs/interop.md, for each difference of another implementation, those that show what we make of it, or
// scenarios of its table. This sees that each of them is there, under that name.
import { existsSync, readFileSync } from 'node:fs';

/** What each page has to show something for. */
const PAGES = [
  {
    page: 'docs/threat-model.md',
    sections: ['## Attacks, one by one', '## What ended other web wallets'],
    rows: (text) => text.split('\n').filter((line) => /^\| (?!-|pain\b|attack\b)/.test(line)),
    scenarios: [],
  },
  {
    page: 'docs/interop.md',
    sections: ['## Where they differ'],
    rows: (text) => text.split(/^(?=- )/m).filter((item) => item.startsWith('- ')),
    scenarios: scenariosIn('docs/interop.md'),
  },
];
/** `file` › name, up to the next one or the end of the cell or line. */
const NAMED = /`([\w./-]+\.test\.ts)` › (.+?)(?=<br>|\s*\||$)/gm;
/** A line of its own. */
const SCENARIO = /^ {2}- `([\w-]+)`$/gm;

const rows = PAGES.flatMap(({ page, sections, rows, scenarios }) => {
  const text = readFileSync(page, 'utf8');
  return sections.flatMap((section) => {
    const start = text.indexOf(`${section}\n`);
    if (start < 0) throw new Error(`${page} lacks the section “${section}”`);
    const found = rows(text.slice(start).split('\n## ')[0]);
    if (found.length === 0) throw new Error(`${page} has nothing in the section “${section}”`);
    return found.map((row) => ({ row, scenarios }));
  });
});

let named = 0;
const missing = [];
for (const { row, scenarios } of rows) {
  const tests = [...row.matchAll(NAMED)];
  const played = [...row.matchAll(SCENARIO)];
  if (tests.length + played.length === 0) missing.push(`no test is named: ${row.slice(0, 60)}`);
  for (const [, path, name] of tests) {
    named++;
    if (!existsSync(path)) missing.push(`${path} is not there`);
    else if (!hasTest(readFileSync(path, 'utf8'), name.trim()))
      missing.push(`${path} has no test “${name.trim()}”`);
  }
  for (const [, name] of played) {
    named++;
    if (!scenarios.includes(name)) missing.push(`no scenario is “${name}”`);
  }
}

/** The first column of its tables. */
function scenariosIn(page) {
  return [...readFileSync(page, 'utf8').matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name);
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
    ? `named-tests: ${rows.length} attacks, pains and differences, ${named} tests and scenarios, each there`
    : `named-tests: ${missing.length} to mend`,
);
process.exit(missing.length === 0 ? 0 : 1);
