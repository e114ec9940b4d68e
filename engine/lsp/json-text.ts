// Pieces of JSON as they were written. What an LSP promised goes back to it byte for byte, which parsing and writing
// anew would not keep: 1.2e3 becomes 1200.

/** An object inside an object counts two. No LSPS message needs more than five. */
const DEEPEST = 32;

/** Whether brackets are nested no deeper than anybody needs; strings do not count. */
export function isShallow(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = stringEnd(text, at) - 1;
    else if (character === '{' || character === '[') {
      if (++depth > DEEPEST) return false;
    } else if (character === '}' || character === ']') depth--;
  }
  return true;
}

/** The values of an object, by their names. Null where a name comes twice: readers differ in which one counts. `text`: valid JSON. */
export function membersOf(text: string): ReadonlyMap<string, string> | null {
  const members = new Map<string, string>();
  let at = afterSpace(text, 0);
  if (text[at] !== '{') return null;
  for (at = afterSpace(text, at + 1); text[at] === '"'; at = afterSpace(text, at)) {
    const nameEnd = stringEnd(text, at);
    const name = JSON.parse(text.slice(at, nameEnd)) as string;
    // Past the colon.
    const start = afterSpace(text, afterSpace(text, nameEnd) + 1);
    const end = valueEnd(text, start);
    if (members.has(name)) return null;
    members.set(name, text.slice(start, end));
    at = afterSpace(text, end);
    if (text[at] === ',') at++;
  }
  return members;
}

/** The elements of a list; null when it is none. `text`: valid JSON. */
export function elementsOf(text: string): readonly string[] | null {
  const elements: string[] = [];
  let at = afterSpace(text, 0);
  if (text[at] !== '[') return null;
  for (at = afterSpace(text, at + 1); at < text.length && text[at] !== ']'; at = afterSpace(text, at)) {
    const end = valueEnd(text, at);
    elements.push(text.slice(at, end));
    at = afterSpace(text, end);
    if (text[at] === ',') at++;
  }
  return elements;
}

const SPACE = new Set([' ', '\t', '\n', '\r']);

function afterSpace(text: string, from: number): number {
  let at = from;
  while (SPACE.has(text[at] ?? '')) at++;
  return at;
}

/** One past the closing quote. */
function stringEnd(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

const VALUE_ENDS = new Set([',', '}', ']', ...SPACE]);

function valueEnd(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return stringEnd(text, from);
  let at = from;
  if (first !== '{' && first !== '[') {
    while (at < text.length && !VALUE_ENDS.has(text[at] ?? '')) at++;
    return at;
  }
  for (let depth = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = stringEnd(text, at) - 1;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
  }
  return at;
}
