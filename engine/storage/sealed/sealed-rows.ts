import { equalBytes } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Table } from '../../base/write.ts';
import type { StoreFailure } from '../store.ts';
import type { Manifest } from './manifest.ts';
import { isReserved } from './place.ts';
import type { SealKeys } from './seal-keys.ts';
import { openRow, type OpenedRow } from './sealed-record.ts';
import { SetSum } from './set-sum.ts';

export type OpenedTable = ReadonlyMap<string, OpenedRow>;

/** All rows of a table, by their keys in order, provided that they are those which the manifest names, each as it names it. */
export function openTable(
  keys: SealKeys,
  manifest: Manifest,
  table: Table,
  stored: ReadonlyMap<string, Uint8Array>,
): Result<OpenedTable, StoreFailure> {
  const rows: OpenedRow[] = [];
  let sum = new SetSum();
  for (const [name, bytes] of stored) {
    if (isReserved(table, name)) continue;
    const row = openRow(keys, table, name, bytes);
    if (!row.ok) return row;
    rows.push(row.value);
    sum = sum.with(keys.markOf(table, name, row.value.version));
  }
  const expected = manifest.sums.get(table) ?? new SetSum();
  if (sum.count !== expected.count || !equalBytes(sum.sum, expected.sum)) {
    const detail = `${table}: records are missing or older than they should be (${sum.count} of ${expected.count})`;
    return err({ code: 'corrupt', detail, table });
  }
  rows.sort((a, b) => (a.key < b.key ? -1 : 1));
  return ok(new Map(rows.map((row) => [row.key, row])));
}
