// Which tests show a rule. Above a test, or above a row of its table, stands a comment that quotes the rule, or enough of
// its words to know it: `// BOLT 2 §section: "MUST …"`. Tests also name a section: at the beginning of their own name
// where it is a message's, else in a comment without a quote.
import { quotesIn } from './book-quotes.mjs';

const NAMED = /(['"`])([a-z_]+(?: [a-z]+)?) -- ((?:(?!\1).)+)\1/g;
const COMMENT = /(?:^[ \t]*\/\/.*\n)+/gm;
const STRING = '([\'"`])((?:\\\\.|(?!\\1)[^\\n])*)\\1';
/** `test('name'`, or `test.each(…)('name'`. */
const PLAIN = new RegExp(`^(?:test|it|describe)\\(\\s*${STRING}`);
const TABLE = /^(?:test|it|describe)\.each\b/;
const ROW = new RegExp(`^\\[\\s*${STRING}`);
const TABLE_NAME = new RegExp(`\\)\\(\\s*${STRING}`);

/** The name of the test that the comment ending at `at` stands above; null when it stands above none. */
function nameAt(text, at) {
  const code = text.slice(at).trimStart();
  const [, , plain] = PLAIN.exec(code) ?? [];
  if (plain !== undefined) return plain;
  const [, , row] = ROW.exec(code) ?? [];
  if (row === undefined && !TABLE.test(code)) return null;
  const [, , name] = TABLE_NAME.exec(code) ?? [];
  return row === undefined ? (name ?? null) : (name?.replace('%s', row) ?? null);
}

/** What the tests of a file name: `{ section, title, quote }`, the quote null where the section alone is named. */
export function* namedByTests(text, book) {
  for (const [, , section, title] of text.matchAll(NAMED)) yield { section, title, quote: null };
  const mention = new RegExp(`^[ \\t]*// ${book.name}${book.named ? '§(.+)' : '(bLIP .*)'}`, 'gm');
  for (const match of text.matchAll(COMMENT)) {
    const title = nameAt(text, match.index + match[0].length)?.replace(/\\(['"`])/g, '$1');
    if (title === undefined) continue;
    let quoted = false;
    for (const mentioned of match[0].split(/^(?=[ \t]*\/\/ (?:BOLT \d+ §|bLIP \d))/m))
      for (const { section, quote } of quotesIn(mentioned, book)) {
        quoted = true;
        yield { section, title, quote };
      }
    if (!quoted)
      for (const [, section] of match[0].matchAll(mention))
        yield { section: section.trim(), title, quote: null };
  }
}
