import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { CrashStore } from '../crash-store.ts';
import { LawDisk } from './law-disk.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const deadDisk = (): LawDisk => Object.assign(new LawDisk(new Map()), { dead: true });
function deadStore(): CrashStore {
  const store = new CrashStore();
  store.crash();
  return store;
}

// A soak of 100,000 schedules held on to the world of each one that crashed.
test.each([
  ['the disk of the laws', deadDisk],
  ['the store that crashes', deadStore],
])('%s: who waits for a process that died is let go', async (_, make) => {
  const disk = make();
  const waits = (): WeakRef<object> => {
    const world = {};
    void Promise.resolve(disk.commit([])).then(() => world);
    return new WeakRef(world);
  };
  const world = waits();
  expect(world.deref()).toBeDefined();
  // A reference that was looked at holds until the turn is over.
  await new Promise((resolve) => setImmediate(resolve));
  gc();
  expect(world.deref()).toBeUndefined();
});
