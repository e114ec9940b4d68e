import { forceCloseDatabase } from 'fake-indexeddb';
import { openDB } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Unlock } from '../engine/node/lock-api.ts';
import type { WalletState } from '../engine/node/service-api.ts';
import { noServers } from './servers.ts';
import { closeBrowser, newBrowser, openHost, WORDS } from './testkit/one-browser.ts';

vi.hoisted(() => {
  // config.json is looked for beside the worker.
  Object.assign(globalThis, { self: { location: { href: 'https://wallet.test/assets/worker.js' } } });
});
vi.mock(import('../engine/crypto/scrypt.ts'), async (original) => ({
  ...(await original()),
  tuneScrypt: () => Promise.resolve({ logN: 4, r: 8, p: 1 }),
}));

beforeEach(newBrowser);
afterEach(closeBrowser);

const DONE = { ok: true, value: undefined };
const SOON = { timeout: 10_000 };
const lock = { tag: 'passphrase', passphrase: 'a long passphrase' } as const;
const phrase = (passphrase: string): Unlock => ({ tag: 'passphrase', passphrase });
const told = (states: readonly WalletState[]): readonly string[] =>
  states.map((state) =>
    state.tag === 'unreadable'
      ? state.code
      : state.tag === 'locked' && state.running
        ? 'locked, running'
        : state.tag,
  );

/** What the browser does when it cannot read its own files for a moment: every connection ends. */
function watchConnections(): () => void {
  const opening = vi.spyOn(indexedDB, 'open');
  return () => {
    const connections = opening.mock.results.map(({ value }) => (value as IDBOpenDBRequest).result);
    opening.mockRestore();
    // Its types take the class for a database.
    forceCloseDatabase(connections.findLast(({ name }) => name === 'leyden') as never);
  };
}

test.each(['made with it', 'given it since'] as const)(
  'a wallet with a lock, %s, whose disk fails for a moment goes on by itself, as one that was unlocked does',
  async (how) => {
    const { host } = openHost();
    const isMade = how === 'made with it';
    expect(await host.create(WORDS, 'regtest', isMade ? lock : { tag: 'none' })).toEqual(DONE);
    if (!isMade) expect(await host.lock.change({ ...lock, tag: 'set-passphrase' }, null)).toEqual(DONE);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const ill = vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(() => {
      throw new DOMException('ill', 'UnknownError');
    });
    const servers = { ...noServers, esplora: ['https://esplora.test'], proxies: ['wss://proxy.test'] };
    expect(await host.setServers(servers)).toMatchObject({ error: { code: 'storage-failed' } });
    ill.mockRestore();
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    expect(await host.state()).toMatchObject({ tag: 'open' });
  },
);

test('a connection that the browser ends while the wallet is unlocked: it opens again, and nobody has to unlock it', async () => {
  const end = watchConnections();
  const { host, states } = openHost();
  expect(await host.create(WORDS, 'regtest', lock)).toEqual(DONE);
  end();
  await vi.waitFor(() => expect(told(states)).toEqual(['none', 'open', 'storage-lost', 'open']), SOON);
  // For longer than that moment nothing is carried.
  const next = openHost().host;
  expect(await next.state()).toMatchObject({ tag: 'elsewhere' });
  expect(await next.takeOver()).toEqual(DONE);
  expect(await next.state()).toMatchObject({ tag: 'locked', running: false });
  expect(await host.takeOver()).toEqual(DONE);
  expect(await host.state()).toMatchObject({ tag: 'locked', running: false });
});

test('a connection that the browser ends while the wallet is locked, and runs: it runs on, and is locked', async () => {
  const end = watchConnections();
  const { host, states } = openHost();
  expect(await host.create(WORDS, 'regtest', lock)).toEqual(DONE);
  expect(await host.lock.now()).toEqual(DONE);
  end();
  const locked = ['none', 'open', 'locked, running', 'storage-lost', 'locked, running'];
  await vi.waitFor(() => expect(told(states)).toEqual(locked), SOON);
  expect([host.node, host.identity]).toEqual([null, null]);
  expect(await host.lock.unlock(phrase('not this one'))).toMatchObject({
    error: { code: 'wrong-passphrase' },
  });
  expect(await host.lock.unlock(phrase(lock.passphrase))).toEqual(DONE);
  expect(told(states)).toEqual([...locked, 'open']);
  expect(host.node).not.toBeNull();
  expect(await host.revealWords(null)).toMatchObject({ error: { code: 'proof-needed' } });
});

test('a locked wallet that another keeps from being erased is looked at again, and is gone', async () => {
  const first = openHost().host;
  expect(await first.create(WORDS, 'regtest', lock)).toEqual(DONE);
  const { host } = openHost();
  expect(await host.state()).toMatchObject({ tag: 'elsewhere' });
  expect(await host.takeOver()).toEqual(DONE);
  const asleep = await openDB('leyden');
  expect(await host.erase()).toMatchObject({ ok: false, error: { code: 'storage-blocked' } });
  expect(await host.state()).toMatchObject({ tag: 'unreadable', code: 'storage-blocked' });
  asleep.close();
  await vi.waitFor(async () => expect(await host.state()).toEqual({ tag: 'none' }), SOON);
});

test('a wallet that was made and said to have failed is found, and not made twice', async () => {
  const { host } = openHost();
  const put: IDBObjectStore['put'] = Reflect.get(IDBObjectStore.prototype, 'put');
  const putting = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
    this: IDBObjectStore,
    value: unknown,
    key?: IDBValidKey,
  ) {
    // What was written cannot be read back.
    if (key === 'keyring')
      vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementationOnce(() => {
        throw new DOMException('ill', 'UnknownError');
      });
    return put.call(this, value, key);
  });
  expect(await host.create(WORDS, 'regtest', lock)).toMatchObject({ error: { code: 'storage-failed' } });
  putting.mockRestore();
  expect(await host.create(WORDS, 'regtest', lock)).toMatchObject({ error: { code: 'wallet-exists' } });
  expect(await host.state()).toMatchObject({ tag: 'locked', running: false });
  expect(await host.lock.unlock(phrase(lock.passphrase))).toEqual(DONE);
  expect(host.identity?.words).toEqual(WORDS);
});
