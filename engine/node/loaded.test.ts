import { beforeAll, expect, test } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import { err } from '../base/result.ts';
import { put, type Table } from '../base/write.ts';
import { encode } from '../codec/field.ts';
import { MemoryStore, type Snapshot } from '../storage/memory-store.ts';
import type { Store } from '../storage/store.ts';
import { openedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import { queuedEventRecord } from './event-record.ts';
import { loadAll } from './loaded.ts';

let disk: Snapshot;

beforeAll(async () => {
  const { world, alice, bob } = await openedNodes();
  const { invoice } = value(
    await world.ask(bob.api.bolt11.receive({ amountMsat: 1_000_000n, description: '' })),
  );
  value(await world.ask(alice.api.bolt11.send(invoice)));
  value(await world.ask(alice.api.bolt11.receive({ amountMsat: 2_000_000n, description: '' })));
  disk = alice.store.snapshot();
});

/** What a node says of its disk with one row changed, and whether it left that disk as it was. */
async function said(table: Table, key: string, bytes: Uint8Array): Promise<unknown> {
  const store = new MemoryStore(disk);
  await store.commit([put(table, key, bytes)]);
  const before = store.snapshot();
  const loaded = await loadAll(store, 'regtest');
  expect(store.snapshot()).toEqual(before);
  return loaded.ok ? 'read' : loaded.error;
}

const rows = (table: Table): readonly (readonly [string, Uint8Array])[] =>
  [...(disk.get(table) ?? [])].slice(0, 2);
const TABLES: readonly Table[] = ['wallet', 'peer', 'channel', 'payment', 'invoice', 'event'];

test('the disk as it is can be read', async () => {
  expect((await loadAll(new MemoryStore(disk), 'regtest')).ok).toBe(true);
  for (const table of TABLES) expect(rows(table).length).toBeGreaterThan(0);
});

test.each(TABLES)('a record of %s that is cut short is damage, and says where', async (table) => {
  for (const [key, bytes] of rows(table))
    if (bytes.length > 1)
      expect(await said(table, key, bytes.subarray(0, -1))).toMatchObject({ code: 'storage-corrupt', table });
});

test.each(TABLES)('a record of %s of a later version is a later program’s, and no damage', async (table) => {
  for (const [key, bytes] of rows(table))
    expect(await said(table, key, bytes.with(0, 99))).toMatchObject({ code: 'storage-too-new' });
});

test('so is one of a kind that a later program added to the same version', async () => {
  const event = (tag: 'channel-ready' | 'channel-void'): Uint8Array =>
    encode(queuedEventRecord, { cursor: 1, at: 1_700_000_000, event: { tag, channelId: 'ab' } });
  const [bytes, other] = [event('channel-ready'), event('channel-void')];
  const kind = bytes.findIndex((byte, i) => byte !== other[i]);
  expect(await said('event', '1', bytes)).toBe('read');
  expect(await said('event', '1', bytes.with(kind, 200))).toMatchObject({ code: 'storage-too-new' });
});

test('so is one with a value that this program must not overlook', async () => {
  const [key, bytes] = rows('channel').find(([name]) => name.endsWith('/head')) ?? ['', new Uint8Array()];
  // A stream of TLV records ends a record: empty so far.
  expect(bytes.at(-1)).toBe(0);
  const [even, odd] = [250, 251].map((type) =>
    concatBytes(bytes.subarray(0, -1), Uint8Array.of(3, type, 1, 0)),
  );
  expect(await said('channel', key, even ?? bytes)).toMatchObject({ code: 'storage-too-new' });
  expect(await said('channel', key, odd ?? bytes)).toBe('read');
});

test('a disk that does not answer is neither', async () => {
  const { get, scan, commit, close } = new MemoryStore(disk);
  const load: Store['load'] = () => Promise.resolve(err({ code: 'unavailable', detail: 'no answer' }));
  expect(await loadAll({ get, scan, commit, close, load }, 'regtest')).toMatchObject({
    error: { code: 'storage-failed' },
  });
});
