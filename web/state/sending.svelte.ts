import type { Result } from '../../engine/base/result.ts';
import type { Refusal } from '../../engine/node/refusal.ts';
import type { Wallet } from './wallet.svelte.ts';

/** What is being sent, by whatever screen. */
type SendingDraft = {
  readonly value: { readonly sending: boolean };
  set(change: { sending: boolean }): void;
  clear(): void;
};

/** One press of the button that sends money, and what came of it. */
export class Sending {
  busy = $state.raw(false);
  refusal: Refusal | null = $state.raw(null);
  /** True when a page was closed while it was sending: money may have left, so it is not sent again unasked. */
  interrupted = $state.raw(false);
  #wallet: Wallet;
  #draft: SendingDraft;
  #once: boolean;

  /** @param once the engine pays it once however often it is asked (an invoice): nothing to warn of after a reload. */
  constructor(wallet: Wallet, draft: SendingDraft, once: boolean) {
    this.#wallet = wallet;
    this.#draft = draft;
    this.#once = once;
    this.interrupted = !once && draft.value.sending;
  }

  /** Null when it was refused, or when one is under way already. Once sent, the draft is done with. */
  async send<T>(call: () => Promise<Result<T, Refusal>>): Promise<T | null> {
    if (this.busy) return null;
    this.busy = true;
    this.refusal = null;
    if (!this.#once) this.#draft.set({ sending: true });
    const sent = await this.#wallet.ask(call);
    this.busy = false;
    if (sent.ok) {
      this.#draft.clear();
      return sent.value;
    }
    if (!this.#once) this.#draft.set({ sending: false });
    this.refusal = sent.error;
    return null;
  }

  goOn(): void {
    this.#draft.set({ sending: false });
    this.interrupted = false;
  }
}
