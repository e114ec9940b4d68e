import { msat } from '../base/units.ts';
import type { IncomingHtlc } from '../channel/htlc.ts';
import type { Failure } from '../onion/failure.ts';
import { finalFailure, unknownPayment } from '../onion/htlc-check.ts';
import type { Receive } from '../onion/instruction.ts';
import { sameMac } from '../onion/mac.ts';
import type { PaymentEnv } from './env.ts';
import { openingFee } from './opening-fee.ts';
import { isComplete, skimmedIn, type HtlcSet, type IncomingPayment } from './incoming.ts';

/** What is wrong with an HTLC that wants to pay `payment`; null when it joins its set. BOLT 4 throughout. */
export function partFailure(
  payment: IncomingPayment,
  set: HtlcSet | null,
  htlc: IncomingHtlc,
  receive: Receive,
  env: PaymentEnv,
): Failure | null {
  // What is held already has come closer to its expiry; it may be held until it must be claimed.
  const isHeld = payment.status.tag === 'claimable';
  const delta = isHeld ? env.config.claimBuffer : payment.minFinalCltvExpiryDelta;
  const skimmed = htlc.skimmedFee ?? 0n;
  if (skimmed > 0n && !maySkim(payment, set, htlc, receive, env)) return unknownPayment(htlc, env.height);
  const final = finalFailure(htlc, receive, env.height, delta, skimmed);
  if (final !== null) return final;
  // bLIP 25: "MUST either accept or reject the HTLC as if it had received `htlc_value + extra_fee`". bLIP 52 §5: "Clients MUST
  // suppress such checks for parts it recognizes as having been received to pay for a JIT Channel open."
  const whole = { ...htlc, amount: msat(htlc.amount + skimmed) };
  return isWanted(payment, set, receive, env) ? null : unknownPayment(whole, env.height);
}

/**
 * Whether our peer may keep what it kept of this part. bLIP 25: "MUST fail the HTLC if they did not expect an extra fee to
 * be taken or if the extra fee taken is too high".
 */
function maySkim(
  { opening, amount }: IncomingPayment,
  set: HtlcSet | null,
  htlc: IncomingHtlc,
  receive: Receive,
  env: PaymentEnv,
): boolean {
  if (opening === undefined) return false;
  const channel = env.channels().find(({ channelId }) => channelId === htlc.channelId);
  if (channel?.peerId !== opening.lsp) return false;
  // It is for a channel that is opened: not for one that was there, nor for one that was paid for.
  if (env.isOwed?.(htlc.channelId) === false) return false;
  // Without an amount there is one part, whose size the LSP's fee was counted from.
  if (amount === null && receive.amount < receive.total) return false;
  const whole = amount ?? receive.total;
  const most = openingFee(opening, whole);
  // A channel that has no room for the payment was opened for something else.
  if (most !== null && channel.capacity !== undefined && channel.capacity * 1000n < whole - most)
    return false;
  const skimmed = htlc.skimmedFee ?? 0n;
  const kept = skimmed + (set === null ? 0n : skimmedIn(set));
  // bLIP 52 §5: "The client MUST check that the sum of all `extra_fee`s in a single multipart payment […] is less than or
  // equal to the `opening_fee`, and that the actual amount of each HTLC is equal to the expected amount in the onion minus
  // the individual `extra_fee`."
  return most !== null && kept <= most && kept <= opening.mostFee && htlc.amount + skimmed === receive.amount;
}

/** Whatever is wrong here has one answer, that of a hash that we do not know. */
function isWanted(payment: IncomingPayment, set: HtlcSet | null, receive: Receive, env: PaymentEnv): boolean {
  // §Failure Messages: "if the payment hash has already been paid: MAY treat the payment hash as unknown."
  const { status } = payment;
  if (status.tag === 'received' || status.tag === 'failed') return false;
  // BOLT 11 §Payer / Payee Requirements: "after the timestamp plus expiry has passed: SHOULD NOT accept a payment." What
  // was on its way before is let in, also when a restart offers it again.
  if (status.tag === 'open' && set === null && env.now > payment.expiresAt) return false;
  // "if the payment_secret doesn't match the expected value for that payment_hash, or the payment_secret is required and
  // is not present: MUST fail the HTLC."
  const { paymentSecret } = payment;
  if (
    paymentSecret !== null &&
    (receive.paymentSecret === null || !sameMac(paymentSecret, receive.paymentSecret))
  )
    return false;
  // "or payment_metadata isn't present while it should be"
  const metadata = payment.paymentMetadata;
  if (metadata !== null && (receive.paymentMetadata === null || !sameMac(metadata, receive.paymentMetadata)))
    return false;
  // §Basic Multi-Part Payments: "MUST require payment_secret for all HTLCs in the set."
  if (paymentSecret === null && receive.amount < receive.total) return false;
  // "Note: "amount paid" specified there is the total_msat field."
  const { total } = receive;
  if (total === 0n) return false;
  // "if the amount paid is less than the amount expected: MUST fail the HTLC."
  // "if the amount paid is more than twice the amount expected: SHOULD fail the HTLC."
  const { amount } = payment;
  if (amount !== null && (total < amount || total > 2n * amount)) return false;
  // The payer "MUST NOT send another HTLC if the total amt_to_forward of the HTLC set is already greater or equal to
  // total_msat": one that comes late is not ours to keep.
  return set === null || !isComplete(set);
}
