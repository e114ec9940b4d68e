import type { NodeId, PaymentHash } from '../../base/ids.ts';
import type { Msat } from '../../base/units.ts';
import { ANNOUNCE_CHANNEL, type OpenChannel } from '../../wire/channel-open.ts';
import { parseChannelType } from '../../wire/channel-type.ts';
import type { IncomingHtlc } from '../../channel/htlc.ts';
import { openingFee } from '../../payment/opening-fee.ts';
import type { LspConduct } from '../lsp-api.ts';
import { hasRoom, type Ordered } from './open-terms.ts';

const MOST = 50;

/**
 * What LSPs did besides what was agreed, by payment: for the person who waits for it. In memory: what an LSP was refused
 * cost nothing, and it may still do better.
 */
export class Conduct {
  readonly #noted = new Map<PaymentHash, LspConduct>();
  /** What is wrong with the channel that each LSP asked for last, should it come to nothing. */
  readonly #asked = new Map<NodeId, LspConduct>();

  of(hash: PaymentHash): LspConduct | null {
    return this.#noted.get(hash) ?? null;
  }

  /** An LSP wants to open a channel; whether it is taken is for others to say. */
  asked(orders: readonly Ordered[], lsp: NodeId, message: OpenChannel): void {
    if (orders.length > 0) this.#asked.set(lsp, differenceOf(orders, message));
  }

  /** A channel of this LSP came to nothing: it was not what any of these was promised. */
  channelRefused(orders: readonly Ordered[], lsp: NodeId): void {
    for (const { opening, paymentHash } of orders)
      if (opening.lsp === lsp) this.#note(paymentHash, this.#asked.get(lsp) ?? 'channel-refused');
    this.#asked.delete(lsp);
  }

  /**
   * An HTLC came, of which somebody may have kept a part. `before`: what was kept of the parts that are here. `isOwed`: by
   * a channel for which there may be a fee.
   */
  offered(
    orders: readonly Ordered[],
    { paymentHash, skimmedFee }: IncomingHtlc,
    before: Msat,
    isOwed: boolean,
  ): void {
    const order = orders.find((one) => one.paymentHash === paymentHash);
    if (order === undefined || skimmedFee === undefined) return;
    const { opening, amount } = order;
    const most = amount === null ? opening.mostFee : (openingFee(opening, amount) ?? 0n);
    if (!isOwed || before + skimmedFee > most) this.#note(paymentHash, 'fee-refused');
  }

  /**
   * An HTLC came by a channel of this LSP, of a payment that is none of ours. Anybody may send one through it: what is known
   * of the LSP itself is not forgotten for that.
   */
  unknown(orders: readonly Ordered[], lsp: NodeId): void {
    for (const { opening, paymentHash } of orders)
      if (opening.lsp === lsp && !this.#noted.has(paymentHash)) this.#note(paymentHash, 'other-payment');
  }

  #note(hash: PaymentHash, what: LspConduct): void {
    this.#noted.delete(hash);
    this.#noted.set(hash, what);
    const [oldest] = this.#noted.keys();
    if (this.#noted.size > MOST && oldest !== undefined) this.#noted.delete(oldest);
  }
}

/** Of the channel that was bought for any of these payments. */
function differenceOf(orders: readonly Ordered[], open: OpenChannel): LspConduct {
  if ((open.channelFlags & ANNOUNCE_CHANNEL) !== 0) return 'channel-public';
  const type = open.channelType === undefined ? null : parseChannelType(open.channelType);
  if (type?.zeroConf === true && !orders.some(({ opening }) => opening.unconfirmed))
    return 'channel-unconfirmed';
  const { fundingAmount: amount, pushAmount: push } = open;
  return hasRoom(orders, { amount, push }) ? 'channel-refused' : 'channel-too-small';
}
