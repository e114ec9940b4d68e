import type { PaymentDetails } from '../../engine/node/api.ts';
import type { Refusal } from '../../engine/node/refusal.ts';
import { ask } from './ask.ts';
import type { Wallet } from './wallet.svelte.ts';

/** All payments, page by page, with the newest from the snapshot in front. */
export class PaymentHistory {
  loading = $state.raw(false);
  refusal: Refusal | null = $state.raw(null);
  #older: readonly PaymentDetails[] = $state.raw([]);
  /** `undefined` until a page was asked for: the snapshot's own `next` counts. */
  #next: string | null | undefined = $state.raw(undefined);
  #wallet: Wallet;

  constructor(wallet: Wallet) {
    this.#wallet = wallet;
  }

  get payments(): readonly PaymentDetails[] | null {
    const newest = this.#wallet.payments?.payments ?? null;
    if (newest === null) return null;
    const known = new Set(newest.map(({ id }) => id));
    return [...newest, ...this.#older.filter(({ id }) => !known.has(id))];
  }

  get hasMore(): boolean {
    return (this.#next === undefined ? (this.#wallet.payments?.next ?? null) : this.#next) !== null;
  }

  async more(): Promise<void> {
    const after = this.#next === undefined ? this.#wallet.payments?.next : this.#next;
    if (this.loading || after === null || after === undefined) return;
    this.loading = true;
    const page = await ask(async () => ({
      ok: true as const,
      value: await this.#wallet.node.listPayments(after),
    }));
    this.loading = false;
    this.refusal = page.ok ? null : page.error;
    if (!page.ok) return;
    this.#older = [...this.#older, ...page.value.payments];
    this.#next = page.value.next;
  }
}
