import type { InvoiceDetails, LspQuote, LspQuotes } from '../../engine/node/api.ts';
import type { Refusal } from '../../engine/node/refusal.ts';
import { chooseLsp, chosenLsp } from './lsp-choice.ts';
import type { Wallet } from './wallet.svelte.ts';

/** What LSPs ask for one payment, and which of them is chosen: the cheapest, or whom one chose the last time. */
export class LspOffers {
  offers: readonly LspQuote[] = $state.raw([]);
  /** Who had none. */
  refused: LspQuotes['refused'] = $state.raw([]);
  asking = $state.raw(false);
  buying = $state.raw(false);
  refusal: Refusal | null = $state.raw(null);
  #chosen = $state.raw('');
  /** The quote whose dear price was agreed to. */
  #agreed = $state.raw('');
  #turn = 0;
  readonly #wallet: Wallet;

  constructor(wallet: Wallet) {
    this.#wallet = wallet;
    this.#chosen = chosenLsp();
  }

  get chosen(): LspQuote | null {
    return this.offers.find(({ lsp }) => lsp.nodeId === this.#chosen) ?? this.offers[0] ?? null;
  }

  /** Whom the person chose before, where that one has no offer now. */
  get missed(): LspQuotes['refused'][number]['lsp'] | null {
    return this.refused.find(({ lsp }) => lsp.nodeId === this.#chosen)?.lsp ?? null;
  }

  choose(nodeId: string): void {
    this.#chosen = nodeId;
    chooseLsp(nodeId);
  }

  /** To this price of this LSP, and to no other. */
  get agreed(): boolean {
    return this.chosen?.quoteId === this.#agreed;
  }

  agree(on: boolean): void {
    this.#agreed = on ? (this.chosen?.quoteId ?? '') : '';
  }

  /** What is dear waits until it was agreed to. */
  get mayBuy(): boolean {
    const { chosen } = this;
    return chosen !== null && (!chosen.isDear || this.agreed);
  }

  /** Another amount: what was offered for the one before is nothing any more. */
  clear(): void {
    this.#turn++;
    this.offers = [];
    this.refused = [];
    this.refusal = null;
    this.asking = false;
  }

  /** `amountSat`: null where the payer is to choose. */
  async ask(amountSat: bigint | null): Promise<void> {
    const turn = ++this.#turn;
    this.asking = true;
    this.refusal = null;
    this.offers = [];
    this.refused = [];
    const answer = await this.#wallet.ask(() =>
      this.#wallet.node.lsp.quote(amountSat === null ? null : amountSat * 1000n),
    );
    if (turn !== this.#turn) return;
    this.asking = false;
    if (answer.ok) ({ offers: this.offers, refused: this.refused } = answer.value);
    else this.refusal = answer.error;
  }

  /** The invoice under the terms that are shown; null when it is refused. */
  async buy(
    description: string,
  ): Promise<{ readonly invoice: InvoiceDetails; readonly quote: LspQuote } | null> {
    const quote = this.chosen;
    if (quote === null || !this.mayBuy || this.buying) return null;
    const { quoteId, feeMsat, maximumMsat, isDear } = quote;
    this.buying = true;
    // Where the payer chooses, the limit of settings is the bound: the share is what was shown.
    const most = feeMsat ?? (isDear ? maximumMsat : null);
    const bound = most === null ? {} : { maxFeeMsat: most };
    const answer = await this.#wallet.ask(() =>
      this.#wallet.node.lsp.receive({ quoteId, description, ...bound }),
    );
    this.buying = false;
    // A price that does not hold any more is not shown any longer.
    this.offers = [];
    if (answer.ok) return { invoice: answer.value, quote };
    this.refusal = answer.error;
    return null;
  }
}
