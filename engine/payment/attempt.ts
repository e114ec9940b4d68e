import { fromHex } from '../base/bytes.ts';
import { ok, type Result } from '../base/result.ts';
import type { ChannelCommand } from '../channel/command.ts';
import { encodePayload, type PaymentPayload } from '../onion/payload.ts';
import { buildOnion, type OnionTooLong } from '../onion/sphinx.ts';
import type { Attempt, OutgoingPayment } from './outgoing.ts';

/** What an HTLC is made from, beside its way. */
export type Onward = Pick<OutgoingPayment, 'id' | 'paymentHash' | 'amount' | 'recipient'>;

/** What each hop of an attempt finds in its layer. */
function payloadsOf(payment: Onward, { hops }: Pick<Attempt, 'hops'>): readonly PaymentPayload[] {
  return hops.map((hop, i) => {
    const next = hops[i + 1];
    // BOLT 4 §payload format: "For every node outside of a blinded route: MUST include amt_to_forward and
    // outgoing_cltv_value. For every non-final node: MUST include short_channel_id"
    if (next !== undefined)
      return {
        amtToForward: next.amount,
        outgoingCltvValue: next.cltvExpiry,
        ...(next.scid === null ? {} : { shortChannelId: next.scid }),
      };
    const { paymentSecret, paymentMetadata, keysendPreimage } = payment.recipient;
    return {
      amtToForward: hop.amount,
      outgoingCltvValue: hop.cltvExpiry,
      // "if the recipient provided payment_secret: MUST include payment_data … MUST set total_msat to the total amount
      // it will send"
      ...(paymentSecret === null ? {} : { paymentData: { paymentSecret, total: payment.amount } }),
      // "if the recipient provided payment_metadata: MUST include payment_metadata with every HTLC"
      ...(paymentMetadata === null ? {} : { paymentMetadata }),
      ...(keysendPreimage === null ? {} : { keysendPreimage }),
    };
  });
}

/** The command that sends an attempt's HTLC. */
export function htlcOf(
  payment: Onward,
  attempt: Pick<Attempt, 'hops' | 'sessionKey' | 'number'>,
): Result<Extract<ChannelCommand, { tag: 'add-htlc' }>, OnionTooLong> {
  const payloads = payloadsOf(payment, attempt);
  const built = buildOnion(
    attempt.sessionKey,
    attempt.hops.map(({ nodeId }, i) => ({
      nodeId: fromHex(nodeId),
      payload: encodePayload(payloads[i] ?? {}),
    })),
    fromHex(payment.paymentHash),
  );
  if (!built.ok) return built;
  const [first] = attempt.hops;
  return ok({
    tag: 'add-htlc',
    amount: first.amount,
    paymentHash: payment.paymentHash,
    cltvExpiry: first.cltvExpiry,
    onion: built.value.packet,
    origin: { paymentId: payment.id, attempt: attempt.number },
  });
}
