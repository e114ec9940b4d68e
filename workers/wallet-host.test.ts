import { forceCloseDatabase } from 'fake-indexeddb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDB } from 'idb';
import { put, type Write } from '../engine/base/write.ts';
import { indexedDbGraphCache } from '../engine/platform/indexeddb-graph-cache.ts';
import { deleteIndexedDbStore, openIndexedDbStore } from '../engine/platform/indexeddb-store.ts';
import {
  closeBrowser,
  dropLocks,
  newBrowser,
  openHost as open,
  silence,
  WORDS,
} from './testkit/one-browser.ts';
import { IDENTITY_KEY } from './wallet-identity.ts';

vi.hoisted(() => {
  // config.json is looked for beside the worker.
  Object.assign(globalThis, { self: { location: { href: 'https://wallet.test/assets/worker.js' } } });
});

beforeEach(newBrowser);
afterEach(closeBrowser);

/** Reads and writes the disk while nobody has the wallet open. */
async function onDisk(change: readonly Write[] = []): Promise<Uint8Array | null> {
  const opened = await openIndexedDbStore('leyden');
  if (!opened.ok) throw new Error(opened.error.code);
  const { value: store } = opened;
  await store.commit(change);
  const identity = await store.get('meta', IDENTITY_KEY);
  await store.close();
  return identity.ok ? identity.value : null;
}

test('a record of the wallet that cannot be read is not written over', async () => {
  const newer = Uint8Array.of(99, 1, 2, 3);
  await onDisk([put('meta', IDENTITY_KEY, newer)]);
  const { host } = open();
  expect(await host.state()).toMatchObject({ tag: 'unreadable' });
  expect(await host.create(WORDS, 'regtest')).toMatchObject({ ok: false, error: { code: 'storage-failed' } });
  expect(await onDisk()).toEqual(newer);
});

test('a wallet whose own record is missing is a damaged one, not none', async () => {
  await onDisk([put('channel', 'aa/static', Uint8Array.of(1))]);
  const { host } = open();
  expect(await host.state()).toMatchObject({ tag: 'unreadable', code: 'storage-corrupt' });
  expect(await host.create(WORDS, 'regtest')).toMatchObject({ ok: false });
  expect(await onDisk()).toBeNull();
});

test('another tab takes the wallet over, and the first one has it no more', async () => {
  const first = open();
  expect(await first.host.state()).toEqual({ tag: 'none' });
  expect(await first.host.create(WORDS, 'regtest')).toEqual({ ok: true, value: undefined });
  const second = open();
  expect(await second.host.state()).toMatchObject({ tag: 'elsewhere' });
  expect(await second.host.create(WORDS, 'regtest')).toMatchObject({ error: { code: 'open-elsewhere' } });
  expect(await second.host.takeOver()).toEqual({ ok: true, value: undefined });
  expect(await second.host.state()).toMatchObject({ tag: 'open' });
  expect(second.host.identity?.words).toEqual(WORDS);
  expect(await first.host.state()).toMatchObject({ tag: 'elsewhere' });
  expect(first.host.node).toBeNull();
});

test('a worker that lost its place without a word ends, and knows that another has the wallet', async () => {
  const first = open();
  expect(await first.host.create(WORDS, 'regtest')).toEqual({ ok: true, value: undefined });
  // As a tab that took the lock while this one was asleep.
  const thief = await openIndexedDbStore('leyden');
  if (!thief.ok) throw new Error(thief.error.code);
  expect(await first.host.wordsConfirmed()).toMatchObject({ error: { code: 'storage-failed' } });
  await vi.waitFor(async () => expect(await first.host.state()).toMatchObject({ tag: 'elsewhere' }));
  expect(first.host.node).toBeNull();
  await thief.value.close();
  expect(await first.host.takeOver()).toEqual({ ok: true, value: undefined });
  expect(await first.host.state()).toMatchObject({ tag: 'open', wordsConfirmed: false });
});

test('when the tab with the wallet dies, the one that stands by has it: nobody waits for the dead', async () => {
  const first = open();
  expect(await first.host.create(WORDS, 'regtest')).toEqual({ ok: true, value: undefined });
  const second = open();
  expect(await second.host.state()).toMatchObject({ tag: 'elsewhere' });
  expect(await second.host.wordsConfirmed()).toMatchObject({ error: { code: 'open-elsewhere' } });
  dropLocks();
  await vi.waitFor(async () => expect(await second.host.state()).toMatchObject({ tag: 'open' }));
});

test('a tab that does not answer loses the wallet to one that takes it by force, and can write no more', async () => {
  const asleep = open();
  expect(await asleep.host.create(WORDS, 'regtest')).toEqual({ ok: true, value: undefined });
  silence();
  const second = open();
  expect(await second.host.state()).toMatchObject({ tag: 'elsewhere' });
  expect(await second.host.takeOver(true)).toEqual({ ok: true, value: undefined });
  expect(await second.host.state()).toMatchObject({ tag: 'open' });
  expect(await asleep.host.wordsConfirmed()).toMatchObject({ ok: false });
  await vi.waitFor(async () => expect(await asleep.host.state()).toMatchObject({ tag: 'elsewhere' }));
  expect(asleep.host.node).toBeNull();
  expect(await second.host.wordsConfirmed()).toEqual({ ok: true, value: undefined });
});

test('of five tabs that each take the wallet in turn, one has it at any time', async () => {
  const tabs = [open(), open(), open(), open(), open()];
  await Promise.all(tabs.map(({ host }) => host.state()));
  expect(await tabs[0]?.host.create(WORDS, 'regtest')).toEqual({ ok: true, value: undefined });
  for (const next of [3, 1, 4, 0, 2]) {
    expect(await tabs[next]?.host.takeOver()).toEqual({ ok: true, value: undefined });
    const states = await Promise.all(tabs.map(async ({ host }) => (await host.state()).tag));
    expect(states).toEqual(tabs.map((_, tab) => (tab === next ? 'open' : 'elsewhere')));
  }
});

const SOON = { timeout: 5_000 };

test('a disk without room is told of, nothing is made, and it opens by itself once there is room', async () => {
  const first = open();
  expect(await first.host.create(WORDS, 'regtest')).toEqual({ ok: true, value: undefined });
  const second = open();
  expect(await second.host.state()).toMatchObject({ tag: 'elsewhere' });
  const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  await second.host.takeOver(true);
  expect(await second.host.state()).toMatchObject({ tag: 'unreadable', code: 'storage-full' });
  expect(await second.host.create(WORDS, 'regtest')).toMatchObject({ ok: false });
  full.mockRestore();
  // In whichever tab looks again first.
  await vi.waitFor(async () => {
    const tags = await Promise.all([first, second].map(async ({ host }) => (await host.state()).tag));
    expect(tags).toContain('open');
  }, SOON);
});

test('a database that goes while the wallet is open ends it; what is there then is looked at', async () => {
  const { host, states } = open();
  expect(await host.create(WORDS, 'regtest')).toEqual({ ok: true, value: undefined });
  await deleteIndexedDbStore('leyden');
  await vi.waitFor(async () => expect(await host.state()).toEqual({ tag: 'none' }), SOON);
  expect(states.map((state) => (state.tag === 'unreadable' ? state.code : state.tag))).toEqual([
    'none',
    'open',
    'storage-lost',
    'none',
  ]);
  expect(host.node).toBeNull();
});

test('a connection that the browser ends while the data stays: the wallet stops, says so, and opens again, whole', async () => {
  const opening = vi.spyOn(indexedDB, 'open');
  const { host, states } = open();
  await host.create(WORDS, 'regtest');
  const before = await host.state();
  const connections = opening.mock.results.map(({ value }) => (value as IDBOpenDBRequest).result);
  const last = connections.findLast(({ name }) => name === 'leyden');
  opening.mockRestore();
  const { node } = host;
  // Its types take the class for a database.
  forceCloseDatabase(last as never);
  await vi.waitFor(async () => expect(await host.state()).toEqual(before), SOON);
  expect(states.map((state) => (state.tag === 'unreadable' ? state.code : state.tag))).toEqual([
    'none',
    'open',
    'storage-lost',
    'open',
  ]);
  expect(host.node).not.toBe(node);
});

test('while another keeps the database, erasing is not done and not forgotten', async () => {
  const { host } = open();
  expect(await host.create(WORDS, 'regtest')).toEqual({ ok: true, value: undefined });
  const asleep = await openDB('leyden');
  expect(await host.erase()).toMatchObject({ ok: false, error: { code: 'storage-blocked' } });
  expect(await host.state()).toMatchObject({ tag: 'unreadable', code: 'storage-blocked' });
  asleep.close();
  await vi.waitFor(async () => expect(await host.state()).toEqual({ tag: 'none' }), SOON);
});

test('erasing takes the map of the network along', async () => {
  const { host } = open();
  expect(await host.create(WORDS, 'regtest')).toEqual({ ok: true, value: undefined });
  const map = indexedDbGraphCache('signet');
  await map.save(Uint8Array.of(1));
  expect(await map.load()).toEqual(Uint8Array.of(1));
  expect(await host.erase()).toEqual({ ok: true, value: undefined });
  await vi.waitFor(async () => expect(await map.load()).toBeNull());
});
