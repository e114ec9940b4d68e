import { txId, type OutPoint } from '../base/ids.ts';
import { msat, sat, type Msat, type Sat, type Scid } from '../base/units.ts';

// bLIP 50 §Common Schemas. Each reader answers null for what is not of its form.

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/**
 * bLIP 50 §Monetary Amounts: "Monetary amounts MUST be encoded as JSON strings containing the decimal text representation of
 * the number of millisatoshis or satoshis."; "LSPS implementations SHOULD internally use an unsigned 64-bit number to
 * represent amounts."
 */
export function readMsat(value: unknown): Msat | null {
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) return null;
  const amount = BigInt(value);
  return amount > U64_MAX ? null : msat(amount);
}

/** 21 million bitcoin. */
const MOST_SAT = 2_100_000_000_000_000n;

/** As `readMsat`, in whole satoshis, and no more than there are. */
export function readSat(value: unknown): Sat | null {
  const amount = readMsat(value);
  return amount === null || amount > MOST_SAT ? null : sat(amount);
}

/**
 * bLIP 50 §Outpoints: "It MUST be encoded as a JSON string in the `txid:output_index` format." bLIP 50 §Transaction IDs: "MUST
 * be encoded as a 64 character HEX string." bLIP 50 §Output Index: "It is a maximum of 16 bits (2 bytes)."
 */
export function readOutPoint(value: unknown): OutPoint | null {
  const parts = typeof value === 'string' ? /^([0-9a-f]{64}):(\d{1,5})$/i.exec(value) : null;
  if (parts === null) return null;
  const index = Number(parts[2]);
  return index > 0xffff ? null : { txId: txId((parts[1] ?? '').toLowerCase()), index };
}

export const writeMsat = (amount: Msat): string => amount.toString();

/**
 * A whole number of JSON, from 0 to `most`. bLIP 50 §Proportional / Parts-per-million: "Parts-per-million units MUST be encoded
 * as JSON integral numbers." bLIP 50 §On-chain Feerates: "On-chain feerates MUST be encoded as JSON integral numbers."
 */
export const readWhole = (value: unknown, most: number): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most ? value : null;

const DATETIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Unix seconds, rounded down.
 * DIVERGES from bLIP 50 §Datetimes: "MUST be encoded as a JSON string containing the ISO 8601 format". Without
 * thousandths, or with +00:00, is understood too: lightning-liquidity writes what RFC 3339 allows.
 */
export function readDatetime(value: unknown): number | null {
  if (typeof value !== 'string' || !DATETIME.test(value)) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) || time < 0 ? null : Math.floor(time / 1000);
}

/**
 * bLIP 50 §Short Channel Identifiers: "SCIDs MUST be encoded as a JSON string containing the […] format of `BBBxTTTxOOO`".
 */
export function readScid(value: unknown): Scid | null {
  if (typeof value !== 'string') return null;
  const parts = /^(\d{1,8})x(\d{1,8})x(\d{1,5})$/.exec(value);
  if (parts === null) return null;
  const [block, index, output] = [BigInt(parts[1] ?? ''), BigInt(parts[2] ?? ''), BigInt(parts[3] ?? '')];
  if (block > 0xff_ffffn || index > 0xff_ffffn || output > 0xffffn) return null;
  return ((block << 40n) | (index << 16n) | output) as Scid;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
