import { err, ok, type Result } from '../base/result.ts';
import type { Write } from '../base/write.ts';
import { CommitQueue } from '../storage/commit-queue.ts';
import { MemoryStore, type Snapshot } from '../storage/memory-store.ts';
import type { Store, StoreFailure } from '../storage/store.ts';

/** What becomes of one commit. */
export type Fate =
  | { readonly tag: 'fail'; readonly failure: StoreFailure }
  /** The process dies before anything is written: the commit is never answered, and nothing after it is. */
  | { readonly tag: 'crash-before' }
  /** The process dies with everything written, before anybody is told. */
  | { readonly tag: 'crash-after' };

/** A new one for each who waits: one for all would hold on to all of them for ever. */
const never = (): Promise<never> => new Promise(() => {});

/**
 * A store on a machine that fails on command: commits can be refused, held back, or end the process. What a crash left
 * is what `restart` and `stateAfter` start from.
 */
export class CrashStore implements Store {
  readonly #disk: MemoryStore;
  readonly #before: Snapshot;
  readonly #durable: (readonly Write[])[] = [];
  readonly #fates = new Map<number, Fate>();
  readonly #queue = new CommitQueue();
  #standing: StoreFailure | null = null;
  #asked = 0;
  #dead = false;
  #announceDeath: () => void = () => {};
  #gate: Promise<void> | null = null;
  #openGate: () => void = () => {};

  /** Resolves when the process dies. */
  readonly crashed = new Promise<void>((resolve) => {
    this.#announceDeath = resolve;
  });

  constructor(snapshot: Snapshot = new Map()) {
    this.#disk = new MemoryStore(snapshot);
    this.#before = snapshot;
  }

  /** Decides on the commit that is `ahead` commits from now; 0 is the next. */
  plan(fate: Fate, ahead = 0): void {
    this.#fates.set(this.#asked + ahead, fate);
  }

  /** Forgets what was planned. */
  spare(): void {
    this.#fates.clear();
  }

  /** Every commit fails from now on, until this is called with null. */
  refuse(failure: StoreFailure | null): void {
    this.#standing = failure;
  }

  /** Commits wait, unanswered, until `release`. */
  hold(): void {
    this.#gate ??= new Promise((resolve) => {
      this.#openGate = resolve;
    });
  }

  release(): void {
    this.#gate = null;
    this.#openGate();
  }

  /** The process dies now, between commits. */
  crash(): void {
    this.#dead = true;
    this.#announceDeath();
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** The commits that became durable, in order. */
  get commits(): readonly (readonly Write[])[] {
    return this.#durable;
  }

  snapshot(): Snapshot {
    return this.#disk.snapshot();
  }

  /** The store as the next process finds it. */
  restart(): CrashStore {
    return new CrashStore(this.snapshot());
  }

  /** The store as it was when the first `count` of its commits were durable. */
  stateAfter(count: number): CrashStore {
    const past = new MemoryStore(this.#before);
    for (const writes of this.#durable.slice(0, count)) void past.commit(writes);
    return new CrashStore(past.snapshot());
  }

  readonly get: Store['get'] = (table, key) => this.#alive(() => this.#disk.get(table, key));
  readonly load: Store['load'] = (table) => this.#alive(() => this.#disk.load(table));
  readonly scan: Store['scan'] = (table, range) => this.#alive(() => this.#disk.scan(table, range));
  readonly commit: Store['commit'] = (writes) => {
    // An empty one writes nothing: no disk is too full for it.
    const fate = writes.length === 0 ? undefined : this.#fates.get(this.#asked++);
    return this.#alive(() => this.#queue.run(() => this.#write(writes, fate)));
  };
  readonly close: Store['close'] = async () => {
    await this.#queue.idle();
    await this.#disk.close();
  };

  #alive<T>(run: () => Promise<T>): Promise<T> {
    return this.#dead ? never() : run();
  }

  async #write(writes: readonly Write[], fate: Fate | undefined): Promise<Result<void, StoreFailure>> {
    await this.#gate;
    if (fate?.tag === 'crash-before') this.crash();
    if (this.#dead) return never();
    const failure = fate?.tag === 'fail' ? fate.failure : this.#standing;
    if (failure !== null && (writes.length > 0 || failure.code !== 'quota')) return err(failure);
    if (writes.length === 0) return ok(undefined);
    const outcome = await this.#disk.commit(writes);
    if (outcome.ok) this.#durable.push(writes);
    if (fate?.tag === 'crash-after') this.crash();
    return this.#dead ? never() : outcome;
  }
}
