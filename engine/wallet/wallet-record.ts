import { outPointKey } from '../base/ids.ts';
import { put, type Write } from '../base/write.ts';
import { parseTx } from '../bitcoin/tx-parse.ts';
import { serializeTx, type Tx } from '../bitcoin/tx.ts';
import type { TxPurpose } from '../bitcoin/watch.ts';
import { longBytes, point, utf8, varBytes } from '../codec/bytes.ts';
import { bool, enumOf, option } from '../codec/choices.ts';
import { encode, mapped, type Field } from '../codec/field.ts';
import { blockHash, outPoint, txId } from '../codec/ids.ts';
import { u32, varInt } from '../codec/integers.ts';
import { record } from '../codec/record.ts';
import { struct } from '../codec/struct.ts';
import { blockHeight32, satVar, timestampVar } from '../codec/units.ts';
import { BRANCHES, SCRIPT_KINDS, type KeyOrigin } from './key-origin.ts';
import type { Accounts, Reservation, WalletScript, WalletTx } from './wallet-state.ts';

const transaction: Field<Tx> = mapped(
  longBytes,
  (bytes) => {
    const tx = parseTx(bytes);
    return tx.ok ? tx.value : null;
  },
  serializeTx,
);

const placement = struct({ height: blockHeight32, blockHash, index: varInt, time: timestampVar });

// On disk by position: only ever appended to.
const purpose: Field<TxPurpose> = enumOf([
  'funding',
  'mutual-close',
  'local-commitment',
  'anchor-bump',
  'htlc-success',
  'htlc-timeout',
  'penalty',
  'claim',
  'wallet-send',
]);

const branchCounts = struct({ receive: varInt, change: varInt });
/** Key `accounts`. */
export const accountsRecord: Field<Accounts> = record(1, {
  fingerprint: u32,
  xpubs: struct({ p2wpkh: utf8, p2tr: utf8 }),
  next: struct({ p2wpkh: branchCounts, p2tr: branchCounts }),
});

/** Key `script/<kind>/<branch>/<index>`. */
export const scriptRecord: Field<WalletScript> = record(1, {
  kind: enumOf(SCRIPT_KINDS),
  branch: enumOf(BRANCHES),
  index: varInt,
  publicKey: point,
  script: varBytes,
  label: utf8,
});

/** Key `tx/<txid>`. */
export const txRecord: Field<WalletTx> = record(1, {
  tx: transaction,
  at: option(placement),
  firstSeen: timestampVar,
  purpose: option(purpose),
  fee: option(satVar),
  label: utf8,
  replacedBy: option(txId),
  sendsAll: bool,
});

/** Key `reservation/<txid>`. */
export const reservationRecord: Field<Reservation> = record(1, {
  id: txId,
  tx: transaction,
  fee: satVar,
  purpose,
  createdAt: timestampVar,
  sendsAll: bool,
});

/** Key `frozen/<txid>:<index>`. */
export const frozenRecord = record(1, { outPoint });

export const KEYS = {
  accounts: 'accounts',
  script: ({ kind, branch, index }: KeyOrigin): string => `script/${kind}/${branch}/${index}`,
  tx: (id: string): string => `tx/${id}`,
  reservation: (id: string): string => `reservation/${id}`,
  frozen: (at: Parameters<typeof outPointKey>[0]): string => `frozen/${outPointKey(at)}`,
} as const;

export const putRecord = <T>(key: string, field: Field<T>, value: T): Write =>
  put('wallet', key, encode(field, value));
