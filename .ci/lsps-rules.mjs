// Every MUST, SHOULD and MAY of the bLIPs that LSPs and their clients go by: who is bound, and why no client can see it
// where that is so. `lsps-rules.txt` has a line for each: `who | rule | why`, the rule as short as it is still exact, `who 2`
// where a section says the same twice. `lsps-counts.json` has how many of these words each section of the books has
// (github.com/lightning/blips at ba7a34b): what no line has is missed.
import { readFileSync } from 'node:fs';

const LINE = /^(client|LSP|both|relay|authors|others)(?: (\d+))? \| (.+?)(?: \| (.+))?$/;
const WORD = /\b(?:MUST|SHOULD|MAY)\b/g;

/** Section → the rule's words → `{ who, times, why }`. @throws {Error} what is no line */
export function listedRules(text) {
  const sections = new Map();
  let section = null;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (line.startsWith('# ')) {
      section = new Map();
      sections.set(line.slice(2), section);
      continue;
    }
    const [, who, times = '1', quote, why = null] = LINE.exec(line) ?? [];
    if (who === undefined || section === null) throw new Error(`no rule of the bLIPs: ${line}`);
    section.set(quote, { who, times: Number(times), why });
  }
  return sections;
}

/** What of the books no line has, and the other way round. */
export function* missedRules(sections, counts) {
  for (const section of new Set([...sections.keys(), ...Object.keys(counts)])) {
    let listed = 0;
    for (const [quote, { times }] of sections.get(section) ?? [])
      listed += (quote.match(WORD) ?? []).length * times;
    const said = counts[section] ?? 0;
    if (listed !== said) yield `${section} says MUST, SHOULD or MAY ${said} times, its rows ${listed} times`;
  }
}

export const wordsOf = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** As the list has them; rules that no list has come after, by their text. */
export function inOrder(rules) {
  const place = new Map(
    [...rules].map(([quote, { who }], at) => [quote, who === undefined ? rules.size : at]),
  );
  return [...rules].sort(([a], [b]) => place.get(a) - place.get(b) || byText(a, b));
}

const at = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
export const lspsRules = () => listedRules(at('lsps-rules.txt'));
export const lspsCounts = () => JSON.parse(at('lsps-counts.json'));
