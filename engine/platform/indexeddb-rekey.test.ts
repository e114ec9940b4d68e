import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import { encodeUtf8 } from '../base/utf8.ts';
import { put } from '../base/write.ts';
import { Secret } from '../crypto/secret.ts';
import { openSealedStore, rekeyStore, type SealOptions } from '../storage/open-sealed-store.ts';
import type { SealedStore } from '../storage/sealed-store.ts';
import type { StoreFailure } from '../storage/store.ts';
import { newSealedStore, sealOptions } from '../testkit/sealed-disk.ts';
import type { IndexedDbStore } from './indexeddb-database.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';

const ROWS = 1_700;
const PAGE = 500;

const other = (): SealOptions => ({
  ...sealOptions(),
  dataKey: new Secret(new Uint8Array(32).fill(7)),
  keyring: Uint8Array.of(8, 8),
});

const opened: IndexedDbStore[] = [];
let names = 0;

async function open(name: string): Promise<IndexedDbStore> {
  const result = await openIndexedDbStore(name);
  if (!result.ok) throw new Error(result.error.code);
  opened.push(result.value);
  return result.value;
}

/** A wallet without a lock, with a history that a peer made long. */
async function filled(): Promise<{ readonly name: string; readonly store: SealedStore }> {
  const name = `rekeyed-${names++}`;
  const store = await newSealedStore(await open(name));
  const rows = Array.from({ length: ROWS }, (_, i) => put('monitor', `aa/${i}`, encodeUtf8(`row ${i}`)));
  const saved = await store.commit([...rows, put('channel', 'aa/head', encodeUtf8('one'))]);
  expect(saved).toEqual({ ok: true, value: undefined });
  return { name, store };
}

/** Rows of its history, as whoever opens it next finds them; why not where it does not open. */
async function found(name: string, options: SealOptions): Promise<number | StoreFailure['code']> {
  const store = await openSealedStore(await open(name), options);
  if (!store.ok) return store.error.code;
  const rows = await store.value.load('monitor');
  const head = await store.value.get('channel', 'aa/head');
  expect(head).toEqual({ ok: true, value: encodeUtf8('one') });
  if (!rows.ok) return rows.error.code;
  for (const [key, value] of rows.value) expect(value).toEqual(encodeUtf8(`row ${key.slice(3)}`));
  return rows.value.size;
}

/** How many rows that were read are not written yet, at most, and which transactions there are. */
function watched() {
  const seen = { most: 0, transactions: [] as unknown[] };
  let held = 0;
  const read = (count: number): void => {
    held += count;
    seen.most = Math.max(seen.most, held);
  };
  const real = IDBObjectStore.prototype;
  const [get, getAll, write] = [
    Reflect.get(real, 'get'),
    Reflect.get(real, 'getAll'),
    Reflect.get(real, 'put'),
  ];
  vi.spyOn(real, 'get').mockImplementation(function (this: IDBObjectStore, key) {
    if (this.name === 'monitor') read(1);
    return get.call(this, key);
  });
  vi.spyOn(real, 'getAll').mockImplementation(function (this: IDBObjectStore, ...asked) {
    const request = getAll.apply(this, asked);
    if (this.name === 'monitor') request.addEventListener('success', () => read(request.result.length));
    return request;
  });
  vi.spyOn(real, 'put').mockImplementation(function (this: IDBObjectStore, ...given) {
    if (this.name === 'monitor') held--;
    return write.apply(this, given);
  });
  const transaction = Reflect.get(IDBDatabase.prototype, 'transaction');
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...asked) {
    if (asked[1] === 'readwrite') seen.transactions.push(asked[2]);
    return transaction.apply(this, asked);
  });
  return seen;
}

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

test('all is put under another key a page at a time, in one transaction', async () => {
  const { name, store } = await filled();
  const seen = watched();
  expect(await rekeyStore(store, other())).toEqual({ ok: true, value: undefined });
  vi.restoreAllMocks();
  expect(seen.most).toBeLessThanOrEqual(PAGE);
  expect(seen.transactions).toEqual([{ durability: 'strict' }]);
  // The store goes on.
  expect(await store.get('monitor', 'aa/7')).toEqual({ ok: true, value: encodeUtf8('row 7') });
  expect(await store.commit([put('monitor', `aa/${ROWS}`, encodeUtf8(`row ${ROWS}`))])).toMatchObject({
    ok: true,
  });
  expect(await found(name, sealOptions())).toBe('corrupt');
  expect(await found(name, other())).toBe(ROWS + 1);
});

test.each([
  ['a write is refused', 'quota'],
  ['the browser ends the transaction', 'unavailable'],
  ['a row cannot be read', 'corrupt'],
] as const)(
  '%s in the middle: nothing of it is there, and the store goes on as it was',
  async (what, code) => {
    const { name, store } = await filled();
    let times = 0;
    const real = IDBObjectStore.prototype;
    const [get, write] = [Reflect.get(real, 'get'), Reflect.get(real, 'put')];
    vi.spyOn(real, 'put').mockImplementation(function (this: IDBObjectStore, ...given) {
      if (++times === 1_000 && what === 'a write is refused')
        throw new DOMException('full', 'QuotaExceededError');
      if (times === 1_000 && what === 'the browser ends the transaction') this.transaction.abort();
      return write.apply(this, given);
    });
    vi.spyOn(real, 'get').mockImplementation(function (this: IDBObjectStore, key) {
      if (times > 900 && what === 'a row cannot be read') throw new DOMException('gone', 'NotReadableError');
      return get.call(this, key);
    });
    expect(await rekeyStore(store, other())).toMatchObject({ ok: false, error: { code } });
    vi.restoreAllMocks();
    expect(times).toBeGreaterThan(900);
    expect(await store.commit([put('monitor', 'aa/7', encodeUtf8('row 7'))])).toEqual({
      ok: true,
      value: undefined,
    });
    expect(await found(name, other())).toBe('corrupt');
    expect(await found(name, sealOptions())).toBe(ROWS);
  },
);

test('who lost the place of the writer puts nothing under another key', async () => {
  const { name, store } = await filled();
  await open(name);
  expect(await rekeyStore(store, other())).toMatchObject({ ok: false, error: { code: 'fenced' } });
  expect(await found(name, sealOptions())).toBe(ROWS);
});
