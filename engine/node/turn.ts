import type { Write } from '../base/write.ts';

/**
 * What the inputs of one turn asked for, in order: the records of one transaction, and what may happen only once that
 * transaction is durable. There is no way to speak before saving.
 */
export class Turn {
  /** One write for each record: when several inputs changed it, only what the last one made of it is worth its bytes. */
  readonly #writes = new Map<string, Write>();
  readonly effects: (() => void)[] = [];

  #asWriter = false;

  /** Something is to be saved, or to be made sure of, before the effects run. */
  get commits(): boolean {
    return this.#asWriter || this.#writes.size > 0;
  }

  get writes(): readonly Write[] {
    return [...this.#writes.values()];
  }

  write(writes: readonly Write[]): void {
    for (const write of writes) this.#writes.set(`${write.table}/${write.key}`, write);
  }

  /** The effects speak of what is on disk, with nothing to save: they run only while this is still its one writer. */
  asWriter(): void {
    this.#asWriter = true;
  }

  /** `effect` runs after the commit, in the order given. It must be idempotent: a crash before it repeats or repairs it. */
  after(effect: () => void): void {
    this.effects.push(effect);
  }
}
