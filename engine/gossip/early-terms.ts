import type { NodeId } from '../base/ids.ts';
import type { Scid } from '../base/units.ts';
import { DONT_FORWARD, type ChannelAnnouncement, type ChannelUpdate } from '../wire/gossip.ts';
import { isTooLong } from './peer-queues.ts';

/** A channel has two names that a peer may use, and more where it gives it new ones: nobody has so many channels. */
const MOST_OF_PEER = 64;

export type EarlyUpdate = { readonly peer: NodeId; readonly update: ChannelUpdate };

/**
 * What the other end last said of channels of ours that are not announced yet: LDK says its terms once, and the
 * announcement may be whole here only after that. One for each name that a channel has, the newest of each peer.
 */
export class EarlyTerms {
  readonly #kept = new Map<Scid, EarlyUpdate>();

  keep(peer: NodeId, update: ChannelUpdate): void {
    if ((update.messageFlags & DONT_FORWARD) !== 0 || isTooLong(update)) return;
    this.#kept.delete(update.scid);
    this.#kept.set(update.scid, { peer, update });
    const [oldest, ...others] = [...this.#kept].filter(([, one]) => one.peer === peer);
    if (oldest !== undefined && others.length >= MOST_OF_PEER) this.#kept.delete(oldest[0]);
  }

  /** The channel is announced; nothing where it is announced as one of others. */
  take({ scid, nodeId1, nodeId2 }: ChannelAnnouncement): EarlyUpdate | null {
    const early = this.#kept.get(scid);
    if (early === undefined || ![nodeId1, nodeId2].includes(early.peer)) return null;
    this.#kept.delete(scid);
    return early;
  }
}
