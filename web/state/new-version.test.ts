import { expect, test } from 'vitest';
import { NewVersion } from './new-version.svelte.ts';

test('nothing is loaded anew before a person asks, and only once', async () => {
  let loaded = 0;
  let asked = 0;
  const version = new NewVersion(
    () => false,
    () => loaded++,
  );
  await version.take();
  expect([version.state, loaded]).toEqual(['none', 0]);
  version.offer(() => Promise.resolve(++asked > 0));
  expect([version.state, loaded]).toEqual(['ready', 0]);
  await Promise.all([version.take(), version.take()]);
  expect([asked, loaded]).toEqual([1, 1]);
});

test('while other tabs are open it says so, and can be asked again', async () => {
  let others = true;
  let loaded = 0;
  const version = new NewVersion(
    () => false,
    () => loaded++,
  );
  version.offer(() => Promise.resolve(!others));
  await version.take();
  expect([version.state, loaded]).toEqual(['other-tabs', 0]);
  others = false;
  await version.take();
  expect(loaded).toBe(1);
});

test('a payment under way is waited for, and the person is asked after it', async () => {
  let paying = true;
  let loaded = 0;
  const version = new NewVersion(
    () => paying,
    () => loaded++,
  );
  expect(version.state).toBe('none');
  version.offer(() => Promise.resolve(true));
  await version.take();
  expect([version.state, loaded]).toEqual(['waiting', 0]);
  paying = false;
  expect([version.state, loaded]).toEqual(['ready', 0]);
  await version.take();
  expect(loaded).toBe(1);
});
