import type { Write } from '../../engine/base/write.ts';
import type { Store } from '../../engine/storage/store.ts';

/** Counts what is handed to a store: commits, and the bytes of keys and values. */
export class CountingStore implements Store {
  bytesWritten = 0;
  commits = 0;
  readonly get: Store['get'];
  readonly load: Store['load'];
  readonly scan: Store['scan'];
  readonly close: Store['close'];
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    this.get = store.get;
    this.load = store.load;
    this.scan = store.scan;
    this.close = store.close;
  }

  readonly commit = (writes: readonly Write[]): ReturnType<Store['commit']> => {
    this.commits++;
    for (const write of writes)
      this.bytesWritten += write.key.length + (write.op === 'put' ? write.value.length : 0);
    return this.#store.commit(writes);
  };
}
