import type { MonitorSink } from './library.ts';
import type { LdkStore } from './store.ts';

const MANAGER_KEY = 'manager';
const MONITOR_PREFIX = 'monitor-';

export const savedManager = (store: LdkStore): Uint8Array | null => store.get(MANAGER_KEY);
export const savedMonitors = (store: LdkStore): Uint8Array[] =>
  store.keys(MONITOR_PREFIX).flatMap((key) => store.get(key) ?? []);

/**
 * What LDK changed and nobody saved yet. Monitors and manager go into one commit: with a manager older than its monitors
 * LDK would force close at its next start.
 */
export class Journal {
  readonly #store: LdkStore;
  readonly #put = new Map<string, Uint8Array>();
  readonly #remove = new Set<string>();

  constructor(store: LdkStore) {
    this.#store = store;
  }

  monitors(failed: (error: unknown) => void): MonitorSink {
    return {
      save: (key, bytes) => {
        this.#put.set(MONITOR_PREFIX + key, bytes);
        this.#remove.delete(MONITOR_PREFIX + key);
      },
      forget: (key) => {
        this.#put.delete(MONITOR_PREFIX + key);
        this.#remove.add(MONITOR_PREFIX + key);
      },
      failed,
    };
  }

  /** What others keep here takes effect with the manager's next commit: never without what LDK did in the same breath. */
  get beside(): LdkStore {
    return {
      get: (key) => this.#put.get(key) ?? (this.#remove.has(key) ? null : this.#store.get(key)),
      keys: (prefix) => {
        const pending = [...this.#put.keys()].filter((key) => key.startsWith(prefix));
        const saved = this.#store.keys(prefix).filter((key) => !this.#remove.has(key));
        return [...new Set([...saved, ...pending])].toSorted();
      },
      commit: ({ put, remove }) => {
        for (const [key, bytes] of put) {
          this.#put.set(key, bytes);
          this.#remove.delete(key);
        }
        for (const key of remove) {
          this.#put.delete(key);
          this.#remove.add(key);
        }
      },
    };
  }

  get isEmpty(): boolean {
    return this.#put.size === 0 && this.#remove.size === 0;
  }

  commit(manager: Uint8Array): void {
    this.#put.set(MANAGER_KEY, manager);
    this.#store.commit({ put: this.#put, remove: this.#remove });
    this.#put.clear();
    this.#remove.clear();
  }
}
