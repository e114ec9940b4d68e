import { bytes, point, secretBytes, varBytes } from '../codec/bytes.ts';
import type { Infer } from '../codec/field.ts';
import { channelId, paymentHash } from '../codec/ids.ts';
import { u16, u64 } from '../codec/integers.ts';
import { message } from '../codec/message.ts';
import { tlv, tlvs } from '../codec/tlv.ts';
import { blockHeight32, feerate32, msatU64 } from '../codec/units.ts';
import { plain } from './meta.ts';

/** Bytes of `onion_routing_packet`. */
export const ONION_LENGTH = 1366;

/** BOLT 2 §Adding an HTLC. */
export const updateAddHtlc = message(
  128,
  'update_add_htlc',
  {
    channelId,
    id: u64,
    amount: msatU64,
    paymentHash,
    cltvExpiry: blockHeight32,
    onion: bytes(ONION_LENGTH),
  },
  tlvs({
    /** The path key for the next hop of a blinded path. */
    blindedPath: tlv(0, point),
    /**
     * What an LSP kept back of the amount. bLIP 25: "type: 65537 (`extra_fee`)". bLIP 52 §5: "The `extra_fee` TLV MUST have a length
     * of 8, and the value is a big-endian 64-bit number".
     */
    extraFee: tlv(65_537, msatU64),
  }),
  plain('update'),
);
export type UpdateAddHtlc = Infer<typeof updateAddHtlc>;

/** Bytes of `attribution_data`: "20*u32: htlc_hold_times", "210*sha256[..4]: truncated_hmacs". Ciphertext but to the payer. */
export const ATTRIBUTION_LENGTH = 920;
const attributionData = bytes(ATTRIBUTION_LENGTH);

// BOLT 2 §Removing an HTLC.

export const updateFulfillHtlc = message(
  130,
  'update_fulfill_htlc',
  { channelId, id: u64, preimage: secretBytes(32) },
  tlvs({ attributionData: tlv(1, attributionData) }),
  plain('update'),
);
export type UpdateFulfillHtlc = Infer<typeof updateFulfillHtlc>;

export const updateFailHtlc = message(
  131,
  'update_fail_htlc',
  { channelId, id: u64, reason: varBytes },
  tlvs({ attributionData: tlv(1, attributionData) }),
  plain('update'),
);
export type UpdateFailHtlc = Infer<typeof updateFailHtlc>;

export const updateFailMalformedHtlc = message(
  135,
  'update_fail_malformed_htlc',
  { channelId, id: u64, onionHash: bytes(32), failureCode: u16 },
  tlvs({}),
  plain('update'),
);
export type UpdateFailMalformedHtlc = Infer<typeof updateFailMalformedHtlc>;

/** BOLT 2 §Updating Fees. */
export const updateFee = message(
  134,
  'update_fee',
  { channelId, feeratePerKw: feerate32 },
  tlvs({}),
  plain('update'),
);
export type UpdateFee = Infer<typeof updateFee>;
