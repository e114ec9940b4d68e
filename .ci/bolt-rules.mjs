// Every MUST and MUST NOT of BOLT 2 and BOLT 5: which quote of the code has it, or why it does not bind us.
// `bolt-rules.txt` has a heading for each section of a book that says MUST: how many rules it has, then the names that the
// code has for it, or the feature that it is for where we do not offer that. A line is a rule as the code quotes it; `2 |`
// stands before one that is two rules of the book, `0 |` before one that is quoted above in other words, and a reason
// behind one that the code does not quote. What stands below "MUST fail the channel if:" and the like is a rule each.
//
// Without arguments: what no line has, and the other way round (`bolt-table.mjs --check` says the same). With the directory
// of github.com/lightning/bolts (the list is of a377265): whether the list is what the books say.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const HEADING = /^# (BOLT \d) §(.+) \((\d+)(?:; (?:not offered: (\w+)|(.+)))?\)$/;
const LINE = /^(?:(\d) \| )?(.+?)(?: \| (.+))?$/;
const MUST = /\bMUST\b/g;
const BOOKS = { 'BOLT 2': '02-peer-protocol.md', 'BOLT 5': '05-onchain.md' };

/**
 * @typedef {{ quote: string, times: number, why: string | null }} Rule
 * @typedef {{ book: string, section: string, count: number, names: string[], feature: string | null, rules: Rule[] }} Section
 */

/** Each section that says MUST. */
export function boltRules() {
  /** @type {Section[]} */
  const sections = [];
  for (const line of readFileSync(new URL('bolt-rules.txt', import.meta.url), 'utf8').split('\n')) {
    if (line === '') continue;
    const [, book, section, count, feature = null, names] = HEADING.exec(line) ?? [];
    if (book !== undefined) {
      const called = feature === null ? (names?.split(', ') ?? [section]) : [];
      sections.push({ book, section, count: Number(count), feature, names: called, rules: [] });
      continue;
    }
    const [, times = '1', quote, why = null] = LINE.exec(line);
    sections.at(-1).rules.push({ quote, times: Number(times), why });
  }
  return sections;
}

/** What is wrong between the list and the quotes of the code: section → its quotes. */
export function* missedMusts(book, quotesOf) {
  const sections = boltRules().filter((one) => one.book === book);
  const listed = new Set();
  for (const { section, count, feature, names, rules } of sections) {
    const sum = rules.reduce((all, { times }) => all + times, 0);
    if (feature === null && sum !== count) yield `§${section} has ${count} rules, its lines have ${sum}`;
    for (const { quote, why } of rules) {
      const quoted = names.filter((name) => quotesOf.get(name)?.has(quote));
      for (const name of quoted) listed.add(`${name}: ${quote}`);
      if (why === null && quoted.length === 0) yield `§${section}: no code quotes "${quote}"`;
      if (why !== null && quoted.length > 0)
        yield `§${section}: "${quote}" is quoted, and has a reason not to be`;
    }
  }
  for (const [section, quotes] of quotesOf)
    for (const quote of quotes)
      if (/\bMUST\b/.test(quote) && !listed.has(`${section}: ${quote}`))
        yield `§${section}: "${quote}" has no line in .ci/bolt-rules.txt`;
}

/** The rules of a book that the code does not quote: `{ section, quote, why }`. */
export const unboundMusts = (book) =>
  boltRules()
    .filter((one) => one.book === book)
    .flatMap(({ section, rules }) =>
      rules.filter(({ why }) => why !== null).map(({ quote, why }) => ({ section, quote, why })),
    );

/** The words alone: how they are set, linked and punctuated differs between the books and the quotes. */
const plain = (text) =>
  text
    .replace(/\[((?:[^\]`]|`[^`]*`)*)\]\([^)]*\)/g, '$1')
    .replace(/<sup>.*?<\/sup>/g, '')
    .replace(/[*_`"“”\\]/g, '')
    .replace(/[.,:;)]+(?= |$)/g, '')
    .replace(/\s+/g, ' ')
    .trim();

const STRUCTURE = /^(?:Requirements|Rationale|BOLT|Option)/;

/** A book's paragraphs and list items, each with its section and the item that it stands below. */
function* itemsOf(markdown) {
  let headings = [];
  let above = [];
  let item = null;
  for (const line of `${markdown.replaceAll('\t', '        ')}\n\n`.split('\n')) {
    const heading = /^(#+) (.+)$/.exec(line);
    const bullet = /^(\s*)(?:[-*]|\d+\.) (.*)$/.exec(line);
    if (heading === null && bullet === null && line.trim() !== '' && item !== null) {
      item.text += ` ${line.trim()}`;
      continue;
    }
    if (item !== null) yield item;
    item = null;
    if (heading !== null) {
      headings = headings.filter(({ depth }) => depth < heading[1].length);
      headings.push({ depth: heading[1].length, name: heading[2].trim() });
      above = [];
    } else if (line.trim() !== '') {
      const indent = bullet === null ? -1 : bullet[1].length;
      above = bullet === null ? [] : above.filter((one) => one.indent < indent);
      const section = headings.findLast(({ name }) => !STRUCTURE.test(name))?.name ?? '';
      item = {
        section,
        indent,
        text: bullet === null ? line.trim() : bullet[2],
        parent: above.at(-1) ?? null,
      };
      above = [...above, item];
    }
  }
}

const BEGINS_LIST = /\bMUST(?: NOT| set| fail the channel if)?:$/;
const OWN_WORD = /\b(?:MUST|SHOULD|MAY)\b/;

/** Section → its words, and where in them each rule stands. */
export function sectionsOf(markdown) {
  const items = [...itemsOf(markdown)];
  const isOfList = ({ text, parent }) =>
    parent !== null &&
    BEGINS_LIST.test(parent.text) &&
    !OWN_WORD.test(text) &&
    !/^(?:Note|where)\b/.test(text);
  const lists = new Set(items.filter(isOfList).map(({ parent }) => parent));
  const sections = new Map();
  for (const item of items) {
    const text = plain(item.text);
    if (text === '') continue;
    const of = sections.get(item.section) ?? { words: '', rules: [] };
    sections.set(item.section, of);
    const start = of.words.length;
    if (isOfList(item)) of.rules.push({ at: start, head: plain(item.parent.text) });
    const musts = [...text.matchAll(MUST)].map(({ index }) => ({ at: start + index, head: null }));
    of.rules.push(...(lists.has(item) ? musts.slice(0, -1) : musts));
    of.words += `${text} `;
  }
  return sections;
}

/** Which rules of a section a quote has: each place where its parts follow one another. */
export function placesOf({ words, rules }, quote) {
  const parts = quote
    .split(/ ?\[…\] ?/)
    .map(plain)
    .filter(Boolean);
  const head = rules
    .flatMap((rule) => (rule.head === null ? [] : [rule.head, rule.head.replace(/^.* (?=MUST fail)/, '')]))
    .reduce(
      (longest, one) => (parts[0].startsWith(`${one} `) && one.length > longest.length ? one : longest),
      '',
    );
  const [first, ...rest] = head === '' ? parts : [parts[0].slice(head.length + 1), ...parts.slice(1)];
  const places = [];
  for (let from = words.indexOf(first); from >= 0; from = words.indexOf(first, from + 1)) {
    const found = [];
    let end = from;
    for (const part of [first, ...rest]) {
      const at = words.indexOf(part, end);
      if (at < 0) break;
      end = at + part.length;
      found.push(
        ...rules.filter((rule) => rule.at >= at && rule.at < end && (rule.head ?? head).endsWith(head)),
      );
      if (part === (rest.at(-1) ?? first)) places.push(found);
    }
  }
  return places;
}

/** What is wrong between the list and the books. */
function* misreadRules(directory) {
  const listed = boltRules();
  for (const [book, file] of Object.entries(BOOKS)) {
    const sections = sectionsOf(readFileSync(`${directory}/${file}`, 'utf8'));
    for (const { section } of listed.filter((one) => one.book === book))
      if (!sections.has(section)) yield `${book} has no section ${section}`;
    for (const [section, said] of sections) {
      const own = listed.find((one) => one.book === book && one.section === section);
      const place = `${book} §${section}`;
      if (said.rules.length !== (own?.count ?? 0))
        yield `${place} has ${said.rules.length} rules, not ${own?.count ?? 0}`;
      if (own === undefined || own.feature !== null) continue;
      const had = new Set();
      for (const { quote } of own.rules) {
        const places = placesOf(said, quote);
        if (places.length === 0) yield `${place} does not say "${quote}"`;
        for (const rule of places.flat()) had.add(rule);
      }
      for (const rule of said.rules)
        if (!had.has(rule)) yield `${place}: no line has "${said.words.slice(rule.at, rule.at + 100)}…"`;
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href && process.argv[2] !== undefined) {
  const faults = [...misreadRules(process.argv[2])];
  for (const fault of faults) console.error(`bolt-rules: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
  else console.log('bolt-rules: the list is what the books say');
}
