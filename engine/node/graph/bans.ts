import type { NodeId } from '../../base/ids.ts';
import type { Timestamp } from '../../base/units.ts';

/** A liar's gossip is not read for so long. */
const BAN_SECONDS = 86_400;
const MOST = 1_000;

/** Peers whose gossip is not read for a while, and what others have told wrongly; the oldest are forgotten first. */
export class Bans {
  readonly #until = new Map<NodeId, number>();
  /** By peer, not by connection: a new one is made at once. */
  readonly #faults = new Map<NodeId, { readonly until: number; count: number }>();
  readonly #now: () => Timestamp;

  constructor(now: () => Timestamp) {
    this.#now = now;
  }

  has(peer: NodeId): boolean {
    return (this.#until.get(peer) ?? 0) > this.#now();
  }

  add(peer: NodeId): void {
    putLast(this.#until, peer, this.#now() + BAN_SECONDS);
    this.#faults.delete(peer);
  }

  /** One more that may be a mistake. @returns how many there were within a day of the first */
  countFault(peer: NodeId): number {
    const now = this.#now();
    const before = this.#faults.get(peer);
    const faults =
      before !== undefined && before.until > now ? before : { until: now + BAN_SECONDS, count: 0 };
    faults.count++;
    putLast(this.#faults, peer, faults);
    return faults.count;
  }
}

function putLast<T>(map: Map<NodeId, T>, peer: NodeId, value: T): void {
  map.delete(peer);
  map.set(peer, value);
  const [oldest] = map.keys();
  if (map.size > MOST && oldest !== undefined) map.delete(oldest);
}
