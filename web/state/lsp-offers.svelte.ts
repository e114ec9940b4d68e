import type { InvoiceDetails, LspQuote } from '../../engine/node/api.ts';
import type { Refusal } from '../../engine/node/refusal.ts';
import { chooseLsp, chosenLsp } from './lsp-choice.ts';
import type { Wallet } from './wallet.svelte.ts';

/** What LSPs ask for one payment, and which of them is chosen: the cheapest, or whom one chose the last time. */
export class LspOffers {
  offers: readonly LspQuote[] = $state.raw([]);
  asking = $state.raw(false);
  buying = $state.raw(false);
  refusal: Refusal | null = $state.raw(null);
  #chosen = $state.raw('');
  #turn = 0;
  readonly #wallet: Wallet;

  constructor(wallet: Wallet) {
    this.#wallet = wallet;
    this.#chosen = chosenLsp();
  }

  get chosen(): LspQuote | null {
    return this.offers.find(({ lsp }) => lsp.nodeId === this.#chosen) ?? this.offers[0] ?? null;
  }

  choose(nodeId: string): void {
    this.#chosen = nodeId;
    chooseLsp(nodeId);
  }

  /** Another amount: what was offered for the one before is nothing any more. */
  clear(): void {
    this.#turn++;
    this.offers = [];
    this.refusal = null;
    this.asking = false;
  }

  async ask(amountSat: bigint): Promise<void> {
    const turn = ++this.#turn;
    this.asking = true;
    this.refusal = null;
    this.offers = [];
    const answer = await this.#wallet.ask(() => this.#wallet.node.lsp.quote(amountSat * 1000n));
    if (turn !== this.#turn) return;
    this.asking = false;
    if (answer.ok) this.offers = answer.value.offers;
    else this.refusal = answer.error;
  }

  /** The invoice under the terms that are shown; null when it is refused. */
  async buy(
    description: string,
  ): Promise<{ readonly invoice: InvoiceDetails; readonly feeMsat: bigint } | null> {
    const quote = this.chosen;
    if (quote === null || quote.feeMsat === null || this.buying) return null;
    const { quoteId, feeMsat } = quote;
    this.buying = true;
    const answer = await this.#wallet.ask(() =>
      this.#wallet.node.lsp.receive({ quoteId, description, maxFeeMsat: feeMsat }),
    );
    this.buying = false;
    // A price that does not hold any more is not shown any longer.
    this.offers = [];
    if (answer.ok) return { invoice: answer.value, feeMsat };
    this.refusal = answer.error;
    return null;
  }
}
