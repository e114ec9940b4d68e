import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { concatBytes, equalBytes } from '../base/bytes.ts';
import { err } from '../base/result.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { put, remove, type Table, type Write } from '../base/write.ts';
import { Secret } from '../crypto/secret.ts';
import { CrashStore } from '../testkit/crash-store.ts';
import { countedRandom, newSealedStore, openSnapshot, sealOptions } from '../testkit/sealed-disk.ts';
import { STORE_CONTRACT } from '../testkit/store-contract.ts';
import '../testkit/seed.ts';
import { MemoryStore, type Snapshot } from './memory-store.ts';
import { openSealedStore, readKeyring, sealStore } from './open-sealed-store.ts';
import type { SealedStore } from './sealed-store.ts';
import type { Store } from './store.ts';
import { TABLES } from './tables.ts';

describe.each(STORE_CONTRACT.map((check) => [check.name, check] as const))('%s', (_, check) => {
  test.each(['memory store', 'crash store'])('sealed %s', async (kind) => {
    const inner = kind === 'memory store' ? new MemoryStore() : new CrashStore();
    const store = await newSealedStore(inner);
    const reopen = async (): Promise<Store> => opened(inner.snapshot());
    await expect(check.run({ store, reopen })).resolves.toBe(undefined);
  });
});

async function opened(snapshot: Snapshot): Promise<SealedStore> {
  const store = await openSnapshot(snapshot);
  if (!store.ok) throw new Error(store.error.detail);
  return store.value;
}

type Disk = Map<Table, Map<string, Uint8Array>>;
const copyOf = (snapshot: Snapshot): Disk =>
  new Map([...snapshot].map(([table, rows]) => [table, new Map(rows)]));

/** Every stored record, also those that are not rows. */
const records = (snapshot: Snapshot): (readonly [Table, string, Uint8Array])[] =>
  [...snapshot].flatMap(([table, rows]) => [...rows].map(([name, bytes]) => [table, name, bytes] as const));

const COMMITS: readonly (readonly Write[])[] = [
  [put('meta', 'identity', encodeUtf8('abandon ability')), put('channel', 'aa/head', encodeUtf8('one'))],
  [put('channel', 'aa/head', encodeUtf8('two')), put('htlc', 'aa/1', encodeUtf8('first'))],
  [put('htlc', 'aa/2', encodeUtf8('second')), put('payment', 'ff00', encodeUtf8('paid'))],
  [remove('htlc', 'aa/1'), put('channel', 'aa/head', encodeUtf8('three'))],
];

/** The disk after each of `COMMITS`. */
async function history(): Promise<readonly Snapshot[]> {
  const inner = new MemoryStore();
  const store = await newSealedStore(inner);
  const snapshots = [inner.snapshot()];
  for (const writes of COMMITS) {
    expect(await store.commit(writes)).toEqual({ ok: true, value: undefined });
    snapshots.push(inner.snapshot());
  }
  return snapshots;
}
const last = (snapshots: readonly Snapshot[]): Snapshot => snapshots.at(-1) ?? new Map();

/** Counts the rows of table `monitor` that are read of it. */
function counting(inner: MemoryStore): {
  readonly store: Store;
  /** Those asked for one by one. */
  readonly single: () => number;
  /** How many came with each of the other reads. */
  readonly together: number[];
} {
  let single = 0;
  const together: number[] = [];
  const store: Store = {
    ...inner,
    get: (table, key) => {
      if (table === 'monitor') single++;
      return inner.get(table, key);
    },
    load: async (table) => {
      const rows = await inner.load(table);
      if (table === 'monitor' && rows.ok) together.push(rows.value.size);
      return rows;
    },
    scan: async (table, range) => {
      const rows = await inner.scan(table, range);
      if (table === 'monitor' && rows.ok) together.push(rows.value.length);
      return rows;
    },
  };
  return { store, single: () => single, together };
}

describe('a history that a peer makes long', () => {
  const ROWS = 2_000;
  const nameOf = (i: number): string => `aa/${String(i).padStart(5, '0')}`;
  const names = (from: number, count: number): readonly string[] =>
    Array.from({ length: count }, (_, i) => nameOf(from + i));

  /** On disk, as records that were not written in the order of their keys. */
  async function longHistory(): Promise<MemoryStore> {
    const inner = new MemoryStore();
    const store = await newSealedStore(inner);
    const writes = Array.from({ length: ROWS }, (_, i) =>
      put('monitor', nameOf((i * 7) % ROWS), encodeUtf8(`row ${i}`)),
    );
    expect(await store.commit(writes)).toMatchObject({ ok: true });
    return inner;
  }

  async function reopened(inner: Store): Promise<SealedStore> {
    const store = await openSealedStore(inner, sealOptions());
    if (!store.ok) throw new Error(store.error.detail);
    return store.value;
  }

  async function page(store: Store, from: string, limit = 100): Promise<readonly string[]> {
    const rows = await store.scan('monitor', { from, below: 'ab', limit });
    if (!rows.ok) throw new Error(rows.error.detail);
    return rows.value.map(({ key }) => key);
  }

  test('is read in pages when the disk is opened, each row once, and none of it is kept', async () => {
    const { store: watched, single, together } = counting(await longHistory());
    const store = await reopened(watched);
    expect(together.reduce((sum, rows) => sum + rows, 0)).toBe(ROWS);
    expect(Math.max(...together)).toBeLessThanOrEqual(500);
    const opening = together.length;
    for (const times of [1, 2]) {
      expect(await page(store, nameOf(500))).toEqual(names(500, 100));
      expect(single()).toBe(100 * times);
    }
    await store.commit([
      remove('monitor', nameOf(500)),
      put('monitor', `${nameOf(501)}x`, encodeUtf8('new')),
    ]);
    expect((await page(store, nameOf(500))).slice(0, 3)).toEqual([
      nameOf(501),
      `${nameOf(501)}x`,
      nameOf(502),
    ]);
    expect(together).toHaveLength(opening);
  });

  test.each(['first', 'last'])('is not opened when a record of its %s page is missing', async (which) => {
    const disk = copyOf((await longHistory()).snapshot());
    const stored = [...(disk.get('monitor')?.keys() ?? [])].sort();
    disk.get('monitor')?.delete(stored.at(which === 'first' ? 0 : -1) ?? '');
    expect(await openSnapshot(disk)).toMatchObject({ error: { code: 'corrupt', table: 'monitor' } });
  });

  test('is put in order once, however many pages of it are deleted', async () => {
    const store = await reopened(await longHistory());
    expect(await page(store, nameOf(0), 10)).toEqual(names(0, 10));
    const sort = vi.spyOn(Array.prototype, 'sort');
    onTestFinished(() => sort.mockRestore());
    const seen: string[] = [];
    for (;;) {
      const keys = await page(store, '');
      if (keys.length === 0) break;
      seen.push(...keys);
      expect(await store.commit(keys.map((key) => remove('monitor', key)))).toMatchObject({ ok: true });
    }
    const longest = Math.max(...sort.mock.contexts.map((list) => (list as readonly unknown[]).length));
    sort.mockRestore();
    expect(seen).toEqual(names(0, ROWS));
    expect(longest).toBeLessThanOrEqual(100);
  });
});

test('nothing of keys and values is to be read on disk', async () => {
  for (const snapshot of await history())
    for (const [table, name, bytes] of records(snapshot)) {
      const text = `${name} ${Buffer.from(bytes).toString('latin1')}`;
      for (const plain of ['identity', 'abandon', 'aa/', 'ff00', 'one', 'paid', 'second'])
        expect(text.includes(plain), `${table} ${name}`).toBe(false);
    }
});

test('any bit of any record, flipped, is a failure that names its table', async () => {
  const whole = last(await history());
  const all = records(whole);
  await fc.assert(
    fc.asyncProperty(fc.nat(all.length - 1), fc.nat(), async (which, at) => {
      const [table, name, bytes] = all[which] ?? ['meta', '', new Uint8Array()];
      const disk = copyOf(whole);
      const flipped = bytes.slice();
      const bit = at % (8 * bytes.length);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      disk.get(table)?.set(name, flipped);
      const keyring = await readKeyring(new MemoryStore(disk));
      const options = {
        ...sealOptions(),
        ...(keyring.ok && keyring.value ? { keyring: keyring.value } : {}),
      };
      expect(await openSealedStore(new MemoryStore(disk), options)).toMatchObject({
        ok: false,
        error: { code: 'corrupt', table },
      });
    }),
    { numRuns: 300 },
  );
});

test('a record cut short at any length, and an empty one, is a failure', async () => {
  const whole = last(await history());
  for (const [table, name, bytes] of records(whole))
    for (let length = 0; length < bytes.length; length += name === 'keyring' ? 1 : 7) {
      const disk = copyOf(whole);
      disk.get(table)?.set(name, bytes.subarray(0, length));
      const options = { ...sealOptions(), keyring: disk.get('meta')?.get('keyring') ?? new Uint8Array() };
      expect(await openSealedStore(new MemoryStore(disk), options)).toMatchObject({
        ok: false,
        error: { code: 'corrupt', table },
      });
    }
});

test('records put back to what they were one by one, or some of them together, are noticed', async () => {
  const snapshots = await history();
  await fc.assert(
    fc.asyncProperty(fc.nat(snapshots.length - 2), fc.infiniteStream(fc.boolean()), async (past, choose) => {
      const now = last(snapshots);
      const before = snapshots[past] ?? new Map<Table, Map<string, Uint8Array>>();
      const names = new Map([...records(before), ...records(now)].map((r) => [`${r[0]}/${r[1]}`, r]));
      const differing = [...names.values()].filter(([table, name]) => {
        const [a, b] = [before.get(table)?.get(name), now.get(table)?.get(name)];
        return a === undefined || b === undefined || !equalBytes(a, b);
      });
      const chosen = differing.filter(() => choose.next().value);
      fc.pre(chosen.length > 0 && chosen.length < differing.length);
      const disk = copyOf(now);
      for (const [table, name] of chosen) {
        const old = before.get(table)?.get(name);
        if (old === undefined) disk.get(table)?.delete(name);
        else disk.set(table, new Map([...(disk.get(table) ?? []), [name, old]]));
      }
      expect(await openSnapshot(disk)).toMatchObject({ ok: false, error: { code: 'corrupt' } });
    }),
    { numRuns: 200 },
  );
});

test('the disk as it was as a whole opens: only somebody elsewhere can notice that', async () => {
  for (const snapshot of await history()) expect((await openSnapshot(snapshot)).ok).toBe(true);
});

test('swapped, moved and doubled records are noticed', async () => {
  const whole = last(await history());
  const rows = records(whole).filter(([, name]) => name.length === 22);
  for (const [table, name, bytes] of rows) {
    for (const [otherTable, otherName] of rows) {
      const disk = copyOf(whole);
      if (otherTable === table && otherName === name) continue;
      disk.get(otherTable)?.set(otherName, bytes);
      expect(await openSnapshot(disk)).toMatchObject({ error: { code: 'corrupt', table: otherTable } });
    }
    const doubled = copyOf(whole);
    doubled.set('outbox', new Map([[name, bytes]]));
    expect(await openSnapshot(doubled)).toMatchObject({ error: { code: 'corrupt', table: 'outbox' } });
    const gone = copyOf(whole);
    gone.get(table)?.delete(name);
    expect(await openSnapshot(gone)).toMatchObject({ error: { code: 'corrupt', table } });
  }
});

test('all tables are asked for before one has come, and one that cannot be read is not taken for an empty one', async () => {
  const disk = new MemoryStore(last(await history()));
  for (const broken of [null, ...TABLES]) {
    const asked = new Set<Table>();
    let allAsked = (): void => undefined;
    const all = new Promise<void>((resolve) => (allAsked = resolve));
    const inner: Store = {
      ...disk,
      scan: async (table, range) => {
        asked.add(table);
        if (asked.size === TABLES.length) allAsked();
        await all;
        return table === broken
          ? err({ code: 'unavailable', detail: 'a bad sector' })
          : disk.scan(table, range);
      },
    };
    expect(await openSealedStore(inner, sealOptions())).toMatchObject(
      broken === null ? { ok: true } : { ok: false, error: { code: 'unavailable', table: broken } },
    );
  }
});

test('another key, another wallet, another keyring: nothing opens', async () => {
  const inner = (): MemoryStore => new MemoryStore(snapshot);
  const snapshot = last(await history());
  const options = sealOptions();
  for (const other of [
    { ...options, dataKey: new Secret(new Uint8Array(32).fill(9)) },
    { ...options, walletId: new Uint8Array(16).fill(9) },
    { ...options, keyring: Uint8Array.of(3, 3, 4) },
  ])
    expect(await openSealedStore(inner(), other)).toMatchObject({
      error: { code: 'corrupt', table: 'meta' },
    });
});

test('the keyring is replaced without a record being written anew', async () => {
  const inner = new MemoryStore();
  const store = await newSealedStore(inner);
  await store.commit([put('payment', 'a', Uint8Array.of(1))]);
  const before = records(inner.snapshot()).filter(([table]) => table === 'payment');
  expect(await store.replaceKeyring(Uint8Array.of(7))).toEqual({ ok: true, value: undefined });
  expect(store.keyring).toEqual(Uint8Array.of(7));
  expect(records(inner.snapshot()).filter(([table]) => table === 'payment')).toEqual(before);
  expect((await openSnapshot(inner.snapshot())).ok, 'with the former one').toBe(false);
  const again = await openSealedStore(inner, { ...sealOptions(), keyring: Uint8Array.of(7) });
  expect(again.ok && (await again.value.get('payment', 'a'))).toEqual({ ok: true, value: Uint8Array.of(1) });
});

describe('sealing a disk that is in the clear', () => {
  const clear: Snapshot = new Map([
    ['meta', new Map([['identity', encodeUtf8('abandon')]])],
    ['channel', new Map([['aa/head', encodeUtf8('one')]])],
  ]);

  test('keeps its records, and leaves none of them in the clear', async () => {
    const inner = new CrashStore(clear);
    const sealed = await sealStore(inner, sealOptions(), [put('meta', 'restore', Uint8Array.of(1))]);
    expect(sealed.ok && (await sealed.value.get('channel', 'aa/head'))).toEqual({
      ok: true,
      value: encodeUtf8('one'),
    });
    expect(sealed.ok && (await sealed.value.load('meta'))).toEqual({
      ok: true,
      value: new Map([
        ['identity', encodeUtf8('abandon')],
        ['restore', Uint8Array.of(1)],
      ]),
    });
    expect(records(inner.snapshot()).filter(([, name]) => name.length < 22)).toMatchObject([
      ['meta', 'manifest', {}],
      ['meta', 'keyring', {}],
    ]);
    expect(inner.commits.length).toBe(1);
  });

  test('leaves it as it was when the write fails, or the process dies before it', async () => {
    const refusing = new CrashStore(clear);
    refusing.refuse({ code: 'quota', detail: 'full' });
    expect(await sealStore(refusing, sealOptions())).toMatchObject({ error: { code: 'quota' } });
    expect(records(refusing.snapshot())).toEqual(records(clear));
    const dying = new CrashStore(clear);
    dying.plan({ tag: 'crash-before' });
    void sealStore(dying, sealOptions());
    await dying.crashed;
    expect(records(dying.snapshot())).toEqual(records(clear));
  });

  test('is not done twice', async () => {
    const inner = new MemoryStore(clear);
    await sealStore(inner, sealOptions());
    const before = inner.snapshot();
    expect(await sealStore(inner, sealOptions())).toMatchObject({ error: { code: 'corrupt' } });
    expect(inner.snapshot()).toEqual(before);
  });
});

describe('a commit that fails', () => {
  const writes = [put('payment', 'a', Uint8Array.of(1))];

  test.each(['before', 'after'])(
    '%s the disk had it is asked for again, and both ways it is there once',
    async (when) => {
      const inner = new MemoryStore();
      let lies = false;
      const lying: Store = {
        ...inner,
        commit: async (asked) => {
          if (lies && when === 'before') return { ok: false, error: { code: 'unavailable', detail: 'lost' } };
          const outcome = await inner.commit(asked);
          return lies ? { ok: false, error: { code: 'unavailable', detail: 'lost' } } : outcome;
        },
      };
      const store = await newSealedStore(lying);
      await store.commit([put('payment', 'a', Uint8Array.of(0)), put('payment', 'b', Uint8Array.of(0))]);
      lies = true;
      expect((await store.commit(writes)).ok).toBe(false);
      lies = false;
      expect(await store.get('payment', 'a')).toEqual({
        ok: true,
        value: Uint8Array.of(when === 'after' ? 1 : 0),
      });
      expect(await store.commit(writes)).toEqual({ ok: true, value: undefined });
      const again = await opened(inner.snapshot());
      expect(await again.load('payment')).toEqual({
        ok: true,
        value: new Map([
          ['a', Uint8Array.of(1)],
          ['b', Uint8Array.of(0)],
        ]),
      });
    },
  );

  test('with another writer on the disk is not tried again', async () => {
    const inner = new CrashStore();
    const store = await newSealedStore(inner);
    inner.plan({ tag: 'fail', failure: { code: 'unavailable', detail: 'x' } });
    await store.commit(writes);
    await inner.commit([put('meta', 'manifest', Uint8Array.of(1))]);
    expect(await store.commit(writes)).toMatchObject({ error: { code: 'corrupt', table: 'meta' } });
    expect(await store.get('payment', 'a')).toMatchObject({ error: { code: 'corrupt' } });
  });

  test('before another took the disk over, which wrote since, says that it did', async () => {
    const inner = new CrashStore();
    const store = await newSealedStore(inner);
    inner.plan({ tag: 'fail', failure: { code: 'unavailable', detail: 'x' } });
    await store.commit(writes);
    await inner.commit([put('meta', 'manifest', Uint8Array.of(1))]);
    inner.refuse({ code: 'fenced', detail: 'another tab' });
    for (const asked of [[], writes])
      expect(await store.commit(asked)).toMatchObject({ error: { code: 'fenced' } });
  });
});

test('what changes on disk under an open store is noticed when it is read', async () => {
  const inner = new MemoryStore();
  const store = await newSealedStore(inner);
  await store.commit([put('payment', 'a', Uint8Array.of(1)), put('payment', 'b', Uint8Array.of(1))]);
  const before = inner.snapshot();
  await store.commit([put('payment', 'a', Uint8Array.of(2))]);
  // From here on reads go to the disk.
  await store.load('payment');
  const name = [...(before.get('payment') ?? [])].find(
    ([key, bytes]) => !equalBytes(bytes, inner.snapshot().get('payment')?.get(key) ?? new Uint8Array()),
  );
  if (name === undefined) throw new Error('nothing changed');
  await inner.commit([put('payment', name[0], name[1])]);
  expect(await store.get('payment', 'a')).toMatchObject({ error: { code: 'corrupt', table: 'payment' } });
  expect(await store.load('payment')).toMatchObject({ error: { code: 'corrupt', table: 'payment' } });
  await inner.commit([remove('payment', name[0])]);
  expect(await store.get('payment', 'a')).toMatchObject({ error: { code: 'corrupt', table: 'payment' } });
});

test('any commits, in any order, are read back as a plain store reads them', async () => {
  const write = fc.oneof(
    fc
      .tuple(fc.constantFrom<Table>('payment', 'htlc'), fc.constantFrom('a', 'b', 'c'), fc.uint8Array())
      .map(([table, key, value]) => put(table, key, value)),
    fc
      .tuple(fc.constantFrom<Table>('payment', 'htlc'), fc.constantFrom('a', 'b', 'c'))
      .map(([table, key]) => remove(table, key)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(write, { maxLength: 6 }), { maxLength: 8 }), async (commits) => {
      const plain = new MemoryStore();
      const inner = new MemoryStore();
      const store = await newSealedStore(inner);
      for (const writes of commits) {
        await plain.commit(writes);
        await store.commit(writes);
      }
      const again = await opened(inner.snapshot());
      for (const table of ['payment', 'htlc'] as const) {
        const expected = await plain.load(table);
        expect(await store.load(table)).toEqual(expected);
        expect(await store.load(table), 'from disk').toEqual(expected);
        expect(await again.load(table), 'after a restart').toEqual(expected);
      }
    }),
    { numRuns: 60 },
  );
});

test('the same value is stored as other bytes each time', async () => {
  const inner = new MemoryStore();
  const store = await newSealedStore(inner);
  const seen = new Set<string>();
  for (let i = 0; i < 3; i++) {
    await store.commit([put('payment', 'a', Uint8Array.of(1))]);
    const [[, bytes] = ['', new Uint8Array()]] = [...(inner.snapshot().get('payment') ?? [])];
    seen.add(Buffer.from(concatBytes(bytes)).toString('hex'));
  }
  expect(seen.size).toBe(3);
});

test('a commit that threw is one that failed: what comes after it is written, and the store closes', async () => {
  const inner = new MemoryStore();
  const random = countedRandom();
  let throws = false;
  const sealed = await sealStore(
    inner,
    sealOptions((length) => {
      if (throws) throw new RangeError('Array buffer allocation failed');
      return random(length);
    }),
  );
  if (!sealed.ok) throw new Error(sealed.error.detail);
  const store = sealed.value;
  const writes = [put('channel', 'a', Uint8Array.of(1))];
  throws = true;
  const refused = store.commit(writes).catch(() => 'threw');
  expect(await refused).toMatchObject({ ok: false, error: { code: 'unavailable' } });
  throws = false;
  const next = store.commit(writes).catch(() => 'threw');
  expect(await next).toEqual({ ok: true, value: undefined });
  await store.close();
  const again = await opened(inner.snapshot());
  expect(await again.get('channel', 'a')).toEqual({ ok: true, value: Uint8Array.of(1) });
});
