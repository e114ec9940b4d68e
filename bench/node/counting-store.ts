import type { Write } from '../../engine/base/write.ts';
import { MemoryStore } from '../../engine/storage/memory-store.ts';
import type { Store } from '../../engine/storage/store.ts';

/** A store in memory that counts the bytes handed to it: keys and values. */
export class CountingStore implements Store {
  bytesWritten = 0;
  commits = 0;
  readonly #store = new MemoryStore();

  readonly get: Store['get'] = this.#store.get;
  readonly load: Store['load'] = this.#store.load;
  readonly scan: Store['scan'] = this.#store.scan;
  readonly close: Store['close'] = this.#store.close;

  readonly commit = (writes: readonly Write[]): ReturnType<Store['commit']> => {
    this.commits++;
    for (const write of writes)
      this.bytesWritten += write.key.length + (write.op === 'put' ? write.value.length : 0);
    return this.#store.commit(writes);
  };
}
