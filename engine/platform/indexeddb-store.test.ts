import 'fake-indexeddb/auto';
import { deleteDB, openDB, type IDBPDatabase } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { put, remove } from '../base/write.ts';
import type { StoreFailure } from '../storage/store.ts';
import { LAYOUT_VERSION, TABLES } from '../storage/tables.ts';
import { openSealedStore } from '../storage/open-sealed-store.ts';
import type { SealedStore } from '../storage/sealed-store.ts';
import { newSealedStore, sealOptions } from '../testkit/sealed-disk.ts';
import { STORE_CONTRACT } from '../testkit/store-contract.ts';
import { failureOf } from './indexeddb-failure.ts';
import { holdsFence } from './indexeddb-fence.ts';
import type { IndexedDbStore } from './indexeddb-database.ts';
import { deleteIndexedDbStore, openIndexedDbStore } from './indexeddb-store.ts';

const opened: IndexedDbStore[] = [];
let names = 0;
const newName = (): string => `store-${names++}`;

async function open(
  name: string,
  onLost: (failure: StoreFailure) => void = () => {},
): Promise<IndexedDbStore> {
  const result = await openIndexedDbStore(name, { onLost });
  if (!result.ok) throw new Error(result.error.code);
  opened.push(result.value);
  return result.value;
}

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

describe('IndexedDB', () => {
  test.each(STORE_CONTRACT.map((check) => [check.name, check] as const))('%s', async (_, check) => {
    const name = newName();
    const store = await open(name);
    const reopen = async (): Promise<IndexedDbStore> => {
      await store.close();
      return open(name);
    };
    await expect(check.run({ store, reopen })).resolves.toBe(undefined);
  });

  test.each(STORE_CONTRACT.map((check) => [check.name, check] as const))('sealed: %s', async (_, check) => {
    const name = newName();
    const store = await newSealedStore(await open(name));
    const reopen = async (): Promise<SealedStore> => {
      await store.close();
      const again = await openSealedStore(await open(name), sealOptions());
      if (!again.ok) throw new Error(again.error.detail);
      return again.value;
    };
    await expect(check.run({ store, reopen })).resolves.toBe(undefined);
  });

  test('is not made before the fresh log that somebody else began, nor without what it tells', async () => {
    const name = newName();
    let begun = (_isLost: () => boolean): void => undefined;
    const freshLog = new Promise<() => boolean>((resolve) => (begun = resolve));
    const opening = openIndexedDbStore(name, { freshLog });
    // Answered behind whatever was asked of the browser by then.
    const isThere = async (): Promise<boolean> =>
      (await indexedDB.databases()).some((database) => database.name === name);
    await openDB(newName(), 1).then((other) => other.close());
    expect(await isThere()).toBe(false);
    begun(() => true);
    const store = await opening;
    if (!store.ok) throw new Error(store.error.code);
    opened.push(store.value);
    expect(store.value.missed).toBe(true);
    expect(await isThere()).toBe(true);
  });

  test('says whether the database was there before', async () => {
    const name = newName();
    const first = await openIndexedDbStore(name);
    expect(first.ok && first.value.created).toBe(true);
    if (first.ok) await first.value.close();
    const second = await openIndexedDbStore(name);
    expect(second.ok && second.value.created).toBe(false);
    if (second.ok) await second.value.close();
    expect(await deleteIndexedDbStore(name)).toEqual({ ok: true, value: undefined });
    const third = await openIndexedDbStore(name);
    expect(third.ok && third.value.created, 'after it was erased').toBe(true);
    if (third.ok) await third.value.close();
  });

  test('one commit is one transaction with strict durability over the tables it touches', async () => {
    const store = await open(newName());
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await store.commit([
      put('channel', 'a', Uint8Array.of(1)),
      put('htlc', 'b', Uint8Array.of(2)),
      remove('channel', 'c'),
    ]);
    expect(transaction.mock.calls).toEqual([
      [['fence', 'channel', 'htlc'], 'readwrite', { durability: 'strict' }],
    ]);
  });

  test('a write that fails leaves nothing of its commit, and the store works on', async () => {
    const store = await open(newName());
    const detached = Uint8Array.of(2);
    structuredClone(detached, { transfer: [detached.buffer] });
    const good = [put('channel', 'a', Uint8Array.of(1))];
    const [first, second] = await Promise.all([
      store.commit([...good, put('channel', 'b', detached)]),
      store.commit(good),
    ]);
    expect(first).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    expect(second).toMatchObject({ ok: false, error: { code: 'behind-failed' } });
    expect(await store.load('channel')).toEqual({ ok: true, value: new Map() });
    expect(await store.commit(good)).toEqual({ ok: true, value: undefined });
  });

  test('what cannot be read at the start leaves nothing open: the database can be erased', async () => {
    const name = newName();
    await (await open(name)).close();
    const real = Reflect.get(IDBObjectStore.prototype, 'get');
    vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore, key) {
      if (key === 'missed') throw new DOMException('it cannot be read', 'UnknownError');
      return real.call(this, key);
    });
    expect(await openIndexedDbStore(name)).toMatchObject({ ok: false });
    vi.restoreAllMocks();
    expect(await deleteIndexedDbStore(name, 100)).toEqual({ ok: true, value: undefined });
  });

  test('a transaction that the browser aborts is a failure', async () => {
    const store = await open(newName());
    vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (this: IDBTransaction) {
      this.abort();
    });
    expect(await store.commit([put('channel', 'a', Uint8Array.of(1))])).toMatchObject({
      ok: false,
      error: { code: 'unavailable' },
    });
    vi.restoreAllMocks();
    expect(await store.get('channel', 'a')).toEqual({ ok: true, value: null });
  });

  test('a transaction that ends while it is being asked for is a failure, and nothing else', async () => {
    const store = await open(newName());
    const real = Reflect.get(IDBObjectStore.prototype, 'put');
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...given) {
      this.transaction.abort();
      return real.apply(this, given);
    });
    expect(await store.commit([put('channel', 'a', Uint8Array.of(1))])).toMatchObject({
      ok: false,
      error: { code: 'unavailable' },
    });
    vi.restoreAllMocks();
    expect(await store.commit([put('channel', 'a', Uint8Array.of(1))])).toEqual({
      ok: true,
      value: undefined,
    });
  });

  test('a read that fails is a failure, not an empty answer', async () => {
    const store = await open(newName());
    await store.commit([put('channel', 'a', Uint8Array.of(1))]);
    const unreadable = (): never => {
      throw new DOMException('gone', 'NotReadableError');
    };
    vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(unreadable);
    vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(unreadable);
    vi.spyOn(IDBObjectStore.prototype, 'openCursor').mockImplementation(unreadable);
    for (const answer of [
      await store.get('channel', 'a'),
      await store.load('channel'),
      await store.scan('channel', { reverse: true }),
    ])
      expect(answer).toEqual({ ok: false, error: { code: 'corrupt', detail: 'NotReadableError: gone' } });
  });

  test.each([
    ['a value that is not bytes', 'a', 'text'],
    ['a key that is not text', 5, Uint8Array.of(1)],
  ])('%s is corruption', async (_, key, value) => {
    const name = newName();
    const store = await open(name);
    const other = await openDB(name);
    await other.put('channel', value, key);
    other.close();
    expect(await store.load('channel')).toMatchObject({ ok: false, error: { code: 'corrupt' } });
    expect(await store.scan('channel', { reverse: true })).toMatchObject({
      ok: false,
      error: { code: 'corrupt' },
    });
  });

  test('a layout of a newer version is refused and left as it is', async () => {
    const name = newName();
    const newer = await openDB(name, LAYOUT_VERSION + 1, {
      upgrade: (db) => void db.createObjectStore('future'),
    });
    newer.close();
    expect(await openIndexedDbStore(name)).toMatchObject({
      ok: false,
      error: { code: 'newer-version' },
    });
    const again = await openDB(name);
    expect(again.version).toBe(LAYOUT_VERSION + 1);
    again.close();
  });

  test('a database without one of the tables is refused', async () => {
    const name = newName();
    const partial = await openDB(name, LAYOUT_VERSION, {
      upgrade: (db) => {
        for (const table of TABLES.slice(1)) db.createObjectStore(table);
      },
    });
    partial.close();
    expect(await openIndexedDbStore(name)).toMatchObject({
      ok: false,
      error: { code: 'corrupt' },
    });
  });

  test('gives way to another tab that needs a newer layout', async () => {
    const name = newName();
    const lost: StoreFailure[] = [];
    const store = await open(name, (failure) => lost.push(failure));
    const newer = await openDB(name, LAYOUT_VERSION + 1);
    newer.close();
    expect(lost).toEqual([{ code: 'lost', detail: 'another tab needs the database' }]);
    expect(await store.commit([put('channel', 'a', Uint8Array.of(1))])).toMatchObject({
      ok: false,
      error: { code: 'lost' },
    });
    expect(await store.get('channel', 'a')).toMatchObject({ ok: false, error: { code: 'lost' } });
  });

  test('a writer that lost its place fails its transaction and ends; what the next one wrote stays', async () => {
    const name = newName();
    const lost: StoreFailure[] = [];
    const asleep = await open(name, (failure) => lost.push(failure));
    await asleep.commit([put('channel', 'a', Uint8Array.of(1))]);
    expect(await asleep.commit([]), 'still the writer').toEqual({ ok: true, value: undefined });
    const next = await open(name);
    await next.commit([put('channel', 'a', Uint8Array.of(2))]);
    const late = [put('channel', 'a', Uint8Array.of(1)), put('payment', 'b', Uint8Array.of(1))];
    const outcomes = await Promise.all([asleep.commit(late), asleep.commit(late)]);
    expect(outcomes.map((outcome) => !outcome.ok && outcome.error.code)).toEqual(['fenced', 'behind-failed']);
    expect(lost.map(({ code }) => code)).toEqual(['fenced']);
    expect(await asleep.get('channel', 'a')).toMatchObject({ ok: false, error: { code: 'fenced' } });
    expect(await next.get('channel', 'a')).toEqual({ ok: true, value: Uint8Array.of(2) });
    expect(await next.get('payment', 'b')).toEqual({ ok: true, value: null });
    expect(await next.commit(late)).toEqual({ ok: true, value: undefined });
  });

  test('an empty commit tells a writer that it lost its place', async () => {
    const name = newName();
    const asleep = await newSealedStore(await open(name));
    expect(await asleep.commit([])).toEqual({ ok: true, value: undefined });
    await open(name);
    expect(await asleep.commit([])).toMatchObject({ ok: false, error: { code: 'fenced' } });
  });

  test('who was the writer before a sleep is not told so after it', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const writers = [1, 2];
    // The answer waits while the tab sleeps, and another takes its place.
    const get = (): Promise<number | undefined> => {
      now += writers.length > 1 ? 60_000 : 1;
      return Promise.resolve(writers.shift());
    };
    expect(await holdsFence({ get } as unknown as IDBPDatabase, 1)).toBe(false);
    writers.push(2);
    expect(await holdsFence({ get } as unknown as IDBPDatabase, 2)).toBe(true);
  });

  test('a disk that is slow each time it is asked still says who the writer is', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 2_000));
    const get = vi.fn(() => Promise.resolve(1));
    expect(await holdsFence({ get } as unknown as IDBPDatabase, 1)).toBe(true);
    expect(get).toHaveBeenCalledTimes(3);
  });

  test('a transaction of the old writer that is under way ends before the new one is there', async () => {
    const name = newName();
    const first = await open(name);
    const writing = first.commit([put('channel', 'a', Uint8Array.of(1))]);
    const second = await open(name);
    const written = await writing;
    expect(await second.get('channel', 'a')).toEqual({
      ok: true,
      value: written.ok ? Uint8Array.of(1) : null,
    });
  });

  test('a later layout keeps what is there', async () => {
    const name = newName();
    const old = await open(name);
    await old.commit([put('channel', 'a', Uint8Array.of(1))]);
    await old.close();
    const later = await openIndexedDbStore(name, { layoutVersion: LAYOUT_VERSION + 1 });
    expect(later.ok && later.value.created).toBe(false);
    if (!later.ok) return;
    opened.push(later.value);
    expect(await later.value.get('channel', 'a')).toEqual({ ok: true, value: Uint8Array.of(1) });
  });

  test.each([
    [
      'open',
      (name: string) => openIndexedDbStore(name, { layoutVersion: LAYOUT_VERSION + 1, patienceMs: 0 }),
    ],
    ['delete', (name: string) => deleteIndexedDbStore(name, 0)],
  ])('%s does not wait for ever for another tab that keeps an older layout open', async (_, operate) => {
    const name = newName();
    // Unlike ours, it does not close when asked to: as a frozen tab.
    const frozen = await openDB(name, LAYOUT_VERSION, {
      upgrade: (db) => {
        for (const table of [...TABLES, 'device-keys', 'fence']) db.createObjectStore(table);
      },
    });
    expect(await operate(name)).toMatchObject({ ok: false, error: { code: 'blocked' } });
    frozen.close();
  });

  test('a browser that does not answer is not waited for; what it opens later it closes again', async () => {
    const name = newName();
    // Who opens a database that is about to be deleted hears nothing until it is.
    const kept = await openDB(name);
    const deleted = deleteDB(name);
    expect(await openIndexedDbStore(name, { silenceMs: 0 })).toEqual({
      ok: false,
      error: { code: 'unavailable', detail: 'the browser does not answer' },
    });
    kept.close();
    await deleted;
    // Nobody keeps it open.
    await vi.waitFor(async () => expect(await deleteIndexedDbStore(name, 0)).toMatchObject({ ok: true }));
  });

  test.each([
    ['open', (name: string) => openIndexedDbStore(name, { layoutVersion: LAYOUT_VERSION + 1 })],
    ['delete', (name: string) => deleteIndexedDbStore(name)],
  ])('%s waits for another tab that is about to close it', async (_, operate) => {
    const name = newName();
    const reported = vi.fn();
    const slow = await openDB(name, LAYOUT_VERSION, {
      upgrade: (db) => {
        for (const table of [...TABLES, 'device-keys', 'fence']) db.createObjectStore(table);
      },
      blocking: () => reported(),
    });
    const operated = operate(name);
    await vi.waitFor(() => expect(reported).toHaveBeenCalled());
    slow.close();
    const outcome = await operated;
    expect(outcome.ok).toBe(true);
    if (outcome.ok && outcome.value !== undefined) opened.push(outcome.value);
  });

  describe('that Chromium removed, as it says to whoever asks for a database first', () => {
    const FIRST = 'leyden-fresh-log';
    let isSaid = false;
    beforeEach(() => {
      isSaid = false;
      Object.defineProperty(IDBVersionChangeEvent.prototype, 'dataLoss', {
        configurable: true,
        get(this: { readonly target: IDBOpenDBRequest }) {
          if (this.target.result.name !== FIRST) return 'none';
          isSaid = true;
          return 'total';
        },
      });
    });
    afterEach(() => {
      vi.useRealTimers();
      Reflect.deleteProperty(IDBVersionChangeEvent.prototype, 'dataLoss');
    });

    test('is missed, also at the next start', async () => {
      const name = newName();
      const store = await open(name);
      await store.close();
      Reflect.deleteProperty(IDBVersionChangeEvent.prototype, 'dataLoss');
      expect([store.missed, (await open(name)).missed]).toEqual([true, true]);
    });

    test('is missed where it says so later than it is waited for', async () => {
      const name = newName();
      // Who opens a database that is about to be deleted hears nothing until it is.
      const [log, wallet] = await Promise.all([openDB(FIRST), openDB(name)]);
      const gone = [deleteDB(FIRST), deleteDB(name)];
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const opening = open(name);
      await vi.advanceTimersByTimeAsync(2_000);
      vi.useRealTimers();
      log.close();
      await vi.waitFor(() => expect(isSaid).toBe(true));
      wallet.close();
      expect((await opening).missed).toBe(true);
      await Promise.all(gone);
    });

    test('is missed where it says so only when the wallet’s database is made', async () => {
      const name = newName();
      const made = await openDB(name, LAYOUT_VERSION, {
        upgrade: (db) => {
          for (const table of [...TABLES, 'device-keys', 'fence']) db.createObjectStore(table);
        },
      });
      made.close();
      expect((await open(name)).missed).toBe(true);
    });
  });
});

test.each([
  [new DOMException('full', 'QuotaExceededError'), 'quota', 'QuotaExceededError: full'],
  [new DOMException('x', 'VersionError'), 'newer-version', 'VersionError: x'],
  [new DOMException('x', 'NotReadableError'), 'corrupt', 'NotReadableError: x'],
  [new DOMException('x', 'AbortError'), 'unavailable', 'AbortError: x'],
  ['text', 'unavailable', 'text'],
])('%s means %s', (error, code, detail) => {
  expect(failureOf(error)).toEqual({ code, detail });
});
