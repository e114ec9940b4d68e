import type { ChannelNotice } from '../../channel/effect.ts';
import type { IncomingPayment } from '../../payment/incoming.ts';
import { openingFee, type ChannelOpening } from '../../payment/opening-fee.ts';

type Requested = Extract<ChannelNotice, { tag: 'open-requested' }>;
export type Ordered = IncomingPayment & { readonly opening: ChannelOpening };

/**
 * Why a channel that an LSP opens is not what was bought for any of these payments; null when it is. bLIP 52 §5: "Rejection is
 * via the `error` Lightning BOLT message."
 */
export function openingFault(orders: readonly Ordered[], requested: Requested): string | null {
  // bLIP 52 §5: "`announce_channel` is `false`."
  if (requested.announce) return 'the channel that was bought is not announced';
  // DIVERGES from bLIP 52 §5: "`option_scid_alias` is set.": it has to be negotiated, and need not be in the type. LSPs in
  // use (ldk-node 0.7.1) offer it and open without it there, and the reason for it, "so that the channel can be referred to on future
  // invoices before the channel confirms", is met by the alias that a peer sends that offers the feature.
  if (!requested.hasAlias) return 'the channel that was bought has an alias';
  // bLIP 52 §5: "The LSP MUST ensure the channel is large enough to transmit the `payment_size_msat - opening_fee`, plus any
  // reserve needed on the LSP side."
  return hasRoom(orders, requested) ? null : 'the channel is too small for the payment';
}

/** Any of these payments could come through it. */
export function hasRoom(
  orders: readonly Ordered[],
  { amount, push }: Pick<Requested, 'amount' | 'push'>,
): boolean {
  const room = amount * 1000n - push;
  return orders.some((order) => room >= leastRoom(order));
}

/** Fees of the commitment and the LSP's own reserve come on top: it knows them. */
const leastRoom = ({ amount, opening }: Ordered): bigint =>
  amount === null ? 0n : amount - (openingFee(opening, amount) ?? 0n);
