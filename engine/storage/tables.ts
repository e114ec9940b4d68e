import type { Table } from '../base/write.ts';

const ALL: Readonly<Record<Table, true>> = {
  meta: true,
  wallet: true,
  chain: true,
  peer: true,
  channel: true,
  htlc: true,
  shachain: true,
  monitor: true,
  payment: true,
  invoice: true,
  event: true,
  outbox: true,
};

export const TABLES = Object.keys(ALL) as readonly Table[];

/**
 * The layout of the store: rises whenever `TABLES` changes, so that a browser makes the new tables and an older program
 * refuses what it does not know. The versions of the records inside are their own.
 *
 * 1: records in the clear. 2: records are sealed, and there is a place for keys of the browser's own. 3: there is a
 * place that says who writes, and every commit looks at it. 4: the same tables, where a row of 'monitor' may be of many
 * HTLCs: an older program would open it, pass such rows over when it punishes, and leave the peer what they tell of.
 */
export const LAYOUT_VERSION = 4;
