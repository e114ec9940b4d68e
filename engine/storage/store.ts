import type { Result } from '../base/result.ts';
import type { Table, Write } from '../base/write.ts';

export type StoreFailure = {
  readonly code:
    /** No room left on the device, or none granted to this site. */
    | 'quota'
    /** What is stored is not what this program writes, or the device cannot read it any more. */
    | 'corrupt'
    /** Written by a newer version of this program: left untouched. */
    | 'newer-version'
    /** Another tab with an older version of this program holds the store open. */
    | 'blocked'
    /** Somebody else opened the store to write: nothing of this commit was written. This store answers nothing any more. */
    | 'fenced'
    /** Another tab needs the store, or the browser dropped it. This store object answers nothing any more. */
    | 'lost'
    | 'closed'
    /** A commit that was asked for before this one failed, so this one was not tried. */
    | 'behind-failed'
    /** Any other refusal of the device or the browser; may pass. */
    | 'unavailable';
  /** For logs: what the platform said. */
  readonly detail: string;
  /** Where the damage is, when that is known. */
  readonly table?: Table;
};

export type Row = { readonly key: string; readonly value: Uint8Array };

/** Keys are in the order of their UTF-16 code units. */
export type KeyRange = {
  /** The lowest key that counts. */
  readonly from?: string;
  /** The lowest key that counts no more. */
  readonly below?: string;
  /** Highest keys first. */
  readonly reverse?: boolean;
  /** At most this many rows. */
  readonly limit?: number;
};

/** What a commit that is made in parts sees of its disk: see `Store.rewrite`. */
export type Rewriting = {
  readonly get: Store['get'];
  readonly write: (writes: readonly Write[]) => void;
};

export type Rewrite = (
  run: (disk: Rewriting) => Promise<Result<void, StoreFailure>>,
) => Promise<Result<void, StoreFailure>>;

/**
 * Where records are kept. Nothing here throws or rejects: what goes wrong is a `StoreFailure`, and a failed read is
 * never an empty one. Values are copied on the way in and on the way out.
 */
export type Store = {
  /** Null when there is no such row. */
  readonly get: (table: Table, key: string) => Promise<Result<Uint8Array | null, StoreFailure>>;
  /** Every row of a table, in the order of keys. */
  readonly load: (table: Table) => Promise<Result<ReadonlyMap<string, Uint8Array>, StoreFailure>>;
  /** Some rows of a table, in the order of keys. */
  readonly scan: (table: Table, range: KeyRange) => Promise<Result<readonly Row[], StoreFailure>>;
  /**
   * All of `writes` in their order, or none of them; durable when it resolves with ok, and seen by every later read.
   * Commits take effect in the order they were asked for: one that fails takes those waiting behind it along. What
   * belongs to several commits that are ready together can be one: concatenate them. An empty one only makes sure that
   * this is still the one writer.
   */
  readonly commit: (writes: readonly Write[]) => Promise<Result<void, StoreFailure>>;
  /**
   * A commit of more than should be held at once: `run` reads and writes by turns, and waits for nothing but what it reads.
   * Nothing of it is written where it gives a failure. Absent where all is held in memory anyway.
   */
  readonly rewrite?: Rewrite;
  /** Waits for commits under way. */
  readonly close: () => Promise<void>;
};
