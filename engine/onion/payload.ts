import { blockHeight } from '../base/units.ts';
import { err, ok, type Result } from '../base/result.ts';
import { bytes, point, restBytes, secretBytes } from '../codec/bytes.ts';
import type { DecodeError } from '../codec/decode-error.ts';
import { decode, encode, mapped, type Infer } from '../codec/field.ts';
import { tu32 } from '../codec/integers.ts';
import { struct } from '../codec/struct.ts';
import { rawTlvs, tlv, tlvs, type RawTlv } from '../codec/tlv.ts';
import { msatTu64, scid } from '../codec/units.ts';
import type { Failure } from './failure.ts';

const blockHeightTu32 = mapped(tu32, blockHeight, (height) => height);

/** BOLT 4 §payload format, and the preimage of spontaneous payments (keysend). */
const KNOWN = {
  amtToForward: tlv(2, msatTu64),
  outgoingCltvValue: tlv(4, blockHeightTu32),
  shortChannelId: tlv(6, scid),
  paymentData: tlv(8, struct({ paymentSecret: bytes(32), total: msatTu64 })),
  encryptedRecipientData: tlv(10, restBytes),
  currentPathKey: tlv(12, point),
  paymentMetadata: tlv(16, restBytes),
  totalAmount: tlv(18, msatTu64),
  keysendPreimage: tlv(5_482_373_484, secretBytes(32)),
};
const stream = tlvs(KNOWN);
const isKnown = new Set(Object.values(KNOWN).map(({ type }) => type));
/** By the name that a decode error gives: of the record, or of a field inside it. */
const typeOf = new Map([
  ...Object.entries(KNOWN).map(([name, { type }]) => [name, type] as const),
  ['paymentSecret', KNOWN.paymentData.type] as const,
  ['total', KNOWN.paymentData.type] as const,
]);

/** What a hop finds in its layer of a payment onion. Absent records are absent properties. */
export type PaymentPayload = Infer<typeof stream> & {
  /** Odd records that we do not know, ascending: custom data of the payer. Absent when there are none. */
  readonly custom?: readonly RawTlv[];
};

/** The TLV stream for `buildOnion`. */
export function encodePayload(payload: PaymentPayload): Uint8Array {
  const { custom, ...known } = payload;
  const encoded = encode(stream, known);
  if (custom === undefined || custom.length === 0) return encoded;
  const records = decode(rawTlvs, encoded);
  const all = [...(records.ok ? records.value : []), ...custom];
  return encode(
    rawTlvs,
    all.sort((a, b) => (a.type < b.type ? -1 : 1)),
  );
}

// BOLT 4 §Failure Messages: "If the failure can be narrowed down to a specific tlv type in the payload, the erring node
// may include that type and its byte offset in the decrypted byte stream."
function refused({ field, offset }: DecodeError): Failure {
  const type = typeOf.get(field) ?? BigInt(/^tlv (\d+)$/.exec(field)?.[1] ?? 0);
  return { name: 'invalid_onion_payload', type, offset: Math.min(offset, 0xffff) };
}

/** What a missing or forbidden record is answered with. */
export const invalidPayload = (name: keyof typeof KNOWN): Failure => ({
  name: 'invalid_onion_payload',
  type: KNOWN[name].type,
  offset: 0,
});

/** Form only; what must and must not be there is decided in instruction.ts. */
export function decodePayload(payload: Uint8Array): Result<PaymentPayload, Failure> {
  const known = decode(stream, payload);
  if (!known.ok) return err(refused(known.error));
  const records = decode(rawTlvs, payload);
  if (!records.ok) return err(refused(records.error));
  const custom = records.value.filter(({ type }) => !isKnown.has(type));
  return ok(custom.length === 0 ? known.value : { ...known.value, custom });
}
