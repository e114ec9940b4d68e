import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { put, type Write } from '../engine/base/write.ts';
import { deleteIndexedDbStore, openIndexedDbStore } from '../engine/platform/indexeddb-store.ts';
import type { WalletState } from '../engine/node/service-api.ts';
import { LogRing } from './log-ring.ts';
import { WalletHost } from './wallet-host.ts';
import { IDENTITY_KEY } from './wallet-identity.ts';

vi.hoisted(() => {
  // config.json is looked for beside the worker.
  Object.assign(globalThis, { self: { location: { href: 'https://wallet.test/assets/worker.js' } } });
});

const WORDS =
  'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about'.split(' ');

/** One lock per name, as the browser's: held until its holder's promise ends. */
class Locks {
  readonly #held = new Map<string, Promise<unknown>>();

  async request(
    name: string,
    { ifAvailable = false, signal }: LockOptions,
    run: (lock: object | null) => unknown,
  ): Promise<unknown> {
    // As the browser does, after the caller.
    await Promise.resolve();
    if (ifAvailable && this.#held.has(name)) return run(null);
    while (this.#held.has(name)) {
      await Promise.race([this.#held.get(name), aborted(signal)]);
      if (signal?.aborted === true) throw new Error('aborted');
    }
    const holding = Promise.resolve(run({ name })).finally(() => this.#held.delete(name));
    this.#held.set(name, holding);
    return holding;
  }
}

const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));

beforeEach(async () => {
  vi.stubGlobal('navigator', { locks: new Locks() });
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
  await deleteIndexedDbStore('leyden');
});
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.erase();
  vi.unstubAllGlobals();
});

const hosts: WalletHost[] = [];
function open(): { readonly host: WalletHost; readonly states: WalletState[] } {
  const states: WalletState[] = [];
  const host = new WalletHost(new LogRing(), {
    onState: (state) => states.push(state),
    onNode: () => undefined,
  });
  hosts.push(host);
  return { host, states };
}

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
  expect(await host.state()).toMatchObject({ tag: 'unreadable', code: 'storage-failed' });
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
