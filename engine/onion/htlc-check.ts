import type { BlockDelta, BlockHeight, Msat } from '../base/units.ts';
import type { Failure } from './failure.ts';
import type { Forward, OnionHtlc, Receive } from './instruction.ts';

/** BOLT 4 §max_htlc_cltv Selection: "This max_htlc_cltv value is defined as 2016 blocks". */
export const MAX_HTLC_CLTV = 2016;

/** An HTLC that expires within so many blocks is not offered any more: it could time out before it is committed. */
const GRACE_BLOCKS = 3;

type IncomingHtlc = Pick<OnionHtlc, 'amount' | 'cltvExpiry'>;

/** The one answer to a payment that we do not want or do not know; it tells a prober nothing. */
export const unknownPayment = (htlc: IncomingHtlc, height: BlockHeight): Failure => ({
  name: 'incorrect_or_unknown_payment_details',
  htlcAmount: htlc.amount,
  height,
});

/**
 * What is wrong with an HTLC that ends here, by what its payer wrote into the onion; null when nothing is.
 * BOLT 4 §payload format, §Requirements: "If it is the final node".
 * @param skimmed what our peer may keep of the HTLC because we agreed to it (bLIP 25); 0 otherwise.
 */
export function finalFailure(
  htlc: IncomingHtlc,
  receive: Pick<Receive, 'amount' | 'cltvExpiry'>,
  height: BlockHeight,
  minFinalCltvExpiryDelta: BlockDelta,
  skimmed: Msat | 0n = 0n,
): Failure | null {
  // "incoming cltv_expiry < outgoing_cltv_value"; §Failure Messages: "MUST return final_incorrect_cltv_expiry error."
  if (htlc.cltvExpiry < receive.cltvExpiry)
    return { name: 'final_incorrect_cltv_expiry', cltvExpiry: htlc.cltvExpiry };
  // "incoming amount_msat < amt_to_forward"; §Failure Messages: "MUST return a final_incorrect_htlc_amount error."
  if (htlc.amount + skimmed < receive.amount)
    return { name: 'final_incorrect_htlc_amount', incomingHtlcAmount: htlc.amount };
  // "incoming cltv_expiry < current_block_height + min_final_cltv_expiry_delta"; §Failure Messages: "if the cltv_expiry
  // value is unreasonably near the present: … MUST return an incorrect_or_unknown_payment_details error."
  if (htlc.cltvExpiry < height + minFinalCltvExpiryDelta) return unknownPayment(htlc, height);
  return null;
}

/** What an outgoing channel asks of an HTLC that is forwarded over it. */
export type RelayPolicy = {
  readonly feeBase: Msat;
  readonly feeProportionalMillionths: number;
  readonly cltvExpiryDelta: BlockDelta;
  readonly htlcMinimum: Msat;
};

// BOLT 7 §HTLC Fees: "fee_base_msat + ( amount_to_forward * fee_proportional_millionths / 1000000 )"
export const relayFee = (
  { feeBase, feeProportionalMillionths }: Pick<RelayPolicy, 'feeBase' | 'feeProportionalMillionths'>,
  amount: Msat,
): bigint => feeBase + (amount * BigInt(feeProportionalMillionths)) / 1_000_000n;

/**
 * Why an HTLC cannot be forwarded under `policy`; null when it can. In the order of BOLT 4 §Failure Messages ("SHOULD
 * select the first error it encounters from the list above"). No channel_update is returned: "nodes are expected to
 * transition away from including it".
 */
export function forwardFailure(
  htlc: IncomingHtlc,
  forward: Pick<Forward, 'amount' | 'cltvExpiry'>,
  policy: RelayPolicy,
  height: BlockHeight,
): Failure | null {
  const channelUpdate = new Uint8Array(0);
  // "if the HTLC amount is less than the currently specified minimum amount: report the amount of the outgoing HTLC"
  if (forward.amount < policy.htlcMinimum)
    return { name: 'amount_below_minimum', htlcAmount: forward.amount, channelUpdate };
  // "if the HTLC does NOT pay a sufficient fee: report the amount of the incoming HTLC"
  if (htlc.amount - relayFee(policy, forward.amount) < forward.amount)
    return { name: 'fee_insufficient', htlcAmount: htlc.amount, channelUpdate };
  // "if the incoming cltv_expiry minus the outgoing_cltv_value is below the cltv_expiry_delta for the outgoing channel:
  // report the cltv_expiry of the outgoing HTLC"
  if (htlc.cltvExpiry - forward.cltvExpiry < policy.cltvExpiryDelta)
    return { name: 'incorrect_cltv_expiry', cltvExpiry: forward.cltvExpiry, channelUpdate };
  // "if the cltv_expiry is unreasonably near the present: … return an expiry_too_soon error."
  if (forward.cltvExpiry <= height + GRACE_BLOCKS) return { name: 'expiry_too_soon', channelUpdate };
  // "if the cltv_expiry is more than max_htlc_cltv in the future: return an expiry_too_far error."
  if (htlc.cltvExpiry > height + MAX_HTLC_CLTV) return { name: 'expiry_too_far' };
  return null;
}
