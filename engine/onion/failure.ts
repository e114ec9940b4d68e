import { bytes, restBytes, varBytes } from '../codec/bytes.ts';
import { build, parse, type Field } from '../codec/field.ts';
import { bigsize, u16 } from '../codec/integers.ts';
import type { InferFields, Simplify } from '../codec/struct.ts';
import { blockHeight32, msatU64 } from '../codec/units.ts';

// BOLT 4 §Failure Messages: "The top byte of failure_code can be read as a set of flags"
/** Unparsable onion encrypted by sending peer. */
export const BADONION = 0x8000;
/** Permanent failure (otherwise transient). */
export const PERM = 0x4000;
/** Node failure (otherwise channel). */
export const NODE = 0x2000;
/** Channel forwarding parameter was violated. */
export const UPDATE = 0x1000;

type Declared = { readonly code: number; readonly fields: { readonly [name: string]: Field<unknown> } };

const NOTHING = {};
const ONION_HASH = { sha256OfOnion: bytes(32) };
/** Empty or a channel_update, with or without its message type: nodes differ. */
const CHANNEL_UPDATE = { channelUpdate: varBytes };

const FAILURES = {
  temporary_node_failure: { code: NODE | 2, fields: NOTHING },
  permanent_node_failure: { code: PERM | NODE | 2, fields: NOTHING },
  required_node_feature_missing: { code: PERM | NODE | 3, fields: NOTHING },
  invalid_onion_version: { code: BADONION | PERM | 4, fields: ONION_HASH },
  invalid_onion_hmac: { code: BADONION | PERM | 5, fields: ONION_HASH },
  invalid_onion_key: { code: BADONION | PERM | 6, fields: ONION_HASH },
  temporary_channel_failure: { code: UPDATE | 7, fields: CHANNEL_UPDATE },
  permanent_channel_failure: { code: PERM | 8, fields: NOTHING },
  required_channel_feature_missing: { code: PERM | 9, fields: NOTHING },
  unknown_next_peer: { code: PERM | 10, fields: NOTHING },
  amount_below_minimum: { code: UPDATE | 11, fields: { htlcAmount: msatU64, ...CHANNEL_UPDATE } },
  fee_insufficient: { code: UPDATE | 12, fields: { htlcAmount: msatU64, ...CHANNEL_UPDATE } },
  incorrect_cltv_expiry: { code: UPDATE | 13, fields: { cltvExpiry: blockHeight32, ...CHANNEL_UPDATE } },
  expiry_too_soon: { code: UPDATE | 14, fields: CHANNEL_UPDATE },
  incorrect_or_unknown_payment_details: {
    code: PERM | 15,
    fields: { htlcAmount: msatU64, height: blockHeight32 },
  },
  final_incorrect_cltv_expiry: { code: 18, fields: { cltvExpiry: blockHeight32 } },
  final_incorrect_htlc_amount: { code: 19, fields: { incomingHtlcAmount: msatU64 } },
  channel_disabled: { code: UPDATE | 20, fields: { disabledFlags: u16, ...CHANNEL_UPDATE } },
  expiry_too_far: { code: 21, fields: NOTHING },
  invalid_onion_payload: { code: PERM | 22, fields: { type: bigsize, offset: u16 } },
  mpp_timeout: { code: 23, fields: NOTHING },
  invalid_onion_blinding: { code: BADONION | PERM | 24, fields: ONION_HASH },
} as const satisfies { readonly [name: string]: Declared };

export type FailureName = keyof typeof FAILURES;

/** A failure message of BOLT 4, by its spec name. `unknown` is a code of another spec, or one whose data is cut off. */
export type Failure =
  | {
      [N in FailureName]: Simplify<{ readonly name: N } & InferFields<(typeof FAILURES)[N]['fields']>>;
    }[FailureName]
  | { readonly name: 'unknown'; readonly code: number; readonly data: Uint8Array };

const BY_CODE = new Map<number, readonly [string, Declared]>(
  Object.entries(FAILURES).map(([name, declared]) => [declared.code, [name, declared]]),
);

/** Every code that this module knows, by name. */
export const FAILURE_CODES: Readonly<Record<FailureName, number>> = Object.fromEntries(
  Object.entries(FAILURES).map(([name, { code }]) => [name, code]),
) as Record<FailureName, number>;

export const failureCode = (failure: Failure): number =>
  failure.name === 'unknown' ? failure.code : FAILURES[failure.name].code;

export const isPermanent = (code: number): boolean => (code & PERM) !== 0;

/** `failuremsg`: the code and its data. */
export function encodeFailure(failure: Failure): Uint8Array {
  return build((writer) => {
    writer.u16(failureCode(failure));
    if (failure.name === 'unknown') return writer.bytes(failure.data);
    const values: Readonly<Record<string, unknown>> = failure;
    const fields: Declared['fields'] = FAILURES[failure.name].fields;
    for (const [name, field] of Object.entries(fields)) field.write(writer, values[name]);
  });
}

/** Never fails: a message too short for its code is `unknown` with that code, one without a code has code 0. */
export function decodeFailure(message: Uint8Array): Failure {
  const code = ((message[0] ?? 0) << 8) | (message[1] ?? 0);
  const unknown: Failure = { name: 'unknown', code, data: message.slice(2) };
  const declared = BY_CODE.get(code);
  if (declared === undefined) return unknown;
  const [name, { fields }] = declared;
  const decoded = parse(message, (reader) => {
    reader.skip(2);
    const failure: Record<string, unknown> = { name };
    for (const [key, field] of Object.entries(fields)) failure[key] = field.read(reader);
    // BOLT 4 §Receiving Failure Codes: "MUST ignore any extra bytes in failuremsg."
    restBytes.read(reader);
    return failure as Failure;
  });
  return decoded.ok ? decoded.value : unknown;
}
