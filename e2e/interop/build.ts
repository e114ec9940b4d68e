import { onPath } from '../install/command.mjs';
import { withLock } from '../install/lock.mjs';
import { OutOfReach } from './builds/recipe.ts';
import type { Implementation } from './implementation.ts';

type Say = (line: string) => void;

/** The exit code where nothing failed but that something is not to be had here: e2e/test.mjs knows it. */
const OUT_OF_REACH = 3;

/** One after the other. @returns the exit code: 1 when what was there to build with did not build it */
export async function build(wanted: readonly Implementation[], say: Say): Promise<number> {
  let failures = 0;
  let outOfReach = 0;
  for (const { name, title, recipe } of wanted) {
    if (recipe === null) {
      say(`${title}: npm has brought it.`);
      continue;
    }
    if (recipe.isHere()) {
      say(`${title}: it is in ${recipe.folder}.`);
      continue;
    }
    const absent = recipe.needs.filter((program) => onPath([program]) === null);
    if (absent.length > 0) {
      say(`${title}: it needs ${absent.join(' and ')} on PATH, and cannot be built here.`);
      outOfReach++;
      continue;
    }
    say(`${title}: it takes ${recipe.takes}. It goes into ${recipe.folder}.`);
    const began = Date.now();
    try {
      await withLock(`${recipe.folder}.lock`, async () => {
        if (!recipe.isHere()) await recipe.build((line) => say(`  ${line}`));
      });
      say(`${title}: built in ${Math.round((Date.now() - began) / 1000)} s.`);
    } catch (error) {
      if (error instanceof OutOfReach) outOfReach++;
      else failures++;
      say(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (failures > 0) return 1;
  return outOfReach > 0 ? OUT_OF_REACH : 0;
}
