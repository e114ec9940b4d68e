import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { put, type Write } from '../engine/base/write.ts';
import { openIndexedDbStore } from '../engine/platform/indexeddb-store.ts';
import { closeBrowser, newBrowser, openHost as open, WORDS } from './testkit/one-browser.ts';
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
  expect(await second.host.state()).toEqual({ tag: 'elsewhere' });
  expect(await second.host.create(WORDS, 'regtest')).toMatchObject({ error: { code: 'open-elsewhere' } });
  expect(await second.host.takeOver()).toEqual({ ok: true, value: undefined });
  expect(await second.host.state()).toMatchObject({ tag: 'open' });
  expect(second.host.identity?.words).toEqual(WORDS);
  expect(await first.host.state()).toEqual({ tag: 'elsewhere' });
  expect(first.host.node).toBeNull();
});

test('a worker that lost its place without a word ends, and knows that another has the wallet', async () => {
  const first = open();
  expect(await first.host.create(WORDS, 'regtest')).toEqual({ ok: true, value: undefined });
  // As a tab that took the lock while this one was asleep.
  const thief = await openIndexedDbStore('leyden');
  if (!thief.ok) throw new Error(thief.error.code);
  expect(await first.host.wordsConfirmed()).toMatchObject({ error: { code: 'storage-failed' } });
  await vi.waitFor(async () => expect(await first.host.state()).toEqual({ tag: 'elsewhere' }));
  expect(first.host.node).toBeNull();
  await thief.value.close();
  expect(await first.host.takeOver()).toEqual({ ok: true, value: undefined });
  expect(await first.host.state()).toMatchObject({ tag: 'open', wordsConfirmed: false });
});
