import type { Table } from '../../base/write.ts';

/**
 * What stands in table `meta` beside the sealed records, under names that no sealed row has: a row's name is 22
 * characters long.
 */
export const KEYRING = 'keyring';
export const MANIFEST = 'manifest';

export const isReserved = (table: Table, name: string): boolean =>
  table === 'meta' && (name === KEYRING || name === MANIFEST);
