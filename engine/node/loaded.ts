import { err, ok, type Result } from '../base/result.ts';
import { put, type Table, type Write } from '../base/write.ts';
import { loadChannels } from '../channel/load.ts';
import type { Durable } from '../channel/state.ts';
import { isFromLater } from '../codec/decode-error.ts';
import { decode, type Field } from '../codec/field.ts';
import { incomingRecord } from '../payment/incoming-record.ts';
import type { IncomingPayment } from '../payment/incoming.ts';
import { outgoingRecord } from '../payment/outgoing-record.ts';
import type { OutgoingPayment } from '../payment/outgoing.ts';
import type { Store } from '../storage/store.ts';
import { loadWallet } from '../wallet/open-wallet.ts';
import type { WalletState } from '../wallet/wallet-state.ts';
import type { Network } from '../base/network.ts';
import type { QueuedEvent } from './api.ts';
import { BACKUP_KEYS, readRows, type BackupRows } from './backup/records.ts';
import { queuedEventRecord } from './event-record.ts';
import { ORDER_KEYS, readOrders } from './lsp/order-record.ts';
import type { KeptOrder } from './lsp/order.ts';
import { peerRecord, type KeptPeer } from './peer-record.ts';
import type { Refusal } from './refusal.ts';
import { searchRecord, STRAYS_KEY } from './strays/record.ts';
import type { Search } from './strays/search.ts';

/** Everything of a node that is on disk. */
export type Loaded = {
  readonly wallet: WalletState | null;
  readonly channels: readonly Durable[];
  readonly outgoing: readonly OutgoingPayment[];
  readonly incoming: readonly IncomingPayment[];
  readonly peers: readonly KeptPeer[];
  readonly events: readonly QueuedEvent[];
  readonly chain: ReadonlyMap<string, Uint8Array>;
  /** The words are older than this disk, and the chain was not looked through for all that they received. */
  readonly restoring: boolean;
  readonly backup: BackupRows;
  /** See `StrayDesk`. */
  readonly strays: Search | null;
  /** Channels bought ahead. */
  readonly orders: readonly KeptOrder[];
};

/** Where that stands: table `meta`. */
export const RESTORE_KEY = 'restore';
export const restoreWrite: Write = put('meta', RESTORE_KEY, Uint8Array.of(1));

type Rows = ReadonlyMap<string, Uint8Array>;

const TABLES = [
  'wallet',
  'chain',
  'peer',
  'channel',
  'htlc',
  'shachain',
  'payment',
  'invoice',
  'event',
] as const;

/** Reads the disk once. A record that cannot be read stops it: nothing is ever taken to be absent because of an error. */
export async function loadAll(store: Store, network: Network): Promise<Result<Loaded, Refusal>> {
  const tables = new Map<Table, Rows>();
  const results = await Promise.all(TABLES.map(async (table) => ({ table, rows: await store.load(table) })));
  for (const { table, rows } of results) {
    if (!rows.ok)
      return err({ code: 'storage-failed', detail: `${table}: ${rows.error.code} ${rows.error.detail}` });
    tables.set(table, rows.value);
  }
  const restore = await store.get('meta', RESTORE_KEY);
  if (!restore.ok) return err({ code: 'storage-failed', detail: `meta: ${restore.error.detail}` });
  const searched = await store.get('meta', STRAYS_KEY);
  if (!searched.ok) return err({ code: 'storage-failed', detail: `meta: ${searched.error.detail}` });
  const strays = searched.value === null ? ok(null) : decode(searchRecord, searched.value);
  if (!strays.ok) return unreadable('meta', STRAYS_KEY, strays.error.code);
  const kept = await store.scan('meta', BACKUP_KEYS);
  if (!kept.ok) return err({ code: 'storage-failed', detail: `meta: ${kept.error.detail}` });
  const backup = readRows(kept.value);
  if (!backup.ok) return unreadable('meta', backup.error.key, backup.error.code);
  const bought = await store.scan('meta', ORDER_KEYS);
  if (!bought.ok) return err({ code: 'storage-failed', detail: `meta: ${bought.error.detail}` });
  const orders = readOrders(bought.value);
  if (!orders.ok) return unreadable('meta', orders.error.key, orders.error.code);
  const rowsOf = (table: Table): Rows => tables.get(table) ?? new Map();

  const wallet = loadWallet(rowsOf('wallet'), network);
  if (!wallet.ok) return unreadable('wallet', wallet.error.key, wallet.error.code);
  const channels = loadChannels(rowsOf);
  if (!channels.ok) return unreadable('channel', channels.error.key, channels.error.code);
  const outgoing = decodeAll('payment', rowsOf('payment'), outgoingRecord);
  if (!outgoing.ok) return outgoing;
  const incoming = decodeAll('invoice', rowsOf('invoice'), incomingRecord);
  if (!incoming.ok) return incoming;
  const peers = decodeAll('peer', rowsOf('peer'), peerRecord);
  if (!peers.ok) return peers;
  const events = decodeAll('event', rowsOf('event'), queuedEventRecord);
  if (!events.ok) return events;
  return ok({
    wallet: wallet.value,
    channels: channels.value,
    outgoing: outgoing.value,
    incoming: incoming.value,
    peers: peers.value,
    events: events.value,
    chain: rowsOf('chain'),
    restoring: restore.value !== null,
    backup: backup.value,
    strays: strays.value,
    orders: orders.value,
  });
}

function decodeAll<T>(table: Table, rows: Rows, field: Field<T>): Result<readonly T[], Refusal> {
  const values: T[] = [];
  for (const [key, bytes] of rows) {
    const decoded = decode(field, bytes);
    if (!decoded.ok) return unreadable(table, key, decoded.error.code);
    values.push(decoded.value);
  }
  return ok(values);
}

const unreadable = (
  table: Table,
  key: string,
  code: string,
): { readonly ok: false; readonly error: Refusal } =>
  err(
    isFromLater(code)
      ? { code: 'storage-too-new', found: 0, known: 0 }
      : { code: 'storage-corrupt', table, detail: `${key}: ${code}` },
  );
