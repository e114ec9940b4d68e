import type { OrderDetails } from '../../engine/node/api.ts';
import type { Wallet } from './wallet.svelte.ts';

const LOOK_MS = 1_500;

/** Room that was bought ahead, as it stands now. To be made in a component: it follows while that is shown. */
export class Orders {
  /** Null until they are known. */
  list: readonly OrderDetails[] | null = $state.raw(null);
  readonly #wallet: Wallet;
  #looking = false;

  constructor(wallet: Wallet) {
    this.#wallet = wallet;
    $effect(() => {
      void this.look();
      const stop = wallet.onSnapshot(() => void this.look());
      const timer = setInterval(() => void this.look(), LOOK_MS);
      return () => {
        stop();
        clearInterval(timer);
      };
    });
  }

  async look(): Promise<void> {
    if (this.#looking || this.#wallet.network === null) return;
    this.#looking = true;
    const answer = await this.#wallet.ask(async () => ({
      ok: true as const,
      value: await this.#wallet.node.lsp.orders.list(),
    }));
    this.#looking = false;
    if (answer.ok) this.list = answer.value;
  }
}
