import type { NodeId } from '../../base/ids.ts';
import { blockHeight, type BlockHeight } from '../../base/units.ts';
import type { Cancel, Clock } from '../../base/ports.ts';
import { MAX_PEER_STORAGE_BLOB } from '../../wire/peer-storage.ts';
import { isInBlock } from '../../channel/funded.ts';
import type { Core } from '../core.ts';
import type { Driver } from '../driver.ts';
import type { Turn } from '../turn.ts';
import { removeGuest, writeGuest, type Guest } from './records.ts';

/** BOLT 1 §Peer storage: "MAY delay storage to ratelimit peer to no more than one update per minute." */
const SECONDS_BETWEEN = 60;
/** BOLT 1 §Peer storage: "when all channels with that peer are closed: SHOULD wait at least 2016 blocks before deleting the `blob`." */
const KEPT_BLOCKS = 2_016;
/** 64 KiB each. */
export const MOST_GUESTS = 100;
/** Of those, whose channels are in no block yet: an offer of a channel costs nothing, and may not take every place. */
export const MOST_WITHOUT_FUNDING = 20;

export type GuestPorts = {
  readonly clock: Clock;
  readonly driver: Pick<Driver, 'submit'>;
  /** The best of our channels with it: `pending` is in no block yet. */
  readonly channelWith: (peer: NodeId) => 'none' | 'pending' | 'funded';
};

/** What we keep for peers, so that they find their channels again when they lose everything. */
export class Guests {
  readonly #ports: GuestPorts;
  readonly #kept: Map<NodeId, Guest>;
  /** Newer than what is on disk: the peer may not write more than once a minute. */
  readonly #waiting = new Map<NodeId, { readonly blob: Uint8Array; readonly cancel: Cancel }>();

  constructor(ports: GuestPorts, guests: readonly Guest[]) {
    this.#ports = ports;
    this.#kept = new Map(guests.map((guest) => [guest.nodeId, guest]));
  }

  get count(): number {
    return this.#kept.size;
  }

  /** The latest of the peer's; null when there is none. */
  blobOf(peer: NodeId): Uint8Array | null {
    return this.#waiting.get(peer)?.blob ?? this.#kept.get(peer)?.blob ?? null;
  }

  /**
   * The peer sent `peer_storage`.
   * BOLT 1 §Peer storage: "if it has an open channel with the sender: MUST store the message." Of others we take nothing.
   */
  take(turn: Turn, peer: NodeId, blob: Uint8Array): void {
    const { clock, driver } = this.#ports;
    const known = this.#kept.get(peer);
    if (blob.length > MAX_PEER_STORAGE_BLOB || !this.#hasChannel(peer)) return;
    if (known === undefined && this.#isCrowded(peer)) return;
    const waiting = this.#waiting.get(peer);
    const wait = known === undefined ? 0 : known.at + SECONDS_BETWEEN - clock.now();
    // BOLT 1 §Peer storage: "MUST replace the old `blob` with the latest received."
    if (waiting !== undefined) this.#waiting.set(peer, { ...waiting, blob });
    else if (wait <= 0) this.#store(turn, peer, blob);
    else {
      const cancel = clock.after(Math.min(wait, SECONDS_BETWEEN) * 1000, () =>
        driver.submit((later) => this.#storeWaiting(later, peer)),
      );
      this.#waiting.set(peer, { blob, cancel });
    }
  }

  /** A new block: what belongs to peers whose channels are long over goes. */
  onHeight(turn: Turn, height: BlockHeight): void {
    for (const guest of this.#kept.values()) {
      const endedAt = this.#hasChannel(guest.nodeId) ? null : (guest.endedAt ?? height);
      if (endedAt !== null && height >= endedAt + KEPT_BLOCKS) {
        this.#kept.delete(guest.nodeId);
        turn.write([removeGuest(guest.nodeId)]);
      } else if (endedAt !== guest.endedAt) {
        const changed = { ...guest, endedAt: endedAt === null ? null : blockHeight(endedAt) };
        this.#kept.set(guest.nodeId, changed);
        turn.write([writeGuest(changed)]);
      }
    }
  }

  #hasChannel(peer: NodeId): boolean {
    return this.#ports.channelWith(peer) !== 'none';
  }

  #isCrowded(peer: NodeId): boolean {
    if (this.#kept.size >= MOST_GUESTS) return true;
    const { channelWith } = this.#ports;
    if (channelWith(peer) === 'funded') return false;
    const others = [...this.#kept.keys()].filter((other) => channelWith(other) === 'pending');
    return others.length >= MOST_WITHOUT_FUNDING;
  }

  stop(): void {
    for (const { cancel } of this.#waiting.values()) cancel();
  }

  #storeWaiting(turn: Turn, peer: NodeId): void {
    const waiting = this.#waiting.get(peer);
    this.#waiting.delete(peer);
    if (waiting !== undefined) this.#store(turn, peer, waiting.blob);
  }

  #store(turn: Turn, peer: NodeId, blob: Uint8Array): void {
    const guest = { nodeId: peer, blob, at: this.#ports.clock.now(), endedAt: null };
    this.#kept.set(peer, guest);
    turn.write([writeGuest(guest)]);
  }
}

/** The best of our channels with the peer. */
export function channelWith({ channels }: Core, peer: NodeId): ReturnType<GuestPorts['channelWith']> {
  const open = channels
    .ofPeer(peer)
    .flatMap(({ state: { durable } }) => (durable === null || durable.phase === 'closed' ? [] : durable));
  if (open.length === 0) return 'none';
  return open.some(isInBlock) ? 'funded' : 'pending';
}
