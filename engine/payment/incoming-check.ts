import type { IncomingHtlc } from '../channel/htlc.ts';
import type { Failure } from '../onion/failure.ts';
import { finalFailure, unknownPayment } from '../onion/htlc-check.ts';
import type { Receive } from '../onion/instruction.ts';
import { sameMac } from '../onion/mac.ts';
import type { PaymentEnv } from './env.ts';
import { isComplete, type HtlcSet, type IncomingPayment } from './incoming.ts';

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
  const final = finalFailure(htlc, receive, env.height, delta);
  if (final !== null) return final;
  return isWanted(payment, set, receive, env) ? null : unknownPayment(htlc, env.height);
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
