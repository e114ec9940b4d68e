import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openState } from '../testkit/open-state.ts';
import { lockWhenIdle } from './idle-lock.ts';
import type { Wallet } from './wallet.svelte.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', new EventTarget());
  vi.stubGlobal('document', new EventTarget());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const MINUTE = 60_000;

function wallet(): { readonly wallet: Wallet; readonly locked: () => number } {
  let count = 0;
  const state = openState({ lock: { passphrase: true, passkeys: [] }, idleMinutes: 5 });
  const now = (): Promise<unknown> => {
    count++;
    return Promise.resolve({ ok: true, value: undefined });
  };
  const service = { lock: { now } };
  const double = { state, service, ask: (answer: () => unknown) => answer() };
  return { wallet: double as unknown as Wallet, locked: () => count };
}

test('a clock that is put back does not put the lock off', () => {
  const { wallet: its, locked } = wallet();
  let now = 1_000_000 * MINUTE;
  const end = lockWhenIdle(its, () => now);
  const pass = (minutes: number): void => {
    for (let minute = 0; minute < minutes; minute++) {
      now += MINUTE;
      vi.advanceTimersByTime(MINUTE);
    }
  };
  pass(4);
  now -= 24 * 60 * MINUTE;
  pass(4);
  expect(locked()).toBe(0);
  pass(3);
  expect(locked()).toBe(1);
  end();
});
