import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MemoryStorage } from '../testkit/memory-storage.ts';
import { forgetAll } from './kept.ts';
import { markErasing, markWallet, markedWallet, unmarkWallet } from './wallet-mark.ts';

beforeEach(() => {
  vi.stubGlobal('sessionStorage', new MemoryStorage());
  vi.stubGlobal('localStorage', new MemoryStorage());
});
afterEach(() => vi.unstubAllGlobals());

test('a wallet that was seen is missed when it is not there any more', () => {
  expect(markedWallet()).toBeNull();
  markWallet('signet');
  expect(markedWallet()).toEqual({ network: 'signet' });
  // Locked, nothing of it is known; what was known stays.
  markWallet(null);
  expect(markedWallet()).toEqual({ network: 'signet' });
});

test('one that was erased, or was being erased when the page died, is not', () => {
  markWallet('regtest');
  markErasing(true);
  expect(markedWallet()).toBeNull();
  // The disk was not emptied: the wallet is seen again.
  markWallet(null);
  expect(markedWallet()).toEqual({ network: 'regtest' });
  unmarkWallet();
  expect(markedWallet()).toBeNull();
  markErasing(true);
  markErasing(false);
  expect(markedWallet()).toBeNull();
  markWallet('regtest');
  forgetAll();
  expect(markedWallet()).toBeNull();
});

test('a mark of another kind names no network', () => {
  localStorage.setItem('leyden/had-wallet', JSON.stringify({ here: true, network: 7 }));
  expect(markedWallet()).toEqual({ network: '' });
});
