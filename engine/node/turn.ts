import type { Write } from '../base/write.ts';

/**
 * What the inputs of one turn asked for, in order: the records of one transaction, and what may happen only once that
 * transaction is durable. There is no way to speak before saving.
 */
export class Turn {
  /** One write for each record: when several inputs changed it, only what the last one made of it is worth its bytes. */
  readonly #writes = new Map<string, Write>();
  readonly effects: (() => void)[] = [];

  get writes(): readonly Write[] {
    return [...this.#writes.values()];
  }

  write(writes: readonly Write[]): void {
    for (const write of writes) this.#writes.set(`${write.table}/${write.key}`, write);
  }

  /** `effect` runs after the commit, in the order given. It must be idempotent: a crash before it repeats or repairs it. */
  after(effect: () => void): void {
    this.effects.push(effect);
  }
}
