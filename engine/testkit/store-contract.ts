import { assert } from '../base/assert.ts';
import { toHex } from '../base/bytes.ts';
import type { Result } from '../base/result.ts';
import { put, remove, type Write } from '../base/write.ts';
import type { KeyRange, Store } from '../storage/store.ts';
import { TABLES } from '../storage/tables.ts';

/** One store under test, empty at first. */
export type StoreHarness = {
  readonly store: Store;
  /** The same records in a new store object, after the first one was closed. */
  readonly reopen: () => Promise<Store>;
};

/** What every store must do. Runs in Node.js and in a page alike: a check throws when it fails. */
export type StoreCheck = {
  readonly name: string;
  readonly run: (harness: StoreHarness) => Promise<void>;
};

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

function valueOf<T>(result: Result<T, { readonly code: string; readonly detail: string }>): T {
  assert(result.ok, result.ok ? '' : `${result.error.code}: ${result.error.detail}`);
  return result.value;
}

const same = (actual: unknown, expected: unknown, what: string): void =>
  assert(actual === expected, `${what}: ${String(actual)}, not ${String(expected)}`);

const commit = async (store: Store, ...writes: readonly Write[]): Promise<void> =>
  valueOf(await store.commit(writes));

/** `key=hex` of each row, joined. */
const rows = async (store: Store, range: KeyRange = {}): Promise<string> =>
  valueOf(await store.scan('payment', range))
    .map(({ key, value }) => `${key}=${toHex(value)}`)
    .join(' ');

export const STORE_CONTRACT: readonly StoreCheck[] = [
  {
    name: 'a new store is empty, in every table',
    run: async ({ store }) => {
      for (const table of TABLES) {
        same(valueOf(await store.load(table)).size, 0, table);
        same(valueOf(await store.get(table, 'any')), null, table);
      }
    },
  },
  {
    name: 'a row is found by table and key, and by nothing else',
    run: async ({ store }) => {
      await commit(store, put('channel', 'a', bytes(1, 2, 3)), put('htlc', 'a', bytes()));
      same(toHex(valueOf(await store.get('channel', 'a')) ?? bytes()), '010203', 'channel a');
      same(valueOf(await store.get('htlc', 'a'))?.length, 0, 'an empty value is a value');
      same(valueOf(await store.get('channel', 'b')), null, 'channel b');
      same(valueOf(await store.get('payment', 'a')), null, 'payment a');
    },
  },
  {
    name: 'the writes of a commit apply in their order',
    run: async ({ store }) => {
      await commit(store, put('payment', 'a', bytes(1)), put('payment', 'b', bytes(1)));
      await commit(
        store,
        remove('payment', 'a'),
        put('payment', 'a', bytes(2)),
        put('payment', 'b', bytes(2)),
        remove('payment', 'b'),
        remove('payment', 'never there'),
      );
      same(await rows(store), 'a=02', 'rows');
    },
  },
  {
    name: 'an empty commit is a commit',
    run: async ({ store }) => {
      await commit(store);
      same(await rows(store), '', 'rows');
    },
  },
  {
    name: 'rows are in the order of their keys',
    run: async ({ store }) => {
      // Code units, not locales: capitals first, 10 before 9, a surrogate pair before U+FFFD.
      const keys = ['a', 'B', '9', '10', '', '\u{1f600}', '\ufffd', 'aa', 'é'];
      await commit(store, ...keys.map((key) => put('payment', key, bytes(1))));
      const loaded = [...valueOf(await store.load('payment')).keys()];
      same(loaded.join('|'), keys.toSorted().join('|'), 'load');
    },
  },
  {
    name: 'a scan takes its part of the keys, from either end',
    run: async ({ store }) => {
      await commit(store, ...['a', 'b', 'c', 'd'].map((key, i) => put('payment', key, bytes(i))));
      same(await rows(store, {}), 'a=00 b=01 c=02 d=03', 'all');
      same(await rows(store, { from: 'b' }), 'b=01 c=02 d=03', 'from');
      same(await rows(store, { below: 'c' }), 'a=00 b=01', 'below');
      same(await rows(store, { from: 'b', below: 'd', limit: 1 }), 'b=01', 'limit');
      same(await rows(store, { reverse: true, limit: 2 }), 'd=03 c=02', 'reverse');
      same(await rows(store, { reverse: true, below: 'c' }), 'b=01 a=00', 'reverse below');
      same(await rows(store, { limit: 0 }), '', 'no rows');
      same(await rows(store, { from: 'c', below: 'b' }), '', 'an empty range');
      same(await rows(store, { from: 'b', below: 'b', reverse: true }), '', 'an empty range in reverse');
    },
  },
  {
    name: 'values are copied both ways',
    run: async ({ store }) => {
      const outer = bytes(0, 1, 2, 3, 0);
      const value = outer.subarray(1, 4);
      await commit(store, put('payment', 'a', value));
      outer.fill(9);
      const read = valueOf(await store.get('payment', 'a')) ?? bytes();
      same(toHex(read), '010203', 'after the given array changed');
      same(read.buffer.byteLength, 3, 'bytes behind the value');
      read.fill(9);
      valueOf(await store.load('payment'))
        .get('a')
        ?.fill(9);
      for (const row of valueOf(await store.scan('payment', {}))) row.value.fill(9);
      same(await rows(store), 'a=010203', 'after the answered arrays changed');
    },
  },
  {
    name: 'what was committed is there when the store is opened again',
    run: async ({ store, reopen }) => {
      await commit(store, put('meta', 'a', bytes(1)), put('payment', 'b', bytes(2)));
      await commit(store, remove('meta', 'a'), put('event', 'c', bytes(3)));
      const again = await reopen();
      same(valueOf(await again.get('meta', 'a')), null, 'meta a');
      same(await rows(again), 'b=02', 'payment');
      same(toHex(valueOf(await again.get('event', 'c')) ?? bytes()), '03', 'event c');
    },
  },
  {
    name: 'commits asked for at once take effect in that order, and close waits for them',
    run: async ({ store, reopen }) => {
      const commits = Array.from({ length: 20 }, (_, i) =>
        store.commit([put('payment', 'last', bytes(i)), put('payment', `k${i}`, bytes(i))]),
      );
      const closing = store.close();
      for (const outcome of await Promise.all(commits)) valueOf(outcome);
      await closing;
      const again = await reopen();
      same(toHex(valueOf(await again.get('payment', 'last')) ?? bytes()), '13', 'the last write');
      same(valueOf(await again.load('payment')).size, 21, 'rows');
    },
  },
  {
    name: 'a large commit is one commit',
    run: async ({ store }) => {
      const value = new Uint8Array(1_000).fill(7);
      await commit(store, ...Array.from({ length: 2_000 }, (_, i) => put('htlc', `h${i}`, value)));
      same(valueOf(await store.load('htlc')).size, 2_000, 'rows');
    },
  },
  {
    name: 'a closed store answers with a failure, never with nothing',
    run: async ({ store }) => {
      await commit(store, put('payment', 'a', bytes(1)));
      await store.close();
      const answers: readonly Result<unknown, { readonly code: string }>[] = [
        await store.get('payment', 'a'),
        await store.load('payment'),
        await store.scan('payment', {}),
        await store.commit([put('payment', 'a', bytes(2))]),
      ];
      for (const answer of answers) same(answer.ok ? 'ok' : answer.error.code, 'closed', 'answer');
    },
  },
];
