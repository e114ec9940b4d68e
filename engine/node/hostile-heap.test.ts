import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../testkit/hostile-heap.ts', import.meta.url));
const run = promisify(execFile);

/** Bytes of each message of a flood. */
const LONG = 60_000;

it.each([
  ['pings', 40, 200],
  ['warnings', 40, 200],
  ['peer storage', 40, 200],
  ['terms of unknown channels', 40, 200],
  ['nodes without channels', 40, 200],
  // Its first hundred have their keys kept, and twenty stay on the list.
  ['channels that are abandoned', 100, 150],
])(
  'of a flood of %s nothing stays: its heap is measured, with all garbage gone',
  async (flood, first, more) => {
    const args = ['--expose-gc', '--import', 'tsx', PROGRAM, flood, `${first}`, `${more}`];
    const { stdout } = await run(process.execPath, args, { maxBuffer: 1e7 });
    const said = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { before: number; after: number };
    // Of what came in after the first, this much is still there.
    expect((said.after - said.before) / (more * LONG)).toBeLessThan(0.1);
  },
);
