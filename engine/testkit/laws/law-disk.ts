import { err, ok, type Result } from '../../base/result.ts';
import type { Table, Write } from '../../base/write.ts';

/** A new one for each who waits: one for all would hold on to all of them, and to their whole worlds, for ever. */
const never = (): Promise<never> => new Promise(() => undefined);

type Outcome = Promise<Result<void, { readonly detail: string }>>;

/** What one node has on disk, and all that can go wrong with writing it. Each run of the node has a disk of its own. */
export class LawDisk {
  readonly #tables: Map<Table, Map<string, Uint8Array>>;
  /** Every commit is refused while this is more than 0; each takes one off. */
  refusals = 0;
  /** The process ends at the commit that is so many commits from now: with it written, or not. */
  crashAt: { ahead: number; readonly written: boolean } | null = null;
  /** The process is gone: what it still asks for is never answered. */
  dead = false;
  /** Caught in the run. */
  readonly bugs: unknown[] = [];

  constructor(tables: ReadonlyMap<Table, ReadonlyMap<string, Uint8Array>>) {
    this.#tables = new Map([...tables].map(([table, rows]) => [table, new Map(rows)]));
  }

  rows(table: Table): ReadonlyMap<string, Uint8Array> {
    return this.#tables.get(table) ?? new Map<string, Uint8Array>();
  }

  /** For the next process. */
  survivor(): LawDisk {
    return new LawDisk(this.#tables);
  }

  commit(writes: readonly Write[]): Outcome {
    if (this.dead) return never();
    if (this.refusals > 0) {
      this.refusals--;
      return Promise.resolve(err({ detail: 'refused' }));
    }
    const dies = this.crashAt !== null && this.crashAt.ahead-- === 0;
    if (!dies || this.crashAt?.written === true) this.#write(writes);
    if (!dies) return Promise.resolve(ok(undefined));
    this.dead = true;
    return never();
  }

  #write(writes: readonly Write[]): void {
    for (const write of writes) {
      const rows = this.#tables.get(write.table) ?? new Map<string, Uint8Array>();
      this.#tables.set(write.table, rows);
      if (write.op === 'delete') rows.delete(write.key);
      else rows.set(write.key, write.value);
    }
  }
}
