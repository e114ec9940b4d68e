import type { ChannelId, PaymentHash } from '../base/ids.ts';
import type { Timestamp } from '../base/units.ts';
import type { IncomingPayment } from './incoming.ts';
import type { ChannelOpening } from './opening-fee.ts';

type Known = ReadonlyMap<PaymentHash, { readonly payment: IncomingPayment }>;
/** An LSP is to open a channel for it (bLIP 52). */
export type Opening = IncomingPayment & { readonly opening: ChannelOpening };

/** Of `hashes`, those that have not expired. */
export const waitingOpenings = (
  incoming: Known,
  hashes: Iterable<PaymentHash>,
  now: Timestamp,
): readonly Opening[] =>
  [...hashes].flatMap((hash) => {
    const payment = incoming.get(hash)?.payment;
    return payment?.opening !== undefined && now <= payment.expiresAt
      ? [{ ...payment, opening: payment.opening }]
      : [];
  });

/**
 * Whether an LSP may keep its fee of a payment where it comes by this channel: by one that it opened since it was asked
 * to, and that no other payment paid for. `hash`: null asks for something that is no payment.
 */
export const owedIn =
  (incoming: Known) =>
  (hash: PaymentHash | null, channel: ChannelId): boolean => {
    const before = hash === null ? [] : (incoming.get(hash)?.payment.channelsBefore ?? []);
    if (before.includes(channel)) return false;
    for (const { payment } of incoming.values()) {
      const { opening, status, paymentHash: other } = payment;
      if (other === hash || opening === undefined || opening.taken === 0n || status.tag !== 'received')
        continue;
      if (status.parts.some(({ channelId }) => channelId === channel)) return false;
    }
    return true;
  };
