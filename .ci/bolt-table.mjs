// Makes docs/bolt-2.md, docs/bolt-5.md and docs/lsps.md: each rule of the book that the code quotes, where it is kept, and
// the tests of its section. `--check` fails when a page is not what the code says, or a rule of an LSP's book has no test.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { files, isTest } from './tree.mjs';

const BOOKS = [
  { file: 'bolt-2', title: 'BOLT 2', name: 'BOLT 2 ', named: true },
  { file: 'bolt-5', title: 'BOLT 5', name: 'BOLT 5 ', named: true },
  // Several books, some without sections: the section says which book it is of.
  {
    file: 'lsps',
    title: 'LSPs (bLIPs 25, 50, 51, 52 and 55)',
    name: '(?=bLIP \\d\\d)',
    named: false,
    tested: true,
  },
];
const SECTION_NAME = '(?:(?:Unilateral Close|HTLC Output) Handling: )?[^:"]{1,60}';
const sectionOf = ({ named }) => (named ? `§(${SECTION_NAME})` : `(bLIP \\d\\d(?: §[^:"]{1,60})?)`);
// `BOLT 2 §section: … "quote"`; between the section and the quote stands at most a clause of ours. A quote ends at a
// double quote that closes a sentence, a comment or a string. Some sections of BOLT 5 have a colon in their name.
const quotesOf = (book) =>
  new RegExp(`${book.name}${sectionOf(book)}: ?(?:[^"]{0,80}? )?"(.+?)"(?=[\\s.,;)'\`]|$)`, 'g');
const FURTHER = /^; "(.+?)"(?=[\s.,;)'`]|$)/;
const RULE_WORD = /\b(?:MUST|SHOULD|MAY)\b/;

/** The comments of a file, each as one line, and its string literals. */
function* passages(text) {
  for (const [block] of text.matchAll(/\/\*\*?[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n?)+/gm))
    yield block.replace(/^[ \t]*(?:\/\/|\/\*\*?|\*\/|\*)[ \t]?/gm, '').replace(/\*\/\s*$/, '');
  const code = text.replace(/\/\*[\s\S]*?\*\/|^[ \t]*\/\/.*$/gm, '');
  for (const [, single, double, template] of code.matchAll(
    /'((?:[^'\\\n]|\\.)*BOLT \d §(?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*BOLT \d §(?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*BOLT \d §(?:[^`\\]|\\.)*)`/g,
  ))
    yield (single ?? double ?? template).replace(/\\(['"`])/g, '$1');
}

const testsOf = ({ named }) => (named ? '§(.+)' : '(bLIP .*)');

const tidy = (quote) => quote.replace(/\s+/g, ' ').trim();

/** Test names say the section first where it is a message's name; else a comment above the test does. */
const NAMED = /(['"`])([a-z_]+(?: [a-z]+)?) -- ((?:(?!\1).)+)\1/g;
const COMMENTED =
  /((?:^[ \t]*\/\/ (?:BOLT \d §|bLIP \d\d).*\n)+)[ \t]*(?:test|it|describe)\b[^]*?(['"`])(\p{L}(?:(?!\2)[^\n])* (?:(?!\2)[^\n])*)\2/gmu;

const sources = [...files(/^(?:engine|services)\/.*\.ts$/)].map((path) => ({
  path,
  source: readFileSync(path, 'utf8'),
}));

/** What the code quotes of one book. */
function rulesOf(book) {
  /** section → rule → files. */
  const kept = new Map();
  /** section → names of tests. */
  const tested = new Map();
  const test = (section, title) => tested.set(section, [...(tested.get(section) ?? []), title]);
  for (const { path, source } of sources) {
    // A file about one section names it once.
    const [, own] = /^const SECTION = '(.+)';$/m.exec(source) ?? [];
    const text = own === undefined ? source : source.replaceAll('${SECTION}', own);
    if (isTest(path)) {
      for (const [, , section, title] of text.matchAll(NAMED)) test(section, title);
      for (const [, comments, , title] of text.matchAll(COMMENTED))
        for (const [, section] of comments.matchAll(new RegExp(`${book.name}${testsOf(book)}`, 'g')))
          test(section.trim(), title);
      continue;
    }
    for (const passage of passages(text)) {
      const line = tidy(passage);
      for (const match of line.matchAll(quotesOf(book))) {
        const quotes = [match[2]];
        let rest = line.slice(match.index + match[0].length);
        for (let more = FURTHER.exec(rest); more; more = FURTHER.exec(rest)) {
          quotes.push(more[1]);
          rest = rest.slice(more[0].length);
        }
        for (const quote of quotes) {
          const rules = kept.get(match[1]) ?? new Map();
          kept.set(match[1], rules);
          rules.set(quote, new Set([...(rules.get(quote) ?? []), path]));
        }
      }
    }
  }
  return { kept, tested };
}

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const cell = (text) => text.replaceAll('|', '\\|');

/** The page of one book, and how many rules it has. */
async function pageOf(book) {
  const { kept, tested } = rulesOf(book);
  const lines = [
    `# ${book.title}, rule by rule`,
    '',
    'Made by `node .ci/bolt-table.mjs` from the quotes in the code. Each rule stands where it is kept; the tests of a',
    'section are those whose name begins with it, or that a comment names it above.',
    '',
  ];
  const sections = [...kept.keys()].sort(byText);
  let rules = 0;
  let musts = 0;
  const untested = book.tested === true ? sections.filter((section) => !tested.has(section)) : [];
  for (const section of sections) {
    const tests = [...new Set(tested.get(section) ?? [])].sort(byText);
    lines.push(`## ${section}`, '', '| rule | kept in |', '| --- | --- |');
    for (const [quote, paths] of [...kept.get(section)].sort(([a], [b]) => byText(a, b))) {
      rules++;
      if (RULE_WORD.test(quote) && quote.includes('MUST')) musts++;
      const where = [...paths].sort(byText).map((path) => `[${path.replace('engine/', '')}](../${path})`);
      lines.push(`| ${cell(quote)} | ${where.join(', ')} |`);
    }
    lines.push('');
    if (tests.length > 0)
      lines.push('Tests:', '', ...tests.map((name) => `- ${name.replaceAll('|', '\\|')}`), '');
  }
  lines.splice(5, 0, `${rules} rules in ${sections.length} sections, ${musts} of them a MUST.`, '');
  return {
    page: await format(lines.join('\n'), { parser: 'markdown', printWidth: 110 }),
    rules,
    musts,
    untested,
  };
}

for (const book of BOOKS) {
  const path = `docs/${book.file}.md`;
  const { page, rules, musts, untested } = await pageOf(book);
  for (const section of untested)
    console.error(
      `bolt-table: no test is named for ${section}: write "// ${section}" above the one that shows it`,
    );
  if (untested.length > 0) process.exitCode = 1;
  if (!process.argv.includes('--check')) {
    writeFileSync(path, page);
    continue;
  }
  const now = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (now !== page) {
    console.error(`bolt-table: ${path} is out of date: run node .ci/bolt-table.mjs`);
    process.exit(1);
  }
  console.log(`bolt-table: ${rules} rules of ${book.title}, ${musts} of them a MUST`);
}
