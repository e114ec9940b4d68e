import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../testkit/hostile-heap.ts', import.meta.url));
const run = promisify(execFile);

/** Bytes of each message of a flood. */
const LONG = 60_000;
/** Of 483 update_add_htlc. */
const ALL_HTLCS = 483 * 1_452;

it.each([
  ['pings', 40, 200, LONG],
  ['warnings', 40, 200, LONG],
  ['peer storage', 40, 200, LONG],
  ['terms of unknown channels', 40, 200, LONG],
  ['nodes without channels', 40, 200, LONG],
  // Its first hundred have their keys kept, and twenty stay on the list.
  ['channels that are abandoned', 100, 150, LONG],
  ['payments that are given back', 5, 10, ALL_HTLCS],
] as const)(
  'of a flood of %s nothing stays: its heap is measured, with all garbage gone',
  async (flood, first, more, bytes) => {
    const args = ['--expose-gc', '--import', 'tsx', PROGRAM, flood, `${first}`, `${more}`];
    const { stdout } = await run(process.execPath, args, { maxBuffer: 1e7 });
    const said = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { before: number; after: number };
    // Of what came in after the first, this much is still there.
    expect((said.after - said.before) / (more * bytes)).toBeLessThan(0.1);
  },
);
