import { expect, test, vi } from 'vitest';
import { encodeUtf8 } from '../base/utf8.ts';
import { put, remove } from '../base/write.ts';
import { Secret } from '../crypto/secret.ts';
import { CrashStore } from '../testkit/crash-store.ts';
import { newSealedStore, sealOptions } from '../testkit/sealed-disk.ts';
import { MemoryStore, type Snapshot } from './memory-store.ts';
import { openSealedStore, rekeyStore } from './open-sealed-store.ts';
import type { SealedStore } from './sealed-store.ts';

const DONE = { ok: true, value: undefined };
const other = () => ({
  ...sealOptions(),
  dataKey: new Secret(new Uint8Array(32).fill(7)),
  keyring: Uint8Array.of(8, 8),
});
const one = encodeUtf8('one');
const two = encodeUtf8('two');

async function filled(inner: MemoryStore | CrashStore): Promise<SealedStore> {
  const store = await newSealedStore(inner);
  expect(await store.commit([put('channel', 'aa/head', one), put('payment', 'ff', one)])).toEqual(DONE);
  expect(await store.commit([put('channel', 'aa/head', two), remove('payment', 'ff')])).toEqual(DONE);
  return store;
}

/** What is in a disk's channels, by either key; null where it does not open. */
async function channelsOf(disk: Snapshot, options = sealOptions()): Promise<unknown> {
  const store = await openSealedStore(new MemoryStore(disk), options);
  if (!store.ok) return null;
  const rows = await store.value.load('channel');
  return rows.ok ? Object.fromEntries(rows.value) : null;
}

const namesOf = (disk: Snapshot): readonly string[] =>
  [...disk].flatMap(([table, rows]) =>
    [...rows.keys()].map((name) => `${table}/${name}`).filter((name) => !name.startsWith('meta/')),
  );

test('under another key everything is there, and nothing that the former one opens', async () => {
  const inner = new MemoryStore();
  const store = await filled(inner);
  const before = inner.snapshot();
  const commit = vi.spyOn(inner, 'commit');
  expect(await rekeyStore(store, other())).toEqual(DONE);
  expect(commit).toHaveBeenCalledTimes(1);
  const after = inner.snapshot();
  expect(await channelsOf(after, other())).toEqual({ 'aa/head': two });
  expect(await channelsOf(after)).toBeNull();
  expect(namesOf(after)).toHaveLength(namesOf(before).length);
  expect(namesOf(after).filter((name) => namesOf(before).includes(name))).toEqual([]);

  // The store goes on as it was.
  expect(await store.get('channel', 'aa/head')).toEqual({ ok: true, value: two });
  expect(await store.commit([put('channel', 'aa/head', one), put('htlc', 'x', two)])).toEqual(DONE);
  expect(await channelsOf(inner.snapshot(), other())).toEqual({ 'aa/head': one });
  expect(await store.load('htlc')).toEqual({ ok: true, value: new Map([['x', two]]) });
});

test.each(['crash-before', 'crash-after'] as const)(
  '%s: the disk is under the one key or the other',
  async (tag) => {
    const inner = new CrashStore();
    const store = await filled(inner);
    inner.plan({ tag });
    void rekeyStore(store, other());
    await inner.crashed;
    const disk = inner.snapshot();
    const [former, next] = tag === 'crash-before' ? [{ 'aa/head': two }, null] : [null, { 'aa/head': two }];
    expect(await channelsOf(disk)).toEqual(former);
    expect(await channelsOf(disk, other())).toEqual(next);
  },
);

test.each([false, true])(
  'it failed, and the disk has it: %s. The next commit goes on from there',
  async (landed) => {
    const inner = new MemoryStore();
    const store = await filled(inner);
    const real = inner.commit;
    vi.spyOn(inner, 'commit').mockImplementationOnce(async (writes) => {
      if (landed) await real(writes);
      return { ok: false, error: { code: 'unavailable', detail: 'no answer' } };
    });
    expect(await rekeyStore(store, other())).toMatchObject({ ok: false });
    expect(await store.commit([put('channel', 'bb/head', one)])).toEqual(DONE);
    expect(store.keyring).toEqual((landed ? other() : sealOptions()).keyring);
    expect(await channelsOf(inner.snapshot(), landed ? other() : sealOptions())).toEqual({
      'aa/head': two,
      'bb/head': one,
    });
  },
);
