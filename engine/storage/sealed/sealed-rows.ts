import { equalBytes } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Table } from '../../base/write.ts';
import type { Store, StoreFailure } from '../store.ts';
import type { Manifest } from './manifest.ts';
import { isReserved } from './place.ts';
import type { SealKeys } from './seal-keys.ts';
import { openRow, type OpenedRow } from './sealed-record.ts';
import { SetSum } from './set-sum.ts';

/** Records read at once: a table of any length takes no more memory than this, and what `take` keeps of it. */
export const PAGE = 500;

/**
 * Gives each row of a table to `take`, in no order. Fails unless they are those which the manifest names, each as it
 * names it: that is known once all are read, and until then what was taken is worth nothing.
 */
export async function readTable(
  inner: Store,
  keys: SealKeys,
  manifest: Manifest,
  table: Table,
  take: (row: OpenedRow) => void,
): Promise<Result<void, StoreFailure>> {
  let sum = new SetSum();
  for (let from: string | null = ''; from !== null;) {
    const page = await inner.scan(table, { from, limit: PAGE });
    if (!page.ok) return err({ ...page.error, table });
    for (const { key: name, value } of page.value) {
      if (isReserved(table, name)) continue;
      const row = openRow(keys, table, name, value);
      if (!row.ok) return row;
      sum = sum.with(keys.markOf(table, name, row.value.version));
      take(row.value);
    }
    const last = page.value.at(-1);
    from = last === undefined || page.value.length < PAGE ? null : `${last.key}\u0000`;
  }
  const expected = manifest.sums.get(table) ?? new SetSum();
  if (sum.count === expected.count && equalBytes(sum.sum, expected.sum)) return ok(undefined);
  const detail = `${table}: records are missing or older than they should be (${sum.count} of ${expected.count})`;
  return err({ code: 'corrupt', detail, table });
}
