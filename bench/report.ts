import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { differenceOf, ratioOf, verdictOf, type Bench, type Row } from './bench.ts';
import { table } from './crypto/measure.ts';
import { signed, written } from './figures.ts';
import { goalText, type Judged, type Outcome } from './goals.ts';

const RESULTS = new URL('.results/', import.meta.url);
const HEADER = ['', 'unit', 'Leyden', 'LDK wasm', 'Leyden is better by', 'goal', ''];

const figure = (value: number | null): string => (value === null ? '-' : written(value));

function cells(row: Row): readonly string[] {
  const ratio = ratioOf(row);
  return [
    row.what,
    row.unit,
    figure(row.leyden),
    figure(row.ldk),
    (ratio === null ? '-' : `${ratio.toFixed(2)} ×`) +
      (row.error === undefined
        ? ''
        : ` (${signed(differenceOf(row) ?? NaN)} ± ${written(row.error)} ${row.unit})`),
    goalText(row.goal),
    verdictOf(row) ?? '',
  ];
}

export function print(bench: Bench, rows: readonly Row[]): void {
  console.log(`\n${bench.name}: ${bench.title}`);
  console.log(table(HEADER, rows.map(cells)));
  for (const note of bench.notes) console.log(`  ${note}`);
}

/** Said last, so that none is overlooked. */
export function printGoals(goals: readonly Judged[]): void {
  console.log('\ngoals');
  const lines = goals.map(({ bench, what, goal, found, verdict }) => [bench, what, goal, found, verdict]);
  console.log(table(['bench', 'what', 'goal', 'found', ''], lines));
}

/** @returns the file's path */
export function save(outcomes: readonly Outcome[], quick: boolean): string {
  mkdirSync(RESULTS, { recursive: true });
  const at = new Date().toISOString();
  const file = new URL(`${at.replaceAll(':', '-')}.json`, RESULTS);
  const benches = outcomes.map(({ bench, rows, seconds, failure }) => ({
    name: bench.name,
    title: bench.title,
    seconds,
    failure,
    rows: rows.map((row) => ({ ...row, ratio: ratioOf(row), verdict: verdictOf(row) })),
  }));
  const host = {
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    node: process.version,
    load: loadavg(),
  };
  writeFileSync(file, `${JSON.stringify({ at, quick, host, benches }, null, 1)}\n`);
  return file.pathname;
}
