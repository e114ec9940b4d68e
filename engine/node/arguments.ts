import { parseNodeId, type ChannelId, type NodeId, type TxId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { msat, sat, type FeeratePerKw, type Msat, type Sat } from '../base/units.ts';
import { decodeUtf8, encodeUtf8 } from '../base/utf8.ts';
import { feerateFromSatPerVb } from '../bitcoin/fee.ts';
import type { FeeChoice, LongestLabel } from './api.ts';
import type { Core } from './core.ts';
import type { Refusal } from './refusal.ts';

// What callers of the API hand in is checked here, field by field: types are gone at the worker's boundary.

/** 21 million bitcoin. */
const MAX_SAT = 2_100_000_000_000_000n;
const MAX_SAT_PER_VB = 10_000;
const MAX_TEXT = 639;

type Checked<T> = Result<T, Refusal>;

export const invalid = (field: string, detail: string): { readonly ok: false; readonly error: Refusal } =>
  err({ code: 'invalid-argument', field, detail });

export function nodeIdArgument(value: unknown): Checked<NodeId> {
  const id = typeof value === 'string' ? parseNodeId(value.trim()) : null;
  return id === null ? invalid('nodeId', 'a node id of 66 hex digits is needed') : ok(id);
}

export function addressArgument(
  host: unknown,
  port: unknown,
): Checked<{ readonly host: string; readonly port: number }> {
  if (typeof host !== 'string' || !/^[^\s/?#@]{1,255}$/.test(host))
    return invalid('host', 'a host is needed');
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535)
    return invalid('port', 'a port from 1 to 65535 is needed');
  return ok({ host, port });
}

export function msatArgument(value: unknown, field: string): Checked<Msat> {
  if (typeof value !== 'bigint') return err({ code: 'invalid-amount', detail: `${field} is not an amount` });
  return value < 1n || value > MAX_SAT * 1000n
    ? err({ code: 'invalid-amount', detail: `${field} is out of range` })
    : ok(msat(value));
}

export function satArgument(value: unknown, field: string): Checked<Sat> {
  if (typeof value !== 'bigint') return err({ code: 'invalid-amount', detail: `${field} is not an amount` });
  return value < 1n || value > MAX_SAT
    ? err({ code: 'invalid-amount', detail: `${field} is out of range` })
    : ok(sat(value));
}

export function hashArgument(value: unknown, field: string): Checked<string> {
  return typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value)
    ? ok(value.toLowerCase())
    : invalid(field, '64 hex digits are needed');
}

export const txIdArgument = (value: unknown): Checked<TxId> => hashArgument(value, 'txId') as Checked<TxId>;
export const channelIdArgument = (value: unknown): Checked<ChannelId> =>
  hashArgument(value, 'channelId') as Checked<ChannelId>;

/** Text of a person: at most what fits into an invoice. */
export function textArgument(value: unknown, field: string, limit = MAX_TEXT): Checked<string> {
  if (typeof value !== 'string') return invalid(field, 'a text is needed');
  if (value.length > limit) return err({ code: 'input-too-long', length: value.length, limit });
  // Half a surrogate pair cannot be written down: what is in memory is what the disk will tell.
  return ok(decodeUtf8(encodeUtf8(value)) ?? '');
}

const LABEL: LongestLabel = 200;
/** The user's own words for a payment or an address. */
export const labelArgument = (value: unknown): Checked<string> => textArgument(value, 'label', LABEL);

/** The fee rate that a choice stands for now. */
export function feerateArgument(core: Core, fee: unknown): Checked<FeeratePerKw> {
  const { urgent, normal, background } = core.feerates;
  const choices: Readonly<Record<Extract<FeeChoice, string>, FeeratePerKw>> = {
    fast: urgent,
    normal,
    slow: background,
  };
  if (typeof fee === 'string' && Object.hasOwn(choices, fee)) return ok(choices[fee as keyof typeof choices]);
  const rate = typeof fee === 'object' && fee !== null && 'satPerVb' in fee ? fee.satPerVb : fee;
  if (typeof rate !== 'number' || !Number.isFinite(rate)) return invalid('fee', 'a fee rate is needed');
  if (rate < 1) return err({ code: 'fee-too-low', minimumSatPerVb: 1 });
  if (rate > MAX_SAT_PER_VB) return err({ code: 'fee-too-high', maximumSatPerVb: MAX_SAT_PER_VB });
  return ok(feerateFromSatPerVb(rate));
}
