import type { NodeId, PaymentHash } from '../../base/ids.ts';
import type { Msat } from '../../base/units.ts';
import type { IncomingHtlc } from '../../channel/htlc.ts';
import { openingFee } from '../../payment/opening-fee.ts';
import type { LspConduct } from '../lsp-api.ts';
import type { Ordered } from './open-terms.ts';

const MOST = 50;

/**
 * What LSPs did besides what was agreed, by payment: for the person who waits for it. In memory: what an LSP was refused
 * cost nothing, and it may still do better.
 */
export class Conduct {
  readonly #noted = new Map<PaymentHash, LspConduct>();

  of(hash: PaymentHash): LspConduct | null {
    return this.#noted.get(hash) ?? null;
  }

  /** A channel of this LSP came to nothing: it was not what any of these was promised. */
  channelRefused(orders: readonly Ordered[], lsp: NodeId): void {
    for (const { opening, paymentHash } of orders)
      if (opening.lsp === lsp) this.#note(paymentHash, 'channel-refused');
  }

  /** An HTLC came, of which somebody may have kept a part. `before`: what was kept of the parts that are here. */
  offered(orders: readonly Ordered[], { paymentHash, skimmedFee }: IncomingHtlc, before: Msat): void {
    const order = orders.find((one) => one.paymentHash === paymentHash);
    if (order === undefined || skimmedFee === undefined) return;
    const { opening, amount } = order;
    const most = amount === null ? opening.mostFee : (openingFee(opening, amount) ?? 0n);
    if (before + skimmedFee > most) this.#note(paymentHash, 'fee-refused');
  }

  #note(hash: PaymentHash, what: LspConduct): void {
    this.#noted.delete(hash);
    this.#noted.set(hash, what);
    const [oldest] = this.#noted.keys();
    if (this.#noted.size > MOST && oldest !== undefined) this.#noted.delete(oldest);
  }
}
