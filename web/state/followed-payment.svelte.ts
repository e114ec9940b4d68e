import type { PaymentDetails } from '../../engine/node/api.ts';
import type { Refusal } from '../../engine/node/refusal.ts';
import type { Wallet } from './wallet.svelte.ts';

/** One payment as it stands: from the newest snapshot, or asked for when it is older than that. */
export class FollowedPayment {
  refusal: Refusal | null = $state.raw(null);
  #asked: PaymentDetails | null = $state.raw(null);
  #wallet: Wallet;
  #id: string;
  #stop: () => void;

  constructor(wallet: Wallet, id: string) {
    this.#wallet = wallet;
    this.#id = id;
    this.#stop = wallet.onSnapshot((topic) => {
      if (topic === 'payments') void this.refresh();
    });
    void this.refresh();
  }

  get value(): PaymentDetails | null {
    return this.#wallet.payments?.payments.find(({ id }) => id === this.#id) ?? this.#asked;
  }

  async refresh(): Promise<void> {
    const answer = await this.#wallet.ask(() => this.#wallet.node.payment(this.#id));
    if (answer.ok) {
      this.#asked = answer.value;
      this.refusal = null;
    } else if (this.value === null) this.refusal = answer.error;
  }

  close(): void {
    this.#stop();
  }
}
