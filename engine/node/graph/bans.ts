import type { NodeId } from '../../base/ids.ts';
import type { Timestamp } from '../../base/units.ts';

/** A liar's gossip is not read for so long. */
const BAN_SECONDS = 86_400;
const MOST = 1_000;

/** Peers whose gossip is not read for a while; the oldest are forgotten first. */
export class Bans {
  readonly #until = new Map<NodeId, number>();
  readonly #now: () => Timestamp;

  constructor(now: () => Timestamp) {
    this.#now = now;
  }

  has(peer: NodeId): boolean {
    return (this.#until.get(peer) ?? 0) > this.#now();
  }

  add(peer: NodeId): void {
    this.#until.delete(peer);
    this.#until.set(peer, this.#now() + BAN_SECONDS);
    const [oldest] = this.#until.keys();
    if (this.#until.size > MOST && oldest !== undefined) this.#until.delete(oldest);
  }
}
