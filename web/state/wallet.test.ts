import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fakeWallet } from '../testkit/fake-wallet.ts';
import { MemoryStorage } from '../testkit/memory-storage.ts';
import { openState } from '../testkit/open-state.ts';
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

/** A tab in front, and what draws its next frame. */
function frames(): { readonly draw: () => void } {
  const asked: (() => void)[] = [];
  vi.useFakeTimers();
  vi.stubGlobal('document', { visibilityState: 'visible' });
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => asked.push(run));
  return {
    draw: () => {
      for (const run of asked.splice(0)) run();
      vi.advanceTimersByTime(1);
    },
  };
}

describe('the first balance', () => {
  afterEach(() => vi.useRealTimers());

  test('is drawn before what stands below it', async () => {
    const { draw } = frames();
    const all = snapshots();
    const wallet = new Wallet(fakeWallet({ state: openState(), snapshots: all }));
    await wallet.open();
    expect(wallet.balances).toEqual(all.balances);
    expect(wallet.status).toEqual(all.status);
    expect([wallet.payments, wallet.backup]).toEqual([null, all.backup]);
    draw();
    expect([wallet.payments, wallet.backup]).toEqual([all.payments, all.backup]);
    wallet.close();
  });

  test('holds nothing back for long in a tab that went behind another, nor anything later', async () => {
    frames();
    const all = snapshots();
    const service = fakeWallet({ state: openState(), snapshots: all });
    const wallet = new Wallet(service);
    await wallet.open();
    vi.advanceTimersByTime(100);
    expect(wallet.payments).toEqual(all.payments);
    const later = { ...all.payments, payments: [] };
    service.publish('balances', all.balances);
    service.publish('payments', later);
    expect(wallet.payments).toEqual(later);
    wallet.close();
  });

  test('and what was to come behind it are not shown of a wallet that was locked meanwhile', async () => {
    const { draw } = frames();
    const service = fakeWallet({ state: openState(), snapshots: snapshots() });
    const wallet = new Wallet(service);
    await wallet.open();
    service.become({ tag: 'locked', ways: { passphrase: true, passkeys: [] }, running: true });
    draw();
    expect([wallet.balances, wallet.payments, wallet.backup]).toEqual([null, null, null]);
    wallet.close();
  });
});
