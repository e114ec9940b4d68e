import { unwrap, type IDBPDatabase, type IDBPTransaction } from 'idb';
import { err, ok, type Result } from '../base/result.ts';
import type { Table, Write } from '../base/write.ts';
import { CommitQueue } from '../storage/commit-queue.ts';
import type { DeviceKeys } from '../storage/device-key.ts';
import type { KeyRange, Rewrite, Row, Store, StoreFailure } from '../storage/store.ts';
import { TABLES } from '../storage/tables.ts';
import { indexedDbDeviceKeys } from './indexeddb-device-keys.ts';
import { failureOf } from './indexeddb-failure.ts';
import { FENCE, fenced, holdsFence } from './indexeddb-fence.ts';

/** A database whose object stores are the tables, with the keys beside the values. Made by indexeddb-store.ts. */
export class IndexedDbStore implements Store {
  readonly #database: IDBPDatabase;
  /** Our number as the writer: see indexeddb-fence.ts. */
  readonly #fence: number;
  readonly #onLost: (failure: StoreFailure) => void;
  readonly #commits = new CommitQueue();
  /** Why nothing new is taken. */
  #end: StoreFailure | null = null;

  /** No database of this name was there. Someone who had a wallet here must not be shown an empty one. */
  readonly created: boolean;
  /** The browser removed what was here, now or at an earlier start, as it could not read it any more. */
  readonly missed: boolean;
  /** In the same database: they go when it goes. */
  readonly deviceKeys: DeviceKeys;

  constructor(
    database: IDBPDatabase,
    fence: number,
    { created, missed }: { readonly created: boolean; readonly missed: boolean },
    onLost: (failure: StoreFailure) => void,
  ) {
    this.#database = database;
    this.#fence = fence;
    this.created = created;
    this.missed = missed;
    this.#onLost = onLost;
    this.deviceKeys = indexedDbDeviceKeys(database);
  }

  /** The database is no longer ours: transactions under way may end, nothing else is answered. */
  lose(detail: string, code: 'lost' | 'fenced' = 'lost'): void {
    if (this.#end !== null) return;
    this.#end = { code, detail };
    this.#database.close();
    this.#onLost(this.#end);
  }

  readonly get = (table: Table, key: string): Promise<Result<Uint8Array | null, StoreFailure>> =>
    this.#read(async () => bytesOrNull(await this.#database.get(table, key)));

  readonly load = (table: Table): Promise<Result<ReadonlyMap<string, Uint8Array>, StoreFailure>> =>
    this.#read(async () => new Map((await this.#rows(table, null)).map(({ key, value }) => [key, value])));

  readonly scan = (table: Table, range: KeyRange): Promise<Result<readonly Row[], StoreFailure>> =>
    this.#read(async () => {
      const { from, below, reverse, limit } = range;
      if (limit === 0 || (from !== undefined && below !== undefined && from >= below)) return [];
      return reverse === true
        ? this.#rowsFromEnd(table, idbRange(range), limit ?? Infinity)
        : this.#rows(table, idbRange(range), limit);
    });

  readonly commit = async (writes: readonly Write[]): Promise<Result<void, StoreFailure>> =>
    this.#end === null ? this.#commits.run(() => this.#write(writes)) : err(this.#end);

  readonly rewrite: Rewrite = async (run) =>
    this.#end === null ? this.#commits.run(() => this.#rewrite(run)) : err(this.#end);

  readonly close = async (): Promise<void> => {
    this.#end ??= { code: 'closed', detail: this.#database.name };
    await this.#commits.idle();
    this.#database.close();
  };

  async #write(writes: readonly Write[]): Promise<Result<void, StoreFailure>> {
    const tables = [FENCE, ...new Set(writes.map(({ table }) => table))];
    try {
      if (writes.length === 0) {
        if (!(await holdsFence(this.#database, this.#fence))) this.#fencedOut();
        return this.#end === null ? ok(undefined) : err(this.#end);
      }
      const transaction = this.#database.transaction(tables, 'readwrite', { durability: 'strict' });
      const done = transaction.done;
      try {
        fenced(transaction, this.#fence, () => this.#fencedOut());
        ask(transaction, writes);
      } catch (error) {
        // Without this the browser would commit the part that was asked for.
        abort(transaction);
        await done.catch(() => {});
        throw error;
      }
      await done;
      return ok(undefined);
    } catch (error) {
      return err(this.#failure(error));
    }
  }

  async #rewrite(run: Parameters<Rewrite>[0]): Promise<Result<void, StoreFailure>> {
    try {
      const transaction = this.#database.transaction([FENCE, ...TABLES], 'readwrite', {
        durability: 'strict',
      });
      // No promise but one of the transaction itself is waited for in it: it would end meanwhile.
      const done = transaction.done.then(
        () => null,
        (error: unknown) => this.#failure(error),
      );
      fenced(transaction, this.#fence, () => this.#fencedOut(), false);
      const ran = await run({
        get: async (table, key) => {
          try {
            return ok(bytesOrNull(await transaction.objectStore(table).get(key)));
          } catch (error) {
            return err(this.#failure(error));
          }
        },
        write: (writes) => ask(transaction, writes),
      }).catch((error: unknown) => err(this.#failure(error)));
      if (ran.ok) transaction.commit();
      else abort(transaction);
      const failure = await done;
      // Where the browser ended it, what was asked of it then failed for that alone.
      return failure !== null && (ran.ok || transaction.error !== null) ? err(failure) : ran;
    } catch (error) {
      return err(this.#failure(error));
    }
  }

  async #read<T>(read: () => Promise<T>): Promise<Result<T, StoreFailure>> {
    if (this.#end !== null) return err(this.#end);
    try {
      return ok(await read());
    } catch (error) {
      return err(this.#failure(error));
    }
  }

  #fencedOut(): void {
    this.lose('another tab took the wallet over', 'fenced');
  }

  #failure(error: unknown): StoreFailure {
    if (this.#end !== null && this.#end.code !== 'closed') return this.#end;
    return error instanceof NotOurs ? { code: 'corrupt', detail: error.message } : failureOf(error);
  }

  async #rows(table: Table, range: IDBKeyRange | null, limit?: number): Promise<Row[]> {
    const rows = this.#database.transaction(table).store;
    const [keys, values] = await Promise.all([rows.getAllKeys(range, limit), rows.getAll(range, limit)]);
    return keys.map((key, i) => rowOf(key, values[i]));
  }

  async #rowsFromEnd(table: Table, range: IDBKeyRange | null, limit: number): Promise<Row[]> {
    const found: Row[] = [];
    const { store } = this.#database.transaction(table);
    let cursor = await store.openCursor(range, 'prev');
    while (cursor !== null && found.length < limit) {
      found.push(rowOf(cursor.key, cursor.value));
      cursor = await cursor.continue();
    }
    return found;
  }
}

function ask(transaction: IDBPTransaction<unknown, string[], 'readwrite'>, writes: readonly Write[]): void {
  for (const write of writes) {
    // The bare object store: thousands of requests need no promise each, `done` tells of them all.
    const rows = unwrap(transaction.objectStore(write.table));
    if (write.op === 'put') rows.put(exact(write.value), write.key);
    else rows.delete(write.key);
  }
}

/** It may have ended by itself meanwhile, which is why we are here. */
function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort();
  } catch {
    return;
  }
}

/** A row that this program never writes. */
class NotOurs extends Error {
  override readonly name = 'NotOurs';
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new NotOurs('a value is not bytes');
}

const bytesOrNull = (value: unknown): Uint8Array | null => (value === undefined ? null : bytesOf(value));

function rowOf(key: unknown, value: unknown): Row {
  if (typeof key !== 'string') throw new NotOurs('a key is not text');
  return { key, value: bytesOf(value) };
}

/** A view into a larger buffer would be stored with all of that buffer. */
const exact = (value: Uint8Array): Uint8Array =>
  value.byteLength === value.buffer.byteLength ? value : value.slice();

function idbRange({ from, below }: KeyRange): IDBKeyRange | null {
  if (from !== undefined && below !== undefined) return IDBKeyRange.bound(from, below, false, true);
  if (from !== undefined) return IDBKeyRange.lowerBound(from);
  return below === undefined ? null : IDBKeyRange.upperBound(below, true);
}
