import type { Snapshots, Topic } from '../engine/node/api.ts';

type Listener<T extends Topic> = (snapshot: Snapshots[T]) => void;
/** Reads one topic whole, from local state. */
export type ReadSnapshot = <T extends Topic>(topic: T) => Promise<Snapshots[T]>;

/** About a frame: bursts of changes become one snapshot. */
const INTERVAL_MS = 16;

/** Tells listeners of each topic the newest snapshot, at most once a frame, and only when it differs from the last. */
export class SnapshotFeed {
  readonly #listeners = new Map<Topic, Map<object, (snapshot: unknown) => void>>();
  readonly #last = new Map<Topic, string>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #read: ReadSnapshot | null = null;
  /** Being read: a read waits while the disk does not take what is in memory. True: something changed since. */
  readonly #reading = new Map<Topic, boolean>();

  /** Where snapshots come from from now on; null while no wallet is open. */
  attach(read: ReadSnapshot | null): void {
    this.#read = read;
    this.#last.clear();
    // At once: whoever opened the page waits for the first of them.
    this.#publishAll();
  }

  watch<T extends Topic>(topic: T, listener: Listener<T>): () => void {
    const key = {};
    const listeners = this.#listeners.get(topic) ?? new Map<object, (snapshot: unknown) => void>();
    this.#listeners.set(topic, listeners);
    listeners.set(key, listener as (snapshot: unknown) => void);
    this.#last.delete(topic);
    void this.#publish(topic);
    return () => listeners.delete(key);
  }

  changed(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#publishAll();
    }, INTERVAL_MS);
  }

  #publishAll(): void {
    for (const topic of this.#listeners.keys()) void this.#publish(topic);
  }

  async #publish(topic: Topic): Promise<void> {
    const read = this.#read;
    if (read === null || !this.#listeners.get(topic)?.size) return;
    if (this.#reading.has(topic)) {
      this.#reading.set(topic, true);
      return;
    }
    this.#reading.set(topic, false);
    try {
      this.#say(topic, read, await read(topic));
    } catch {
      // The node ended; whoever comes after it tells of its changes.
    }
    const again = this.#reading.get(topic) === true || read !== this.#read;
    this.#reading.delete(topic);
    if (again) this.changed();
  }

  #say(topic: Topic, read: ReadSnapshot, snapshot: unknown): void {
    const text = JSON.stringify(snapshot, (_key, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
    if (read !== this.#read || this.#last.get(topic) === text) return;
    this.#last.set(topic, text);
    for (const listener of this.#listeners.get(topic)?.values() ?? []) listener(snapshot);
  }
}
