import { fromHex } from '../../engine/base/bytes.ts';
import type { Table } from '../../engine/base/write.ts';
import disk from '../../workers/fixtures/clear-1.json' with { type: 'json' };

export type DiskRow = { readonly table: Table; readonly key: string; readonly value: Uint8Array };

/** The records of a whole wallet that has paid and been paid, as version 1 left them. */
export const CLEAR_DISK: readonly DiskRow[] = disk.rows.map(({ table, key, hex }) => ({
  table: table as Table,
  key,
  value: fromHex(hex),
}));

export const rowsOf = (rows: readonly DiskRow[], table: Table): ReadonlyMap<string, Uint8Array> =>
  new Map(rows.filter((row) => row.table === table).map(({ key, value }) => [key, value]));
