import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fakeWallet } from '../testkit/fake-wallet.ts';
import { MemoryStorage } from '../testkit/memory-storage.ts';
import { snapshots } from '../testkit/snapshots.ts';
import { Wallet } from './wallet.svelte.ts';

beforeEach(() => {
  vi.stubGlobal('sessionStorage', new MemoryStorage());
  vi.stubGlobal('localStorage', new MemoryStorage());
});
afterEach(() => vi.unstubAllGlobals());

test('a database that the browser removed is missed without a mark of the page’s own, until a new wallet is begun', async () => {
  const wallet = new Wallet(fakeWallet({ state: { tag: 'none', missed: true }, snapshots: snapshots() }));
  await wallet.refresh();
  expect(wallet.state).toEqual({ tag: 'gone', network: '' });
  await wallet.beginAnew();
  expect(wallet.state).toMatchObject({ tag: 'none' });
  wallet.close();

  const first = new Wallet(fakeWallet({ state: { tag: 'none' }, snapshots: snapshots() }));
  await first.refresh();
  expect(first.state).toEqual({ tag: 'none' });
});
