import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { expect, test } from 'vitest';
import { encodeUtf8 } from '../base/utf8.ts';
import { LAYOUT_VERSION, TABLES } from '../storage/tables.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';
import { DEVICE_KEYS } from './indexeddb-device-keys.ts';

const aad = encodeUtf8('who');
const plain = new Uint8Array(32).fill(7);

async function open(name: string): ReturnType<typeof openIndexedDbStore> {
  return openIndexedDbStore(name);
}

test('a key of the browser opens what it sealed after a restart, is never given out, and is gone when forgotten', async () => {
  const first = await open('keys');
  if (!first.ok) throw new Error(first.error.detail);
  const sealed = await first.value.deviceKeys.seal('a', aad, plain);
  await first.value.close();

  const again = await open('keys');
  if (!again.ok) throw new Error(again.error.detail);
  const keys = again.value.deviceKeys;
  expect(await keys.open('a', aad, sealed)).toEqual(plain);
  expect(await keys.open('b', aad, sealed)).toBeNull();
  expect(await keys.open('a', encodeUtf8('other'), sealed)).toBeNull();
  expect(await keys.open('a', aad, sealed.subarray(0, 5))).toBeNull();

  const raw = await openDB('keys');
  const key: unknown = await raw.get(DEVICE_KEYS, 'a');
  if (!(key instanceof CryptoKey)) throw new Error('not a key');
  expect(key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
  raw.close();

  await keys.forget('a');
  expect(await keys.open('a', aad, sealed)).toBeNull();
  await again.value.close();
});

test('a database of layout 1 gets its place for keys, and keeps its records', async () => {
  const old = await openDB('layout-1', 1, {
    upgrade: (db) => {
      for (const table of TABLES) db.createObjectStore(table);
    },
  });
  await old.put('meta', Uint8Array.of(1), 'identity');
  old.close();
  const opened = await open('layout-1');
  if (!opened.ok) throw new Error(opened.error.detail);
  expect(opened.value.created).toBe(false);
  expect(await opened.value.get('meta', 'identity')).toEqual({ ok: true, value: Uint8Array.of(1) });
  const sealed = await opened.value.deviceKeys.seal('a', aad, plain);
  expect(await opened.value.deviceKeys.open('a', aad, sealed)).toEqual(plain);
  await opened.value.close();
  // What a program of layout 1 meets.
  await expect(openDB('layout-1', 1)).rejects.toThrow('version');
  expect(LAYOUT_VERSION).toBe(4);
});
