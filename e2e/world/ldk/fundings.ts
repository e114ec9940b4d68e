import { displayHash, hex, isNull, some, unhex, type ldk } from './library.ts';
import type { LdkStore } from './store.ts';

const PREFIX = 'funding-';

/**
 * Funding transactions that both sides have signed, until the chain has them: LDK hands one to the chain once, and a
 * process that ends just then never would again.
 */
export class Fundings {
  readonly #store: LdkStore;
  readonly #channels: ldk.ChannelManager;
  readonly #broadcast: (transactions: readonly string[]) => void;
  /** Hex, by id: before their peers have signed. */
  readonly #built = new Map<string, string>();

  constructor(
    store: LdkStore,
    channels: ldk.ChannelManager,
    broadcast: (transactions: readonly string[]) => void,
  ) {
    this.#store = store;
    this.#channels = channels;
    this.#broadcast = broadcast;
  }

  built(txId: string, transaction: string): void {
    this.#built.set(txId, transaction);
  }

  signed(event: ldk.Event_ChannelPending): void {
    const txId = displayHash(event.funding_txo.get_txid());
    const transaction = this.#built.get(txId);
    if (transaction === undefined) return;
    this.#built.delete(txId);
    this.#store.commit({ put: new Map([[PREFIX + txId, unhex(transaction)]]), remove: new Set() });
  }

  /** To be called once at a start. */
  offerAgain(): void {
    const waiting = new Set(
      this.#channels.list_channels().flatMap((channel) => {
        const funding = channel.get_funding_txo();
        const isThere = isNull(funding) || (some<number>(channel.get_confirmations()) ?? 0) > 0;
        return isThere ? [] : [displayHash(funding.get_txid())];
      }),
    );
    for (const key of this.#store.keys(PREFIX)) {
      const transaction = this.#store.get(key);
      if (transaction !== null && waiting.has(key.slice(PREFIX.length))) this.#broadcast([hex(transaction)]);
      else this.#store.commit({ put: new Map(), remove: new Set([key]) });
    }
  }
}
