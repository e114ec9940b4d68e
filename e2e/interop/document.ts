import type { FeaturesSeen } from './features-seen.ts';
import { IMPLEMENTATIONS } from './implementations.ts';
import type { Place } from './place.ts';
import type { Cell } from './table.ts';

/** Where the second table begins, and where both are over. */
export const FROM_CHROMIUM = '## From Chromium';
export const FEATURES_HEAD = '## Features';

/** What docs/interop.md says of each cell: what was run elsewhere, or before the results were cleared, stays there. */
export function cellsIn(text: string): readonly Cell[] {
  const [tables = ''] = text.split('## Where they differ');
  const [process = '', chromium = ''] = tables.split(FROM_CHROMIUM);
  return [...cellsOfTable(process, 'process'), ...cellsOfTable(chromium, 'chromium')];
}

function cellsOfTable(text: string, place: Place): readonly Cell[] {
  const [head = [], ...rows] = rowsOf(text);
  // What another version did is nothing that this one did.
  const peers = head.map((title) => IMPLEMENTATIONS.find((one) => one.title === title)?.name ?? null);
  return rows.flatMap(([first = '', ...others]) =>
    others.flatMap((said, i): readonly Cell[] => {
      const peer = peers[i + 1];
      const passed = /^\d+\.\d$/.test(said);
      if (peer == null || !(passed || said === '**failed**')) return [];
      const scenario = first.replaceAll('`', '');
      return [{ place, peer, scenario, passed, seconds: passed ? Number(said) : 0 }];
    }),
  );
}

/** The bits of each side, as far as the document shows them. */
export function featuresIn(text: string): FeaturesSeen {
  const [head = [], ...rows] = rowsOf(text.split(FEATURES_HEAD)[1] ?? '');
  const sides = ['us', ...IMPLEMENTATIONS.map(({ name }) => name)] as const;
  return Object.fromEntries(
    sides.flatMap((side) => {
      const column = head.indexOf(side === 'us' ? 'Leyden' : side);
      if (column < 0) return [];
      const bits = rows.flatMap((row) => {
        const even = Number(row[0]?.split('/')[0]);
        if (row[column] === '!') return [even];
        return row[column] === '+' ? [even + 1] : [];
      });
      return [[side, bits]];
    }),
  );
}

/** The cells of a table's lines, without the line that only rules it. */
const rowsOf = (text: string): readonly (readonly string[])[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s:|-]+\|$/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((said) => said.trim()),
    );
