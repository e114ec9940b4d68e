import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fakeWallet } from '../testkit/fake-wallet.ts';
import { MemoryStorage } from '../testkit/memory-storage.ts';
import { openState } from '../testkit/open-state.ts';
import { snapshots } from '../testkit/snapshots.ts';
import { Wallet } from './wallet.svelte.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('sessionStorage', new MemoryStorage());
  vi.stubGlobal('localStorage', new MemoryStorage());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** An engine that takes its time with the disk, or says nothing ever. */
const silent = () =>
  fakeWallet({
    state: openState(),
    snapshots: snapshots(),
    service: { watchState: () => new Promise<never>(() => undefined) },
  });

test('an engine that says nothing for ten seconds is told of: its build may be what is broken', () => {
  const wallet = new Wallet(silent());
  void wallet.open();
  vi.advanceTimersByTime(9_999);
  expect(wallet.stuck).toBe(false);
  vi.advanceTimersByTime(1);
  expect(wallet.stuck).toBe(true);
});

test('one that has read the disk is not, and one that did not arrive is at once', async () => {
  const wallet = new Wallet(fakeWallet({ state: openState(), snapshots: snapshots() }));
  await wallet.open();
  vi.advanceTimersByTime(10_000);
  expect(wallet.stuck).toBe(false);
  const missing = new Wallet(silent());
  missing.broken = { code: 'part-missing', detail: 'engine' };
  expect(missing.stuck).toBe(true);
});
