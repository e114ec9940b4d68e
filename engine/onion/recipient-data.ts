import { point, restBytes } from '../codec/bytes.ts';
import { decode, encode, mapped, type Infer } from '../codec/field.ts';
import { tu32, u32 } from '../codec/integers.ts';
import { struct } from '../codec/struct.ts';
import { tlv, tlvs } from '../codec/tlv.ts';
import { blockDelta16, blockHeight32, msatTu64, scid } from '../codec/units.ts';
import { msat } from '../base/units.ts';

const msatTu32 = mapped(
  tu32,
  (amount) => msat(amount),
  (amount) => Number(amount),
);

/** BOLT 4 §Inside encrypted_recipient_data: `encrypted_data_tlv`. */
const stream = tlvs({
  padding: tlv(1, restBytes),
  shortChannelId: tlv(2, scid),
  nextNodeId: tlv(4, point),
  pathId: tlv(6, restBytes),
  nextPathKeyOverride: tlv(8, point),
  paymentRelay: tlv(
    10,
    struct({ cltvExpiryDelta: blockDelta16, feeProportionalMillionths: u32, feeBase: msatTu32 }),
  ),
  paymentConstraints: tlv(12, struct({ maxCltvExpiry: blockHeight32, htlcMinimum: msatTu64 })),
  allowedFeatures: tlv(14, restBytes),
});

export type RecipientData = Infer<typeof stream>;

export const encodeRecipientData = (data: RecipientData): Uint8Array => encode(stream, data);

/**
 * All of one length. BOLT 4 §Route Blinding: "The padding field can be used to ensure that all encrypted_recipient_data
 * have the same length."
 */
export function encodeAlike(data: readonly RecipientData[]): readonly Uint8Array[] {
  const bare = data.map((one) => encodeRecipientData({ ...one, padding: new Uint8Array(0) }));
  const longest = Math.max(...bare.map(({ length }) => length));
  return data.map((one, i) =>
    encodeRecipientData({ ...one, padding: new Uint8Array(longest - (bare[i]?.length ?? 0)) }),
  );
}

/** Null when it is no TLV stream of this kind, or holds an unknown even record. */
export function decodeRecipientData(data: Uint8Array): RecipientData | null {
  const decoded = decode(stream, data);
  return decoded.ok ? decoded.value : null;
}
