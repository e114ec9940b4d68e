// Makes docs/bolt-2.md, docs/bolt-5.md and docs/lsps.md: each rule of the book that the code quotes, where it is kept, and
// the tests that show it. `--check` fails when a page is not what the code says, when a MUST of BOLT 2 or any rule of an
// LSP's book has no test, when a test quotes what no rule says, or when a rule of an LSP's book, or a MUST of the others,
// has no row and no reason for none.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { missedMusts, unboundMusts } from './bolt-rules.mjs';
import { quotesOfFile } from './book-quotes.mjs';
import { inOrder, lspsCounts, lspsRules, missedRules, wordsOf } from './lsps-rules.mjs';
import { namedByTests } from './rule-tests.mjs';
import { files, isTest } from './tree.mjs';

const isMust = (quote) => /\bMUST\b/.test(quote);

/** `proven`: which rules have to have a test. */
const BOOKS = [
  {
    file: 'bolt-2',
    title: 'BOLT 2',
    name: 'BOLT 2 ',
    named: true,
    proven: isMust,
    // Sections for what we do not offer: their rules bind us from the day on which we do.
    unspoken: {
      option_dual_fund: 'interactive transaction construction, `tx_abort` and channel establishment v2',
      option_quiesce: 'quiescence',
      option_splice: 'splicing, and the sending of `start_batch`',
    },
    others:
      'A wallet forwards nothing, so of “Forwarding HTLCs”, and of what is asked of a node inside a route, only that stands here which binds the ends of a payment.',
  },
  {
    file: 'bolt-5',
    title: 'BOLT 5',
    name: 'BOLT 5 ',
    named: true,
    proven: isMust,
    unspoken: {},
    /** Each rule is shown there, or it is said why it cannot be. */
    real: /^e2e\/real\//,
    unreal: [
      {
        section: 'General Nomenclature',
        rule: 'SHOULD ignore invalid transactions',
        why: 'bitcoind tells of none that are invalid',
      },
      {
        section: 'HTLC Output Handling: Local Commitment, Remote Offers',
        rule: "MUST NOT reveal its own preimage when it's not the final recipient",
        why: 'no peer can have us forward',
      },
    ],
    others:
      'Tests in `e2e/real` are against bitcoind and the LDK peer; the others play both sides, or draw what the chain does. A wallet forwards nothing: where a rule speaks of an incoming HTLC that an outgoing one belongs to, it is the payment itself that is failed or proven.',
  },
  // Several books, some without sections: the section says which book it is of.
  {
    file: 'lsps',
    title: 'LSPs (bLIPs 25, 50, 51, 52 and 55)',
    name: '(?=bLIP (?:25|5[0-5]))',
    named: false,
    proven: () => true,
    listed: lspsRules(),
    counts: lspsCounts(),
    others: [
      `Each MUST, SHOULD and MAY of the five, ${wordsOf(lspsCounts())} of them, has a row, whoever it binds:`,
      '`.ci/lsps-rules.txt` lists them, and `--check` counts them against how many each section of the books has. Leyden is the client, and its push relay the',
      '“notification delivery service”; it need not be an LSP. What binds an LSP is shown by a test of what we do when an',
      'LSP does otherwise, or by the LSP of the playground, which holds to it; or the row says why no client can see it.',
      'Rows without such a word are forms and numbers that the code goes by.',
    ].join(' '),
  },
];
const OFFERED = 'engine/wire/features.ts';

/** Ours, what answers as an LSP in the playground, and what is tried with real peers and by a person. */
const SOURCES =
  /^(?:(?:engine|services|workers|web\/i18n)\/.*|e2e\/(?:world\/ldk\/lsps-server|real\/[a-z0-9-]+\.test|journeys\/[a-z0-9-]+\.test))\.ts$/;

const sources = [...files(SOURCES)].map((path) => {
  const source = readFileSync(path, 'utf8');
  // A file about one section names it once.
  const [, own] = /^const SECTION = '(.+)';$/m.exec(source) ?? [];
  return { path, text: own === undefined ? source : source.replaceAll('${SECTION}', own) };
});

const RULE_WORD = /\b(?:MUST|SHOULD|MAY)\b/;
const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const added = (map, key, make) => map.get(key) ?? map.set(key, make()).get(key);

/** What the code quotes of one book: section → rule → `{ files, diverging, tests }`. */
function rulesOf(book) {
  const sections = new Map();
  const of = () => ({ files: new Set(), diverging: new Set(), tests: new Map() });
  for (const [section, rules] of book.listed ?? [])
    sections.set(section, new Map([...rules].map(([quote, bound]) => [quote, { ...of(), ...bound }])));
  for (const { path, text } of sources) {
    if (isTest(path)) continue;
    for (const { section, quote, diverges } of quotesOfFile(text, book)) {
      const rules = added(sections, section, () => new Map());
      const rule = added(rules, quote, of);
      (diverges ? rule.diverging : rule.files).add(path);
    }
  }
  for (const rules of sections.values()) fold(rules);
  return sections;
}

/** What does not say what must be done, as the text of a violation, is part of the rule that does. */
function fold(rules) {
  for (const [part, { files: of, diverging }] of rules) {
    if (RULE_WORD.test(part)) continue;
    const whole = [...rules.keys()].filter((quote) => quote !== part && quote.includes(part));
    if (whole.length !== 1) continue;
    for (const path of of) rules.get(whole[0]).files.add(path);
    for (const path of diverging) rules.get(whole[0]).diverging.add(path);
    rules.delete(part);
  }
}

/** Hands each rule its tests; answers the tests of sections, and what is wrong. */
function tie(book, sections) {
  const ofSection = new Map();
  const faults = [];
  const shown = new Set();
  const tests = sources.filter(({ path }) => isTest(path));
  const mentions = tests.flatMap(({ path, text }) =>
    [...namedByTests(text, book)].map((mention) => ({ path, ...mention })),
  );
  for (const { path, section, title, quote } of mentions) {
    if (quote === null) continue;
    const all = [...(sections.get(section) ?? [])];
    const exact = all.filter(([rule]) => rule === quote);
    const rules = exact.length > 0 ? exact : all.filter(([rule]) => rule.includes(quote));
    if (rules.length === 1) {
      rules[0][1].tests.set(title, path);
      shown.add(title);
    } else faults.push(`${path}: “${title}” quotes ${rules.length || 'no'} rules of §${section}: "${quote}"`);
  }
  for (const { section, title, quote } of mentions)
    if (quote === null && !shown.has(`${section} -- ${title}`) && !shown.has(title))
      added(ofSection, section, () => new Set()).add(title);
  return { ofSection, faults };
}

const cell = (text) => text.replaceAll('|', '\\|');
const link = (text, path) => `[${cell(text)}](../${path})`;
const short = (path) => path.replace('engine/', '');

const quotesIn = (sections) =>
  new Map([...sections].map(([section, rules]) => [section, new Set(rules.keys())]));

const whyUnreal = ({ unreal = [] }, section, quote) =>
  unreal.find((one) => one.section === section && one.rule === quote)?.why;

/** Of a book whose rules are shown against real programs: which are neither shown there nor excused, and which both. */
function unrealFaults(book, all) {
  if (book.real === undefined) return [];
  const known = new Set(all.map(({ section, quote }) => `${section}: ${quote}`));
  return [
    ...all.flatMap(({ section, quote, rule }) => {
      const isReal = [...rule.tests.values()].some((path) => book.real.test(path));
      if (isReal === (whyUnreal(book, section, quote) === undefined)) return [];
      return [
        `§${section}: "${quote}": ${isReal ? 'a real test shows it: excuse it no more' : 'no real test shows it'}`,
      ];
    }),
    ...book.unreal.flatMap(({ section, rule }) =>
      known.has(`${section}: ${rule}`) ? [] : [`§${section}: "${rule}" is excused, and no rule`],
    ),
  ];
}

function rowOf(book, section, quote, { files: keptIn, diverging, tests, who = '', why: unseen }) {
  const where = [
    ...[...keptIn].sort(byText).map((path) => link(short(path), path)),
    ...[...diverging].sort(byText).map((path) => `differs: ${link(short(path), path)}`),
  ];
  const cells = [...(book.listed === undefined ? [] : [who]), cell(quote), where.join(', ')];
  if (book.proven !== undefined) {
    const why = whyUnreal(book, section, quote);
    const shownBy = [...tests].sort(([a], [b]) => byText(a, b)).map(([title, path]) => link(title, path));
    const excuses = [
      ...(why === undefined ? [] : [`against no real peer: ${why}`]),
      ...(unseen ? [unseen] : []),
    ];
    cells.push([...shownBy, ...excuses].join('; '));
  }
  return `| ${cells.join(' | ')} |`;
}

/** The page of one book, how many rules it has, and what is missing. */
async function pageOf(book) {
  const sections = rulesOf(book);
  const { ofSection, faults } = tie(book, sections);
  if (book.listed !== undefined) faults.push(...missedRules(book.listed, book.counts));
  const names = [...sections.keys()].sort(byText);
  const all = names.flatMap((section) =>
    [...sections.get(section)].map(([quote, rule]) => ({ section, quote, rule })),
  );
  const musts = all.filter(({ quote }) => isMust(quote));
  if (book.proven !== undefined)
    for (const { section, quote, rule } of all) {
      const place = book.named ? `${book.name}§${section}` : section;
      if (book.listed !== undefined && RULE_WORD.test(quote) && rule.who === undefined)
        faults.push(`${place}: "${quote}" has no line in .ci/lsps-rules.txt`);
      if (rule.why && rule.tests.size > 0)
        faults.push(`${place}: "${quote}" has a test, and a reason for none`);
      if (book.proven(quote) && rule.tests.size === 0 && !rule.why) {
        faults.push(
          `no test shows ${place}: "${quote}": write enough of that above the one that does, as "// ${place}: …"`,
        );
      }
    }
  faults.push(...unrealFaults(book, all));
  if (book.unspoken !== undefined)
    faults.push(...[...missedMusts(book.title, quotesIn(sections))].map((fault) => `${book.title} ${fault}`));
  const lines = [`# ${book.title}, rule by rule`, '', ...introOf(book), ''];
  lines.push(`${all.length} rules in ${names.length} sections, ${musts.length} of them a MUST.`, '');
  for (const section of names) {
    lines.push(`## ${section}`, '');
    const columns = [
      ...(book.listed === undefined ? [] : ['binds']),
      'rule',
      'kept in',
      ...(book.proven === undefined ? [] : ['shown by']),
    ];
    lines.push(`| ${columns.join(' | ')} |`, `| ${columns.map(() => '---').join(' | ')} |`);
    for (const [quote, rule] of inOrder(sections.get(section))) lines.push(rowOf(book, section, quote, rule));
    const tests = [...(ofSection.get(section) ?? [])].sort(byText);
    const heading = book.proven !== undefined ? 'Further tests:' : 'Tests:';
    if (tests.length > 0) lines.push('', heading, '', ...tests.map((name) => `- ${cell(name)}`));
    lines.push('');
  }
  if (book.unspoken !== undefined) lines.push(...unboundOf(book));
  const page = await format(lines.join('\n'), {
    parser: 'markdown',
    printWidth: 110,
    proseWrap: 'never',
  });
  return { page, rules: all.length, musts: musts.length, faults };
}

/** What of the book binds us in nothing that we do. */
const unboundOf = ({ title }) => [
  '## Not for us',
  '',
  'Every MUST of the book is a row above, or stands here; `.ci/bolt-rules.txt` lists them, and `--check` counts them.',
  '',
  '| section | rule | why not |',
  '| --- | --- | --- |',
  ...unboundMusts(title).map((one) => `| ${[one.section, one.quote, one.why].map(cell).join(' | ')} |`),
  '',
];

function introOf(book) {
  if (book.proven === undefined)
    return [
      'Made by `node .ci/bolt-table.mjs` from the quotes in the code. Each rule stands where it is kept; the tests of a',
      'section are those whose name begins with it, or that a comment names it above.',
    ];
  const made =
    'Made by `node .ci/bolt-table.mjs` from the quotes in the code and in the tests. Each rule stands where it is kept, and';
  if (book.unspoken === undefined)
    return [made, `beside the tests that show it; \`--check\` fails while one has none. ${book.others}`];
  const offered = readFileSync(OFFERED, 'utf8');
  for (const feature of Object.keys(book.unspoken))
    if (new RegExp(`^  ${feature}: '`, 'm').test(offered))
      throw new Error(`${feature} is offered: its rules bind us`);
  if (Object.keys(book.unspoken).length === 0)
    return [made, `beside the tests that show it; \`--check\` fails while a MUST has none. ${book.others}`];
  const list = Object.entries(book.unspoken).map(([feature, what]) => `${what} (\`${feature}\`)`);
  return [
    made,
    'beside the tests that show it; `--check` fails while a MUST has none. Where we differ, the code says why.',
    '',
    `Not here, because we do not offer it: ${list.join(', ')}. ${book.others}`,
  ];
}

for (const book of BOOKS) {
  const path = `docs/${book.file}.md`;
  const { page, rules, musts, faults } = await pageOf(book);
  for (const fault of faults) console.error(`bolt-table: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
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
