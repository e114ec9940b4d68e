// How the code quotes a book: `BOLT 2 §section: "MUST …"`, in a comment or in the text of a violation.
// Between the section and the quote stands at most a clause of ours; another quote may follow at once. A quote ends at a
// double quote that closes a sentence, a comment or a string. Some sections of BOLT 5 have a colon in their name. What a
// book gives to choose, and we do otherwise, stands behind DIVERGES.
const SECTION_NAME = '(?:(?:Unilateral Close|HTLC Output) Handling: )?[^:"]{1,60}';
const END = '"(?=[\\s.,:;)\'`]|$)';
const FURTHER = new RegExp(`^;? "(.+?)${END}`);
/** What may hold a quote mark: comments, and literals of each kind. */
const TOKEN = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g;

const quotesOf = ({ name, named }) => {
  const section = named ? `§(${SECTION_NAME})` : `(bLIP \\d\\d(?: §[^:"]{1,60})?)`;
  return new RegExp(`(DIVERGES from )?${name}${section}: ?(?:[^"]{0,80}? )?"(.+?)${END}`, 'g');
};

const oneLine = (text) => text.replace(/\s+/g, ' ').trim();
/** Without the marks that begin its lines. */
const unmarked = (comment) =>
  comment.replace(/^[ \t]*(?:\/\/|\/\*\*?|\*\/|\*)[ \t]?/gm, '').replace(/\*\/\s*$/, '');

/** The comments of a file, and its literals that name a book. */
function* passages(text) {
  for (const [block] of text.matchAll(/\/\*\*?[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n?)+/gm)) yield unmarked(block);
  for (const [token] of text.matchAll(TOKEN))
    if (!token.startsWith('/') && /\b(?:BOLT|bLIP) \d/.test(token))
      yield token.slice(1, -1).replace(/\\(['"`])/g, '$1');
}

/** What one passage quotes: `{ section, quote, diverges }`. */
export function* quotesIn(passage, book) {
  const line = oneLine(unmarked(passage));
  for (const match of line.matchAll(quotesOf(book))) {
    const [, diverges, section, first] = match;
    const quotes = [first];
    let rest = line.slice(match.index + match[0].length);
    for (let more = FURTHER.exec(rest); more; more = FURTHER.exec(rest)) {
      quotes.push(more[1]);
      rest = rest.slice(more[0].length);
    }
    for (const quote of quotes)
      yield { section, quote: quote.replace(/[.;,]$/, ''), diverges: diverges !== undefined };
  }
}

/** What a file of the code quotes. */
export function* quotesOfFile(text, book) {
  for (const passage of passages(text)) yield* quotesIn(passage, book);
}
