import type { RoomOffer, RoomOffers as Answered, RoomWay } from '../../engine/node/api.ts';
import type { Refusal } from '../../engine/node/refusal.ts';
import { chooseLsp, chosenLsp } from './lsp-choice.ts';
import { Quote } from './quote.svelte.ts';
import type { Wallet } from './wallet.svelte.ts';

/** What the payment itself costs: expected, and what the engine lets it be at most. */
type Cost = { readonly msat: bigint; readonly mostMsat: bigint };

/** What LSPs ask for room, which of them is chosen, and how it would be paid. */
export class RoomOffers {
  answered: Answered | null = $state.raw(null);
  asking = $state.raw(false);
  buying = $state.raw(false);
  refusal: Refusal | null = $state.raw(null);
  readonly cost: Quote<Cost>;
  #chosen = $state.raw(chosenLsp());
  #way: RoomWay | null = $state.raw(null);
  #turn = 0;
  readonly #wallet: Wallet;

  constructor(wallet: Wallet) {
    this.#wallet = wallet;
    this.cost = new Quote(wallet);
  }

  get offers(): readonly RoomOffer[] {
    return this.answered?.offers ?? [];
  }

  get chosen(): RoomOffer | null {
    return this.offers.find(({ lsp }) => lsp.nodeId === this.#chosen) ?? this.offers[0] ?? null;
  }

  /** The one asked for, or what the balances are enough for, Lightning first; another wallet is always enough. */
  get way(): RoomWay | null {
    const { chosen } = this;
    if (chosen === null) return null;
    if (this.#way !== null && chosen[this.#way] !== null) return this.#way;
    const { lightning, onchain } = chosen;
    const balances = this.#wallet.balances;
    const sendable = balances?.lightning.sendableMsat ?? 0n;
    if (lightning !== null && sendable > lightning.totalSat * 1000n) return 'lightning';
    const spendable = balances === null ? 0n : balances.onchain.spendableSat - balances.onchain.keptSat;
    if (onchain !== null && spendable > onchain.totalSat) return 'onchain';
    if (chosen.elsewhere !== null) return 'elsewhere';
    return lightning === null ? null : 'lightning';
  }

  get price(): { readonly feeSat: bigint; readonly totalSat: bigint; readonly isDear: boolean } | null {
    const { chosen, way } = this;
    return chosen === null || way === null ? null : chosen[way];
  }

  choose(nodeId: string): void {
    this.#chosen = nodeId;
    chooseLsp(nodeId);
  }

  payBy(way: RoomWay): void {
    this.#way = way;
  }

  clear(): void {
    this.#turn++;
    this.answered = null;
    this.refusal = null;
    this.asking = false;
  }

  async ask(roomSat: bigint): Promise<void> {
    const turn = ++this.#turn;
    this.asking = true;
    this.refusal = null;
    this.answered = null;
    const answer = await this.#wallet.ask(() => this.#wallet.node.lsp.orders.quote(roomSat));
    if (turn !== this.#turn) return;
    this.asking = false;
    if (answer.ok) this.answered = answer.value;
    else this.refusal = answer.error;
  }

  /** What paying it would cost besides, of what is chosen now. */
  reprice(): void {
    const { chosen, way } = this;
    const { node } = this.#wallet;
    const lightning = way === 'lightning' ? (chosen?.lightning ?? null) : null;
    const onchain = way === 'onchain' ? (chosen?.onchain ?? null) : null;
    void this.cost.ask(
      lightning !== null
        ? async () => {
            const quote = await node.bolt11.quote(lightning.invoice);
            if (!quote.ok) return quote;
            const { feeMsat: msat, maxFeeMsat: mostMsat } = quote.value;
            return { ok: true, value: { msat, mostMsat } };
          }
        : onchain !== null
          ? async () => {
              const quote = await node.quoteOnchain(onchain.address, onchain.totalSat, 'normal');
              if (!quote.ok) return quote;
              const msat = quote.value.feeSat * 1000n;
              return { ok: true, value: { msat, mostMsat: msat } };
            }
          : way === 'elsewhere'
            ? () => Promise.resolve({ ok: true, value: { msat: 0n, mostMsat: 0n } })
            : null,
    );
  }

  /** The order's id; null when it is refused. */
  async buy(): Promise<string | null> {
    const { chosen, way, price } = this;
    const cost = this.cost.value;
    if (chosen === null || way === null || price === null || cost === null || this.buying) return null;
    this.buying = true;
    const answer = await this.#wallet.ask(() =>
      this.#wallet.node.lsp.orders.buy({
        quoteId: chosen.quoteId,
        way,
        maxFeeSat: price.feeSat,
        // A way without a fee has no bound that could be said: the engine's own holds.
        ...(cost.mostMsat >= 1000n ? { maxCostSat: (cost.mostMsat + 999n) / 1000n } : {}),
      }),
    );
    this.buying = false;
    // A price that does not hold any more is not shown any longer.
    this.answered = null;
    if (answer.ok) return answer.value.id;
    this.refusal = answer.error;
    return null;
  }
}
