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

/**
 * A record that is made when it is asked for, once. Of a turn's writes for one record only the last is saved: the others
 * are never made. What `make` reads must not change any more.
 */
export function putLater(table: Table, key: string, make: () => Uint8Array): Write {
  let made: Uint8Array | undefined;
  return {
    op: 'put',
    table,
    key,
    get value() {
      return (made ??= make());
    },
  };
}
