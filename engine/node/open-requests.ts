import type { NodeId } from '../base/ids.ts';

/** Requests for channels that nobody pays for, beyond which a person is told of them. */
const MOST_UNFUNDED = 8;
/** Peers of whom it is known: strangers could come without end. */
const MOST_PEERS = 1_000;

/** How often each peer asked for a channel since the start. What it asks in vain costs it nothing. */
export class OpenRequests {
  readonly #asked = new Map<NodeId, number>();

  note(peerId: NodeId): void {
    const asked = (this.#asked.get(peerId) ?? 0) + 1;
    // The newest stands last.
    this.#asked.delete(peerId);
    this.#asked.set(peerId, asked);
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > MOST_PEERS && oldest !== undefined) this.#asked.delete(oldest);
  }

  /** @param funded channels that it asked for and that are in a block */
  excess(peerId: NodeId, funded: number): { readonly asked: number; readonly funded: number } | null {
    const asked = this.#asked.get(peerId) ?? 0;
    return asked - funded > MOST_UNFUNDED ? { asked, funded } : null;
  }
}
