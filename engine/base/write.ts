/**
 * What domain code asks the store to do. Machines return writes; only the node hands them to a store, all the writes
 * of one event in one transaction.
 */
export type Table =
  | 'meta'
  | 'wallet'
  | 'chain'
  | 'peer'
  | 'channel'
  | 'htlc'
  | 'shachain'
  | 'monitor'
  | 'payment'
  | 'invoice'
  | 'event'
  | 'outbox';

export type Write =
  | { readonly op: 'put'; readonly table: Table; readonly key: string; readonly value: Uint8Array }
  | { readonly op: 'delete'; readonly table: Table; readonly key: string };

export const put = (table: Table, key: string, value: Uint8Array): Write => ({
  op: 'put',
  table,
  key,
  value,
});
export const remove = (table: Table, key: string): Write => ({ op: 'delete', table, key });
