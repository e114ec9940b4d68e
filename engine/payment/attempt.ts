import { fromHex } from '../base/bytes.ts';
import { ok, type Result } from '../base/result.ts';
import { blockHeight, msat } from '../base/units.ts';
import type { ChannelCommand } from '../channel/command.ts';
import { encodePayload, type PaymentPayload } from '../onion/payload.ts';
import { blindedHops } from '../onion/blinded-tail.ts';
import type { LastLayers } from '../onion/layers.ts';
import { buildOnion, type OnionHop, type OnionTooLong } from '../onion/sphinx.ts';
import { tailOf } from './blinded-way.ts';
import type { RouteHop } from './route.ts';
import type { Attempt, OutgoingPayment } from './outgoing.ts';

/** What an HTLC is made from, beside its way. */
export type Onward = Pick<OutgoingPayment, 'id' | 'paymentHash' | 'amount' | 'recipient'>;

/** What each hop of an attempt finds in its layer. */
function layersOf(payment: Onward, { hops }: Pick<Attempt, 'hops'>): readonly OnionHop[] {
  const tail = tailOf(payment.recipient, hops);
  const layers: OnionHop[] = [];
  for (const [i, hop] of hops.entries()) {
    const next = hops[i + 1];
    // The introduction node, and those behind it.
    if (tail !== null && i === hops.length - 2 && next !== undefined) {
      const { amount, cltvExpiry } = next;
      return [...layers, ...blindedHops(tail.path, { amount, cltvExpiry, total: payment.amount })];
    }
    layers.push({ nodeId: fromHex(hop.nodeId), payload: encodePayload(payloadOf(payment, hop, next)) });
  }
  return layers;
}

function payloadOf(
  { recipient, amount }: Pick<Onward, 'amount' | 'recipient'>,
  hop: RouteHop,
  next: RouteHop | undefined,
): PaymentPayload {
  // BOLT 4 §payload format: "For every node outside of a blinded route: MUST include amt_to_forward and
  // outgoing_cltv_value. For every non-final node: MUST include short_channel_id"
  if (next !== undefined)
    return {
      amtToForward: next.amount,
      outgoingCltvValue: next.cltvExpiry,
      ...(next.scid === null ? {} : { shortChannelId: next.scid }),
    };
  const { paymentSecret, paymentMetadata, keysendPreimage } = recipient;
  return {
    amtToForward: hop.amount,
    outgoingCltvValue: hop.cltvExpiry,
    // "if the recipient provided payment_secret: MUST include payment_data … MUST set total_msat to the total amount
    // it will send"
    ...(paymentSecret === null ? {} : { paymentData: { paymentSecret, total: amount } }),
    // "if the recipient provided payment_metadata: MUST include payment_metadata with every HTLC"
    ...(paymentMetadata === null ? {} : { paymentMetadata }),
    ...(keysendPreimage === null ? {} : { keysendPreimage }),
  };
}

/** What the payee takes in an onion, where it says who it is. */
export function payeeLayers(payment: Pick<Onward, 'amount' | 'recipient'>): LastLayers {
  const hop: RouteHop = {
    nodeId: payment.recipient.nodeId,
    scid: null,
    amount: msat(0),
    cltvExpiry: blockHeight(0xff_ffff),
  };
  return { before: 0, payload: encodePayload(payloadOf(payment, hop, undefined)).length };
}

/** The command that sends an attempt's HTLC. */
export function htlcOf(
  payment: Onward,
  attempt: Pick<Attempt, 'hops' | 'sessionKey' | 'number'>,
): Result<Extract<ChannelCommand, { tag: 'add-htlc' }>, OnionTooLong> {
  const built = buildOnion(attempt.sessionKey, layersOf(payment, attempt), fromHex(payment.paymentHash));
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
