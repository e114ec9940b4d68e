import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import type { Outcome } from './goals.ts';
import { print } from './report.ts';

export type Measured = Pick<Outcome, 'rows' | 'failure'>;

export const OPTIONS = {
  quick: { type: 'boolean', default: false },
  alone: { type: 'boolean', default: false },
} as const;

async function measure(bench: Bench, quick: boolean): Promise<Measured> {
  try {
    const rows = await bench.run(quick);
    print(bench, rows);
    return { rows, failure: null };
  } catch (error) {
    // The others are measured all the same.
    console.error(`\n${bench.name}: ${bench.title}`, error);
    return { rows: [], failure: String(error).split('\n')[0] ?? '' };
  }
}

/** In a process that was forked for it: measures that one of `benches` which the command line names, tells it, and ends. */
export async function alone(benches: readonly Bench[]): Promise<never> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  for (const bench of benches.filter(({ name }) => positionals.includes(name))) {
    const measured = await measure(bench, values.quick);
    await new Promise<void>((resolve) => process.send?.(measured, () => resolve()));
  }
  // LDK keeps no timers, but its WebAssembly keeps the process awake.
  process.exit(0);
}
