import { openDB } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { assert } from '../engine/base/assert.ts';
import { concatBytes } from '../engine/base/bytes.ts';
import { ok } from '../engine/base/result.ts';
import { put, type Table } from '../engine/base/write.ts';
import { monitorRecord, pastRecord } from '../engine/channel/snapshot/htlc-record.ts';
import { decode } from '../engine/codec/field.ts';
import { sha256 } from '../engine/crypto/hash.ts';
import type { Unlock } from '../engine/node/lock-api.ts';
import { DEVICE_KEYS } from '../engine/platform/indexeddb-device-keys.ts';
import { openIndexedDbStore } from '../engine/platform/indexeddb-store.ts';
import type { IndexedDbStore } from '../engine/platform/indexeddb-database.ts';
import { FENCE } from '../engine/platform/indexeddb-fence.ts';
import { LAYOUT_VERSION, TABLES } from '../engine/storage/tables.ts';
import { noServers } from './servers.ts';
import frozen from './fixtures/clear-1.json' with { type: 'json' };
import sealed2 from './fixtures/sealed-2.json' with { type: 'json' };
import sealed3 from './fixtures/sealed-3.json' with { type: 'json' };
import sealed4 from './fixtures/sealed-4.json' with { type: 'json' };
import { closeBrowser, newBrowser, openHost, WORDS } from './testkit/one-browser.ts';
import { findKeyring, openVault } from './vault.ts';

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
const phrase = (passphrase: string): Unlock => ({ tag: 'passphrase', passphrase });
const passkey = (byte: number) => ({
  credentialId: Uint8Array.of(byte),
  prfSalt: new Uint8Array(32).fill(byte),
  prfOutput: new Uint8Array(32).fill(byte + 1),
  label: `Passkey ${byte}`,
});
const byPasskey = (byte: number): Unlock => ({ tag: 'passkey', ...passkey(byte) });

type Host = ReturnType<typeof openHost>['host'];

type StoredRow = readonly [table: Table, name: string, value: Uint8Array];

async function withDisk<T>(use: (store: IndexedDbStore) => Promise<T>): Promise<T> {
  const opened = await openIndexedDbStore('leyden');
  if (!opened.ok) throw new Error(opened.error.detail);
  const result = await use(opened.value);
  await opened.value.close();
  return result;
}

/** Everything on disk, as it is stored. */
const stored = (): Promise<readonly StoredRow[]> =>
  withDisk(async (store) => {
    const rows: StoredRow[] = [];
    for (const table of TABLES) {
      const loaded = await store.load(table);
      if (!loaded.ok) throw new Error(loaded.error.detail);
      for (const [name, value] of loaded.value) rows.push([table, name, value]);
    }
    return rows;
  });

const store = (table: Table, name: string, value: Uint8Array): Promise<unknown> =>
  withDisk((disk) => disk.commit([put(table, name, value)]));

/** The page goes away, and is opened again. */
async function reload(host: Host): Promise<Host> {
  const next = openHost().host;
  expect(await next.state()).toMatchObject({ tag: 'elsewhere' });
  expect(await next.takeOver()).toEqual(DONE);
  expect(await host.state()).toMatchObject({ tag: 'elsewhere' });
  return next;
}

async function created(lock: Parameters<Host['create']>[2]): Promise<Host> {
  const { host } = openHost();
  expect(await host.create(WORDS, 'regtest', lock)).toEqual(DONE);
  return host;
}

test('with a passphrase: a reload is locked, a wrong one is refused and changes nothing, the right one opens', async () => {
  const first = await created({ tag: 'passphrase', passphrase: 'a long passphrase' });
  expect(await first.state()).toMatchObject({ tag: 'open', lock: { passphrase: true }, idleMinutes: 5 });
  const host = await reload(first);
  const locked = { tag: 'locked', ways: { passphrase: true, passkeys: [] }, running: false };
  expect(await host.state()).toEqual(locked);
  expect(host.identity).toBeNull();
  expect(host.node).toBeNull();
  expect(host.refusal).toEqual({ code: 'locked' });
  expect(await host.lock.unlock(phrase('another passphrase'))).toEqual({
    ok: false,
    error: { code: 'wrong-passphrase' },
  });
  expect(await host.state()).toEqual(locked);
  expect(await host.create(WORDS, 'regtest'), 'over a locked wallet').toMatchObject({
    error: { code: 'wallet-exists' },
  });
  expect(await host.lock.unlock(phrase('a long passphrase'))).toEqual(DONE);
  expect(host.identity?.words).toEqual(WORDS);
  expect(await host.state()).toMatchObject({ tag: 'open', network: 'regtest' });
});

test('the words of a locked wallet are shown to whoever just made it, and then only to who can unlock it', async () => {
  const shown = { ok: true, value: WORDS };
  const first = await created({ tag: 'passphrase', passphrase: 'a long passphrase' });
  expect(await first.revealWords(null)).toEqual(shown);
  expect(await first.lock.now()).toEqual(DONE);
  expect(await first.revealWords(phrase('a long passphrase'))).toMatchObject({ error: { code: 'locked' } });
  expect(await first.lock.unlock(phrase('a long passphrase'))).toEqual(DONE);
  expect(await first.revealWords(null), 'unlocked again').toMatchObject({ error: { code: 'proof-needed' } });

  const host = await reload(first);
  expect(await host.lock.unlock(phrase('a long passphrase'))).toEqual(DONE);
  expect(await host.revealWords(null)).toMatchObject({ error: { code: 'proof-needed' } });
  expect(await host.revealWords(phrase('another passphrase'))).toMatchObject({
    error: { code: 'wrong-passphrase' },
  });
  expect(await host.revealWords(null)).toMatchObject({ error: { code: 'proof-needed' } });
  expect(await host.revealWords(phrase('a long passphrase'))).toEqual(shown);
  expect(await host.revealWords(null), 'to check them').toEqual(shown);
  expect(await host.lock.change({ tag: 'remove-all' }, phrase('a long passphrase'))).toEqual(DONE);
  expect(await (await reload(host)).revealWords(null), 'without a lock').toEqual(shown);
});

test('a disk that fails when it was just unlocked is told of, and not hidden behind the lock again', async () => {
  const host = await reload(await created({ tag: 'passphrase', passphrase: 'a long passphrase' }));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const ill = vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(() => {
    throw new DOMException('ill', 'UnknownError');
  });
  expect(await host.lock.unlock(phrase('a long passphrase'))).toMatchObject({
    error: { code: 'storage-failed' },
  });
  ill.mockRestore();
  // It is looked at again only where nobody has to unlock it.
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  expect(await host.state()).toMatchObject({ tag: 'unreadable', code: 'storage-failed' });
});

test('a disk that fails for a moment while the wallet is unlocked: it goes on by itself, and nobody has to unlock it', async () => {
  const host = await reload(await created({ tag: 'passphrase', passphrase: 'a long passphrase' }));
  expect(await host.lock.unlock(phrase('a long passphrase'))).toEqual(DONE);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const ill = vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(() => {
    throw new DOMException('ill', 'UnknownError');
  });
  const servers = { ...noServers, esplora: ['https://esplora.test'], proxies: ['wss://proxy.test'] };
  expect(await host.setServers(servers)).toMatchObject({ error: { code: 'storage-failed' } });
  expect(host.node).toBeNull();
  ill.mockRestore();
  // Payments in its channels have deadlines, and whoever unlocked it may be asleep.
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  expect(await host.state()).toMatchObject({ tag: 'open' });
  expect(host.node).not.toBeNull();
});

test('a passphrase of a few letters is refused, and nothing is made', async () => {
  const { host } = openHost();
  expect(await host.create(WORDS, 'regtest', { tag: 'passphrase', passphrase: 'short' })).toEqual({
    ok: false,
    error: { code: 'passphrase-too-short', minimum: 8 },
  });
  expect(await host.state()).toEqual({ tag: 'none' });
  // Eight marks that are four letters: the same ones on a keyboard that writes each as one.
  const accents = { tag: 'passphrase', passphrase: 'e\u0301e\u0301e\u0301e\u0301' } as const;
  expect(await host.create(WORDS, 'regtest', accents)).toMatchObject({
    error: { code: 'passphrase-too-short' },
  });
  expect(await host.create(WORDS, 'regtest', { tag: 'passphrase', passphrase: 'not so short' })).toEqual(
    DONE,
  );
});

test('no lock: a reload opens by itself, and neither words nor seed are to be read on disk', async () => {
  const host = await reload(await created({ tag: 'none' }));
  expect(await host.state()).toMatchObject({ tag: 'open', lock: { passphrase: false, passkeys: [] } });
  expect(await host.lock.now()).toMatchObject({ error: { code: 'no-lock' } });
  const seed = Buffer.from(host.identity?.seed ?? []).toString('latin1');
  expect(seed.length).toBe(64);
  await host.lock.setIdle(1);
  for (const [, name, value] of await stored()) {
    const text = `${name} ${Buffer.from(value).toString('latin1')}`;
    expect(text.includes('abandon')).toBe(false);
    expect(text.includes(seed.slice(0, 8))).toBe(false);
  }
});

test('with a passkey: only that one opens', async () => {
  const host = await reload(await created({ tag: 'passkey', passkey: passkey(1) }));
  expect(await host.state()).toMatchObject({
    tag: 'locked',
    ways: { passphrase: false, passkeys: [{ credentialId: Uint8Array.of(1), label: 'Passkey 1' }] },
  });
  const refused = { ok: false, error: { code: 'wrong-passkey' } };
  expect(await host.lock.unlock(byPasskey(2))).toEqual(refused);
  const { credentialId } = passkey(1);
  const { prfOutput } = passkey(2);
  expect(await host.lock.unlock({ tag: 'passkey', credentialId, prfOutput })).toEqual(refused);
  expect(await host.lock.unlock(byPasskey(1))).toEqual(DONE);
});

test('locked while open: the node runs on and answers nobody, until it is unlocked', async () => {
  const host = await created({ tag: 'passphrase', passphrase: 'a long passphrase' });
  const { node } = host;
  expect(await host.lock.now()).toEqual(DONE);
  expect(await host.state()).toMatchObject({ tag: 'locked', running: true });
  expect([host.node, host.identity, host.knownPeers]).toEqual([null, null, []]);
  for (const refused of [
    host.wordsConfirmed(),
    host.lock.setIdle(null),
    host.lock.now(),
    host.lock.change({ tag: 'remove-all' }, phrase('a long passphrase')),
    host.setServers(noServers),
  ])
    expect(await refused).toEqual({ ok: false, error: { code: 'locked' } });
  expect(await host.lock.unlock(phrase('not this one'))).toMatchObject({
    error: { code: 'wrong-passphrase' },
  });
  expect(host.node).toBeNull();
  expect(await host.lock.unlock(phrase('a long passphrase'))).toEqual(DONE);
  expect(host.node).toBe(node);
});

test('changing the passphrase takes the present one, and the former opens nothing any more', async () => {
  const first = await created({ tag: 'passphrase', passphrase: 'the first one' });
  const change = { tag: 'set-passphrase', passphrase: 'the second one' } as const;
  expect(await first.lock.change(change, null)).toMatchObject({ error: { code: 'locked' } });
  expect(await first.lock.change(change, phrase('a guess at it'))).toMatchObject({
    error: { code: 'wrong-passphrase' },
  });
  expect(await first.lock.change(change, phrase('the first one'))).toEqual(DONE);
  const host = await reload(first);
  expect(await host.lock.unlock(phrase('the first one'))).toMatchObject({
    error: { code: 'wrong-passphrase' },
  });
  expect(await host.lock.unlock(phrase('the second one'))).toEqual(DONE);
});

test('several ways at once; the last one does not go without saying so', async () => {
  const first = await created({ tag: 'none' });
  expect(await first.lock.change({ tag: 'set-passphrase', passphrase: 'the first one' }, null)).toEqual(DONE);
  const proof = phrase('the first one');
  expect(await first.lock.change({ tag: 'add-passkey', passkey: passkey(1) }, proof)).toEqual(DONE);
  const host = await reload(first);
  expect(await host.lock.unlock(byPasskey(1))).toEqual(DONE);
  expect(await host.lock.change({ tag: 'remove-passphrase' }, byPasskey(1))).toEqual(DONE);
  const removeKey = { tag: 'remove-passkey', credentialId: Uint8Array.of(1) } as const;
  expect(await host.lock.change(removeKey, byPasskey(1))).toMatchObject({ error: { code: 'last-lock' } });
  expect(await host.lock.change({ tag: 'remove-all' }, byPasskey(1))).toEqual(DONE);
  const last = await reload(host);
  expect(await last.state()).toMatchObject({ tag: 'open', lock: { passphrase: false, passkeys: [] } });
});

/** As the last version that did not encrypt left it: a wallet with a channel, payments and an invoice. */
async function frozenInTheClear(): Promise<void> {
  const database = await openDB('leyden', 1, {
    upgrade: (db) => {
      for (const table of TABLES) db.createObjectStore(table);
    },
  });
  const transaction = database.transaction(TABLES, 'readwrite');
  for (const { table, key, hex } of frozen.rows)
    await transaction.objectStore(table as Table).put(new Uint8Array(Buffer.from(hex, 'hex')), key);
  await transaction.done;
  database.close();
}

test('a frozen disk in the clear is sealed when it is opened, and keeps everything', async () => {
  await frozenInTheClear();
  const { host } = openHost();
  expect(await host.state()).toMatchObject({
    tag: 'open',
    network: 'regtest',
    createdAt: 1_800_000_000,
    wordsConfirmed: true,
    lock: { passphrase: false, passkeys: [] },
  });
  const again = await reload(host);
  expect(again.identity?.words).toEqual(frozen.words);
  const balances = await again.node?.api.listBalances();
  expect(balances?.onchain.confirmedSat).toBe(BigInt(frozen.confirmedSat));
  expect(balances?.lightning.localMsat).toBe(BigInt(frozen.localMsat));
  expect((await again.node?.api.listPayments())?.payments.length).toBe(4);

  const rows = await stored();
  const clear = new Set(frozen.rows.map(({ hex }) => hex));
  for (const [table, name, value] of rows) {
    expect(clear.has(Buffer.from(value).toString('hex')), `${table} ${name}`).toBe(false);
    expect(['keyring', 'manifest'].includes(name) || name.length === 22, `${table} ${name}`).toBe(true);
  }
  // What an older program is told, which then leaves it alone.
  await expect(openDB('leyden', 1)).rejects.toMatchObject({ name: 'VersionError' });
  expect(await stored()).toEqual(rows);
});

/** As the program of each layout left its disk, with the writer's number where there is one. */
const SEALED = [
  { layout: 2, others: [DEVICE_KEYS], frozenSealed: { ...sealed2, writer: null } },
  { layout: 3, others: [DEVICE_KEYS, FENCE], frozenSealed: sealed3 },
  { layout: 4, others: [DEVICE_KEYS, FENCE], frozenSealed: sealed4 },
];

async function freeze({ layout, others, frozenSealed }: (typeof SEALED)[number]): Promise<void> {
  const database = await openDB('leyden', layout, {
    upgrade: (db) => {
      for (const table of [...TABLES, ...others]) db.createObjectStore(table);
    },
  });
  if (frozenSealed.writer !== null) await database.put(FENCE, frozenSealed.writer, 'writer');
  const transaction = database.transaction(TABLES, 'readwrite');
  for (const { table, key, hex } of frozenSealed.rows)
    await transaction.objectStore(table as Table).put(new Uint8Array(Buffer.from(hex, 'hex')), key);
  await transaction.done;
  database.close();
}

test('the layout of today has its frozen disk', () => {
  expect(SEALED.at(-1)?.layout).toBe(LAYOUT_VERSION);
});

test.each(SEALED)(
  'a frozen disk of layout $layout, sealed and locked, opens with its passphrase and becomes one of today',
  async (disk) => {
    await freeze(disk);
    const { frozenSealed } = disk;
    const { host } = openHost();
    expect(await host.state()).toEqual({
      tag: 'locked',
      ways: { passphrase: true, passkeys: [] },
      running: false,
    });
    expect(await host.lock.unlock(phrase('another passphrase'))).toMatchObject({
      error: { code: 'wrong-passphrase' },
    });
    expect(await host.lock.unlock(phrase(frozenSealed.passphrase))).toEqual(DONE);
    expect(host.identity?.words).toEqual(frozenSealed.words);
    const balances = await host.node?.api.listBalances();
    expect(balances?.onchain.confirmedSat).toBe(BigInt(frozenSealed.confirmedSat));
    expect(balances?.lightning.localMsat).toBe(BigInt(frozenSealed.localMsat));
    expect((await host.node?.api.listPayments())?.payments.length).toBe(frozenSealed.payments);
    const today = await openDB('leyden');
    expect(today.version).toBe(LAYOUT_VERSION);
    expect(await today.get(FENCE, 'writer')).toBe((frozenSealed.writer ?? 0) + 1);
    today.close();
    // What an older program is told, which then leaves it alone.
    await expect(openDB('leyden', LAYOUT_VERSION - 1)).rejects.toMatchObject({ name: 'VersionError' });
  },
);

// What becomes of them in a search is shown in engine/channel/history.test.ts.
test.each([
  { layout: 3, rows: 1, htlcs: 1 },
  { layout: 4, rows: 2, htlcs: 101 },
])('a frozen disk of layout $layout has its past HTLCs', async ({ layout, rows, htlcs }) => {
  const disk = SEALED.find((one) => one.layout === layout);
  assert(disk !== undefined, 'no such disk');
  await freeze(disk);
  await withDisk(async (place) => {
    const keyring = await findKeyring(place);
    assert(keyring.ok && keyring.value !== null, 'no keyring');
    const vault = await openVault(place, keyring.value, phrase(disk.frozenSealed.passphrase));
    assert(vault.ok, 'it does not open');
    const past = await vault.value.store.load('monitor');
    assert(past.ok, 'it cannot be read');
    expect(past.value.size).toBe(rows);
    const found = [...past.value].flatMap(([key, row]) => {
      if (!key.includes('/past/')) return [decode(monitorRecord, row)];
      const many = decode(pastRecord, row);
      return many.ok ? many.value.htlcs.map(ok) : [many];
    });
    expect(found.filter(({ ok: isRead }) => isRead)).toHaveLength(htlcs);
  });
});

test('a disk that refuses to be sealed stays as it was, and is sealed the next time', async () => {
  await frozenInTheClear();
  const before = await stored();
  const refused = vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (
    this: IDBTransaction,
  ) {
    this.abort();
  });
  const { host } = openHost();
  expect(await host.state()).toMatchObject({ tag: 'unreadable', code: 'storage-failed' });
  expect(await host.create(WORDS, 'regtest')).toMatchObject({ ok: false });
  refused.mockRestore();
  expect(await stored()).toEqual(before);
  expect(await host.takeOver()).toEqual(DONE);
  expect(await host.state()).toMatchObject({ tag: 'open' });
  expect(host.identity?.words).toEqual(frozen.words);
});

test('a bit that flips in any record is told with its table, and is never “no wallet”', async () => {
  await frozenInTheClear();
  let { host } = openHost();
  expect(await host.state()).toMatchObject({ tag: 'open' });
  const rows = await stored();
  expect(rows.length).toBe(frozen.rows.length + 2);
  for (const [index, [table, name, value]] of rows.entries()) {
    const flipped = value.slice();
    const bit = (index * 7919) % (8 * value.length);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    await store(table, name, flipped);
    host = await reload(host);
    const state = await host.state();
    expect(state, `${table} ${name}`).toMatchObject({ tag: 'unreadable', code: 'storage-corrupt' });
    expect(state.tag === 'unreadable' && state.detail).toContain(name.length === 22 ? table : name);
    expect(await host.create(WORDS, 'regtest')).toMatchObject({ ok: false });
    await store(table, name, value);
  }
  host = await reload(host);
  expect(host.identity?.words).toEqual(frozen.words);
});

test('a later version’s keyring is left to that version, whole', async () => {
  const { host } = openHost();
  expect(await host.create(WORDS, 'regtest')).toEqual(DONE);
  const keyring = (await stored()).find(([, name]) => name === 'keyring')?.[2] ?? new Uint8Array();
  const body = keyring.slice(0, -8);
  body[0] = 2;
  await store('meta', 'keyring', concatBytes(body, sha256(body).subarray(0, 8)));
  const before = await stored();
  const later = await reload(host);
  expect(await later.state()).toMatchObject({ tag: 'unreadable', code: 'storage-too-new' });
  expect(await later.create(WORDS, 'regtest')).toMatchObject({ ok: false });
  expect(await stored()).toEqual(before);
});
