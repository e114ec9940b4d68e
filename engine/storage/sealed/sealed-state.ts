import type { Random } from '../../base/ports.ts';
import { put, remove, type Table, type Write } from '../../base/write.ts';
import { sealManifest, type Manifest } from './manifest.ts';
import { KEYRING, MANIFEST } from './place.ts';
import type { SealKeys } from './seal-keys.ts';
import { sealRow } from './sealed-record.ts';
import { SetSum } from './set-sum.ts';

/** Version of each row, by table and key. */
export type Versions = Map<Table, Map<string, number>>;

/** A commit as the disk gets it, and what is true once the disk has it. */
export type Sealed = {
  readonly writes: readonly Write[];
  readonly manifest: Manifest;
  /** As it stands on disk. */
  readonly manifestBytes: Uint8Array;
  /** Versions of the rows that it wrote; null: it deleted them. */
  readonly changes: ReadonlyMap<Table, ReadonlyMap<string, number | null>>;
};

/** The commit that follows on `manifest`. `keyring`: when that changes with it. */
export function sealCommit(
  keys: SealKeys,
  manifest: Manifest,
  versions: Versions,
  writes: readonly Write[],
  random: Random,
  keyring: Uint8Array | null = null,
): Sealed {
  const counter = manifest.counter + 1;
  const sums = new Map(manifest.sums);
  const changes = new Map<Table, Map<string, number | null>>();
  const sealed: Write[] = [];
  for (const [table, rows] of lastOfEach(writes)) {
    const changed = new Map<string, number | null>();
    changes.set(table, changed);
    let sum = sums.get(table) ?? new SetSum();
    for (const [key, write] of rows) {
      const name = keys.nameOf(table, key);
      const former = versions.get(table)?.get(key);
      if (former !== undefined) sum = sum.without(keys.markOf(table, name, former));
      if (write.op === 'put') {
        const row = { table, name, key, value: write.value, version: counter };
        sealed.push(put(table, name, sealRow(keys, row, random)));
        sum = sum.with(keys.markOf(table, name, counter));
        changed.set(key, counter);
      } else {
        if (former !== undefined) sealed.push(remove(table, name));
        changed.set(key, null);
      }
    }
    sums.set(table, sum);
  }
  const next: Manifest = { counter, sums, keyring: keyring ?? manifest.keyring };
  const manifestBytes = sealManifest(keys, next, random);
  sealed.push(put('meta', MANIFEST, manifestBytes));
  if (keyring !== null) sealed.push(put('meta', KEYRING, keyring));
  return { writes: sealed, manifest: next, manifestBytes, changes };
}

/** One write for each row: only the last of them is seen by anybody. */
function lastOfEach(writes: readonly Write[]): ReadonlyMap<Table, ReadonlyMap<string, Write>> {
  const last = new Map<Table, Map<string, Write>>();
  for (const write of writes) {
    const rows = last.get(write.table) ?? new Map<string, Write>();
    last.set(write.table, rows);
    rows.set(write.key, write);
  }
  return last;
}
