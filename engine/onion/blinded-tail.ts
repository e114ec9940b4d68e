import { assert } from '../base/assert.ts';
import type { Point } from '../base/ids.ts';
import {
  blockDelta,
  blockHeight,
  msat,
  type BlockDelta,
  type BlockHeight,
  type Msat,
  type Scid,
} from '../base/units.ts';
import { blindPath, type BlindedPath } from './blinding.ts';
import type { RelayPolicy } from './htlc-check.ts';
import { encodePayload } from './payload.ts';
import { encodeAlike, type RecipientData } from './recipient-data.ts';
import type { OnionHop } from './sphinx.ts';

/** BOLT 12 `blinded_payinfo`: what the blinded nodes ask for together, and what they let through. */
type BlindedPayInfo = {
  readonly feeBase: Msat;
  readonly feeProportionalMillionths: number;
  /** The payee's own delay included. */
  readonly cltvExpiryDelta: BlockDelta;
  readonly htlcMinimum: Msat;
  readonly htlcMaximum: Msat;
};

/** The end of a way to a payee that does not say who it is: from the introduction node on. */
export type BlindedTail = { readonly path: BlindedPath; readonly payInfo: BlindedPayInfo };

/** What the last node of a blinded path is told. */
type Arrival = {
  readonly amount: Msat;
  readonly cltvExpiry: BlockHeight;
  /** Of all parts together. */
  readonly total: Msat;
};

/** BOLT 4 §payload format, "The writer of the TLV payload": the layers from the introduction node on. */
export function blindedHops(
  { firstNodeId, firstPathKey, hops }: BlindedPath,
  { amount, cltvExpiry, total }: Arrival,
): readonly OnionHop[] {
  return hops.map(({ blindedNodeId, encryptedRecipientData }, i) => ({
    // BOLT 4 §Route Blinding: "SHOULD create an unblinded onion payment to first_node_id, and include first_path_key as
    // current_path_key."
    nodeId: i === 0 ? firstNodeId : blindedNodeId,
    payload: encodePayload({
      // "MUST include the encrypted_recipient_data provided by the recipient"
      encryptedRecipientData,
      // "For the first node in the blinded route: MUST include the path_key provided by the recipient in
      // current_path_key"
      ...(i === 0 ? { currentPathKey: firstPathKey } : {}),
      // "If it is the final node: MUST include amt_to_forward, outgoing_cltv_value and total_amount_msat."
      ...(i === hops.length - 1
        ? { amtToForward: amount, outgoingCltvValue: cltvExpiry, totalAmount: total }
        : {}),
    }),
  }));
}

/** One node of a path that is to be blinded, before the payee: what it asks for in its channel to the next. */
type RelayHop = {
  readonly nodeId: Point;
  readonly scid: Scid;
  readonly policy: RelayPolicy;
  readonly htlcMaximum: Msat;
};

const MILLION = 1_000_000n;

/** What nodes ask for one after the other, as one: never less than what they take. */
function aggregated(hops: readonly RelayHop[], minFinalCltvExpiryDelta: BlockDelta): BlindedPayInfo {
  let base = 0n;
  let proportional = 0n;
  let delta: number = minFinalCltvExpiryDelta;
  let minimum = 1n;
  let maximum = 2n ** 63n;
  for (const { policy, htlcMaximum } of hops.toReversed()) {
    const rate = BigInt(policy.feeProportionalMillionths);
    // BOLT 4: "total_fee_base_msat(n+1) = (fee_base_msat(n+1) * 1000000 + total_fee_base_msat(n) * (1000000 +
    // fee_proportional_millionths(n+1)) + 1000000 - 1) / 1000000"
    base = (policy.feeBase * MILLION + base * (MILLION + rate) + MILLION - 1n) / MILLION;
    // "total_fee_proportional_millionths(n+1) = ((total_fee_proportional_millionths(n) +
    // fee_proportional_millionths(n+1)) * 1000000 + total_fee_proportional_millionths(n) *
    // fee_proportional_millionths(n+1) + 1000000 - 1) / 1000000"
    proportional = ((proportional + rate) * MILLION + proportional * rate + MILLION - 1n) / MILLION;
    // "total_cltv_delta = cltv_delta(0) + cltv_delta(1) + ... + cltv_delta(n) + min_final_cltv_expiry_delta"
    delta += policy.cltvExpiryDelta;
    if (policy.htlcMinimum > minimum) minimum = policy.htlcMinimum;
    if (htlcMaximum < maximum) maximum = htlcMaximum;
  }
  return {
    feeBase: msat(base),
    feeProportionalMillionths: Number(proportional),
    cltvExpiryDelta: blockDelta(delta),
    htlcMinimum: msat(minimum),
    htlcMaximum: msat(maximum),
  };
}

/**
 * A blinded path that payments may come along.
 * @param pathSecret 32 random bytes.
 * @param relays from the introduction node on; none: the payee introduces itself.
 * @param pathId what we know the path by: secret, and nobody else's to have.
 * @param maxCltvExpiry after this height the path is dead.
 */
export function blindForPayment(
  pathSecret: Uint8Array,
  relays: readonly RelayHop[],
  payee: {
    readonly nodeId: Point;
    readonly pathId: Uint8Array;
    readonly minFinalCltvExpiryDelta: BlockDelta;
  },
  maxCltvExpiry: BlockHeight,
): BlindedTail {
  const payInfo = aggregated(relays, payee.minFinalCltvExpiryDelta);
  assert(payee.pathId.length > 0, 'a path that we would not know');
  // BOLT 4: "adding the final node's min_final_cltv_expiry_delta and then adding
  // encrypted_data_tlv.payment_relay.cltv_expiry_delta at each hop."
  let expiry = maxCltvExpiry + payee.minFinalCltvExpiryDelta;
  const htlcMinimum = payInfo.htlcMinimum;
  const last: RecipientData = {
    pathId: payee.pathId,
    paymentConstraints: { maxCltvExpiry: blockHeight(expiry), htlcMinimum },
  };
  const data: RecipientData[] = [last];
  for (const { scid, policy } of relays.toReversed()) {
    const { cltvExpiryDelta, feeProportionalMillionths, feeBase } = policy;
    expiry += cltvExpiryDelta;
    data.unshift({
      shortChannelId: scid,
      paymentRelay: { cltvExpiryDelta, feeProportionalMillionths, feeBase },
      paymentConstraints: { maxCltvExpiry: blockHeight(expiry), htlcMinimum },
    });
  }
  const nodeIds = [...relays.map(({ nodeId }) => nodeId), payee.nodeId];
  const encoded = encodeAlike(data);
  const { path } = blindPath(
    pathSecret,
    nodeIds.map((nodeId, i) => ({ nodeId, data: encoded[i] ?? new Uint8Array(0) })),
  );
  return { path, payInfo };
}
