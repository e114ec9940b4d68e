import { describe, expect, test, vi } from 'vitest';
import { put } from '../base/write.ts';
import { CrashStore } from '../testkit/crash-store.ts';
import { STORE_CONTRACT } from '../testkit/store-contract.ts';
import { MemoryStore } from './memory-store.ts';
import type { StoreFailure } from './store.ts';
import { LAYOUT_VERSION, TABLES } from './tables.ts';

describe.each(STORE_CONTRACT.map((check) => [check.name, check] as const))('%s', (_, check) => {
  test('memory store', async () => {
    const store = new MemoryStore();
    await expect(
      check.run({ store, reopen: () => Promise.resolve(new MemoryStore(store.snapshot())) }),
    ).resolves.toBe(undefined);
  });
  test('crash store that does not crash', async () => {
    const store = new CrashStore();
    await expect(check.run({ store, reopen: () => Promise.resolve(store.restart()) })).resolves.toBe(
      undefined,
    );
  });
});

test('changing the tables changes the layout version', () => {
  // Frozen: another list needs another version and another line here.
  const layouts: Readonly<Record<number, string>> = {
    1: 'meta wallet chain peer channel htlc shachain monitor payment invoice event outbox',
    2: 'meta wallet chain peer channel htlc shachain monitor payment invoice event outbox',
    3: 'meta wallet chain peer channel htlc shachain monitor payment invoice event outbox',
    4: 'meta wallet chain peer channel htlc shachain monitor payment invoice event outbox',
  };
  expect(TABLES.join(' ')).toBe(layouts[LAYOUT_VERSION]);
});

describe('the crash store', () => {
  const one = [put('payment', 'a', Uint8Array.of(1))];
  const two = [put('payment', 'b', Uint8Array.of(2))];
  const quota: StoreFailure = { code: 'quota', detail: 'full' };
  const keys = async (store: CrashStore): Promise<string[]> => {
    const loaded = await store.load('payment');
    return loaded.ok ? [...loaded.value.keys()] : [loaded.error.code];
  };

  test('fails one commit, writes nothing of it, and takes those behind it along', async () => {
    const store = new CrashStore();
    store.plan({ tag: 'fail', failure: quota });
    const outcomes = await Promise.all([store.commit(one), store.commit(two)]);
    expect(outcomes).toEqual([
      { ok: false, error: quota },
      { ok: false, error: { code: 'behind-failed', detail: 'full' } },
    ]);
    expect(await keys(store)).toEqual([]);
    expect(await store.commit(one)).toEqual({ ok: true, value: undefined });
    expect(await keys(store)).toEqual(['a']);
  });

  test('refuses until told otherwise', async () => {
    const store = new CrashStore();
    store.refuse(quota);
    expect((await store.commit(one)).ok).toBe(false);
    expect((await store.commit(one)).ok).toBe(false);
    store.refuse(null);
    expect((await store.commit(one)).ok).toBe(true);
  });

  test.each([
    ['crash-before', ['a']],
    ['crash-after', ['a', 'b']],
  ] as const)('%s: the second commit is never answered', async (tag, left) => {
    const store = new CrashStore();
    store.plan({ tag }, 1);
    expect((await store.commit(one)).ok).toBe(true);
    const answered = vi.fn();
    void store.commit(two).then(answered);
    await store.crashed;
    await Promise.resolve();
    expect(answered).not.toHaveBeenCalled();
    expect(store.dead).toBe(true);
    expect(await keys(store.restart())).toEqual(left);
  });

  test('holds commits back', async () => {
    const store = new CrashStore();
    store.hold();
    const answered = vi.fn();
    const commit = store.commit(one).then(answered);
    expect(await keys(store)).toEqual([]);
    expect(answered).not.toHaveBeenCalled();
    store.release();
    await commit;
    expect(await keys(store)).toEqual(['a']);
  });

  test('goes back to what was durable after any commit', async () => {
    const store = new CrashStore(new Map([['payment', new Map([['first', Uint8Array.of(0)]])]]));
    await store.commit(one);
    await store.commit(two);
    expect(store.commits).toEqual([one, two]);
    expect(await keys(store.stateAfter(0))).toEqual(['first']);
    expect(await keys(store.stateAfter(1))).toEqual(['a', 'first']);
    expect(await keys(store.stateAfter(2))).toEqual(['a', 'b', 'first']);
  });
});
