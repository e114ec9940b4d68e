import type { Result } from '../../engine/base/result.ts';
import type { Refusal } from '../../engine/node/refusal.ts';
import type { Wallet } from './wallet.svelte.ts';

const PAUSE_MS = 150;

/** A price that follows what is typed: only the answer to the newest question counts. */
export class Quote<T> {
  value: T | null = $state.raw(null);
  refusal: Refusal | null = $state.raw(null);
  asking = $state.raw(false);
  #turn = 0;
  #wallet: Wallet;

  constructor(wallet: Wallet) {
    this.#wallet = wallet;
  }

  async ask(question: (() => Promise<Result<T, Refusal>>) | null): Promise<void> {
    const turn = ++this.#turn;
    this.value = null;
    this.refusal = null;
    this.asking = question !== null;
    if (question === null) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    if (turn !== this.#turn) return;
    const answer = await this.#wallet.ask(question);
    if (turn !== this.#turn) return;
    this.asking = false;
    if (answer.ok) this.value = answer.value;
    else this.refusal = answer.error;
  }
}
