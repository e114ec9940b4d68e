import { err, ok, type Result } from '../base/result.ts';
import type { Table, Write } from '../base/write.ts';
import type { KeyRange, Row, Store, StoreFailure } from './store.ts';

/** Everything that a store holds, as plain data: survives structured clone. */
export type Snapshot = ReadonlyMap<Table, ReadonlyMap<string, Uint8Array>>;

/** Keeps records as long as the process lives. */
export class MemoryStore implements Store {
  readonly #tables = new Map<Table, Map<string, Uint8Array>>();
  #closed = false;

  /** Starts with a copy of `snapshot`. */
  constructor(snapshot: Snapshot = new Map()) {
    for (const [table, rows] of snapshot) {
      const copy = this.#rows(table);
      for (const [key, value] of rows) copy.set(key, value.slice());
    }
  }

  /** A copy of everything. */
  snapshot(): Snapshot {
    return new Map(
      [...this.#tables].map(([table, rows]) => [
        table,
        new Map([...rows].map(([key, value]) => [key, value.slice()])),
      ]),
    );
  }

  readonly get = (table: Table, key: string): Promise<Result<Uint8Array | null, StoreFailure>> =>
    this.#answer(() => this.#rows(table).get(key)?.slice() ?? null);

  readonly load = (table: Table): Promise<Result<ReadonlyMap<string, Uint8Array>, StoreFailure>> =>
    this.#answer(() => new Map(this.#select(table, {}).map(({ key, value }) => [key, value])));

  readonly scan = (table: Table, range: KeyRange): Promise<Result<readonly Row[], StoreFailure>> =>
    this.#answer(() => this.#select(table, range));

  readonly commit = (writes: readonly Write[]): Promise<Result<void, StoreFailure>> =>
    this.#answer(() => {
      for (const write of writes) {
        if (write.op === 'put') this.#rows(write.table).set(write.key, write.value.slice());
        else this.#rows(write.table).delete(write.key);
      }
    });

  readonly close = (): Promise<void> => {
    this.#closed = true;
    return Promise.resolve();
  };

  #answer<T>(read: () => T): Promise<Result<T, StoreFailure>> {
    return Promise.resolve(this.#closed ? err({ code: 'closed', detail: 'memory store' }) : ok(read()));
  }

  #select(table: Table, { from, below, reverse, limit }: KeyRange): Row[] {
    const keys = [...this.#rows(table).keys()].filter(
      (key) => (from === undefined || key >= from) && (below === undefined || key < below),
    );
    keys.sort();
    if (reverse === true) keys.reverse();
    return keys.slice(0, limit).flatMap((key) => {
      const value = this.#rows(table).get(key);
      return value === undefined ? [] : [{ key, value: value.slice() }];
    });
  }

  #rows(table: Table): Map<string, Uint8Array> {
    const rows = this.#tables.get(table) ?? new Map<string, Uint8Array>();
    this.#tables.set(table, rows);
    return rows;
  }
}
