import type { FeaturesSeen } from './features-seen.ts';
import { IMPLEMENTATIONS } from './implementations.ts';
import type { Place } from './place.ts';
import type { Cell } from './table.ts';

/** Where the second table begins, and where both are over. */
export const FROM_CHROMIUM = '## From Chromium';
export const RUNS_HEAD = '## Runs';
export const FEATURES_HEAD = '## Features';

/** What docs/interop.md says of each cell: what was run elsewhere, or before the results were cleared, stays there. */
export function cellsIn(text: string): readonly Cell[] {
  const [tables = ''] = text.split('## Where');
  const [process = '', chromium = ''] = tables.split(FROM_CHROMIUM);
  const runs = new Map(
    [...text.matchAll(/^- (#\d+) (.+)$/gm)].map(([, number = '', run = '']) => [number, run]),
  );
  return [...cellsOfTable(process, 'process', runs), ...cellsOfTable(chromium, 'chromium', runs)];
}

/** Seconds or a failure; reasons for what is left out of it; its run. */
const CELL = /^(\d+\.\d|\*\*failed\*\*)(?: \([a-z]+\))*(?: (#\d+))?$/;

function cellsOfTable(text: string, place: Place, runs: ReadonlyMap<string, string>): readonly Cell[] {
  const [head = [], ...rows] = rowsOf(text);
  // What another version did is nothing that this one did.
  const peers = head.map((title) => IMPLEMENTATIONS.find((one) => one.title === title)?.name ?? null);
  return rows.flatMap(([first = '', ...others]) =>
    others.flatMap((said, i): readonly Cell[] => {
      const peer = peers[i + 1];
      const [, went, number = ''] = CELL.exec(said) ?? [];
      if (peer == null || went === undefined) return [];
      const scenario = first.replaceAll('`', '');
      const passed = went !== '**failed**';
      const run = runs.get(number) ?? null;
      return [{ place, peer, scenario, passed, seconds: passed ? Number(went) : 0, run }];
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
