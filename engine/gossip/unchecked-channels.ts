import { toHex } from '../base/bytes.ts';
import type { NodeId } from '../base/ids.ts';
import type { Sat, Scid } from '../base/units.ts';
import {
  DIRECTION,
  type ChannelAnnouncement,
  type ChannelUpdate,
  type NodeAnnouncement,
} from '../wire/gossip.ts';
import { edgeName, type GossipChanges } from './gossip-changes.ts';

/** Announced and signed; whether the chain has such a channel is still to be seen. */
export type UncheckedChannel = {
  readonly announcement: ChannelAnnouncement;
  /** Who told us. */
  readonly from: NodeId;
  /** How often nobody could say. */
  tries: number;
  /** The newest of each direction, verified. */
  readonly updates: (ChannelUpdate | null)[];
};

/** Announcements that wait for the chain; a few thousand take some megabytes. No one peer fills them all. */
const MOST_CHANNELS = 5_000;
const MOST_OF_PEER = 2_500;
const MOST_NODES = 5_000;
const MOST_TRIES = 5;

export const blockOf = (scid: Scid): number => Number(scid >> 40n);

/** A channel with the keys of its output: who makes up other keys for a channel has announced another one. */
export type ClaimName = `${bigint} ${string}`;
export const claimName = ({ scid, bitcoinKey1, bitcoinKey2 }: ChannelAnnouncement): ClaimName =>
  `${scid} ${toHex(bitcoinKey1)}${toHex(bitcoinKey2)}`;

/**
 * What waits for a look at the chain, and what was told of it meanwhile. Of one channel there may be several claims, by
 * other keys, of which the chain bears out one at the most.
 */
export class UncheckedChannels {
  readonly #channels = new Map<ClaimName, UncheckedChannel>();
  /** By channel. */
  readonly #claims = new Map<Scid, readonly UncheckedChannel[]>();
  /** node_announcement of nodes that are known by nothing else. */
  readonly #nodes = new Map<NodeId, NodeAnnouncement>();
  /** How many of `#channels` each node is an end of, each peer told us of, and each block has. */
  readonly #ends = new Map<NodeId, number>();
  readonly #tellers = new Map<NodeId, number>();
  readonly #blocks = new Map<number, number>();

  get size(): number {
    return this.#channels.size;
  }

  isFullFor(peer: NodeId): boolean {
    return this.#channels.size >= MOST_CHANNELS || (this.#tellers.get(peer) ?? 0) >= MOST_OF_PEER;
  }

  /** All claims of the channel. */
  of(scid: Scid): readonly UncheckedChannel[] {
    return this.#claims.get(scid) ?? [];
  }

  /** The oldest ones of those that match. */
  first(most: number, matches: (channel: UncheckedChannel) => boolean): readonly UncheckedChannel[] {
    const found: UncheckedChannel[] = [];
    for (const channel of this.#channels.values()) {
      if (found.length >= most) break;
      if (matches(channel)) found.push(channel);
    }
    return found;
  }

  /** How many are of blocks from `first` to `last`. */
  inBlocks(first: number, last: number): number {
    let sum = 0;
    for (let block = first; block <= last; block++) sum += this.#blocks.get(block) ?? 0;
    return sum;
  }

  add(channel: UncheckedChannel): void {
    const { announcement } = channel;
    this.#channels.set(claimName(announcement), channel);
    this.#claims.set(announcement.scid, [...this.of(announcement.scid), channel]);
    count(this.#tellers, channel.from, 1);
    count(this.#blocks, blockOf(announcement.scid), 1);
    for (const id of endsOf(channel)) count(this.#ends, id, 1);
  }

  isEnd(id: NodeId): boolean {
    return this.#ends.has(id);
  }

  node(id: NodeId): NodeAnnouncement | null {
    return this.#nodes.get(id) ?? null;
  }

  /** False when there is no room. */
  holdNode(announcement: NodeAnnouncement): boolean {
    if (!this.#nodes.has(announcement.nodeId) && this.#nodes.size >= MOST_NODES) return false;
    this.#nodes.set(announcement.nodeId, announcement);
    return true;
  }

  /** Nobody could say: others first. */
  putLast(channel: UncheckedChannel): void {
    const name = claimName(channel.announcement);
    if (++channel.tries >= MOST_TRIES) return this.remove(channel);
    if (this.#channels.get(name) !== channel) return;
    this.#channels.delete(name);
    this.#channels.set(name, channel);
  }

  /** It is no channel, or not one that we want. */
  remove(channel: UncheckedChannel): void {
    const { announcement } = channel;
    const name = claimName(announcement);
    // It may have been dropped with its peer, and told by another since.
    if (this.#channels.get(name) !== channel) return;
    this.#channels.delete(name);
    const others = this.of(announcement.scid).filter((one) => one !== channel);
    if (others.length > 0) this.#claims.set(announcement.scid, others);
    else this.#claims.delete(announcement.scid);
    count(this.#tellers, channel.from, -1);
    count(this.#blocks, blockOf(announcement.scid), -1);
    for (const id of endsOf(channel)) if (count(this.#ends, id, -1) === 0) this.#nodes.delete(id);
  }

  /** The peer is not believed any more. @returns what it had told */
  dropFrom(peer: NodeId): readonly UncheckedChannel[] {
    const dropped = this.first(this.#tellers.get(peer) ?? 0, ({ from }) => from === peer);
    for (const channel of dropped) this.remove(channel);
    return dropped;
  }

  /** It is what it says: it goes into `changes`, with what was told of it. */
  settle(channel: UncheckedChannel, capacity: Sat, announcedAt: number, changes: GossipChanges): void {
    const { announcement, updates } = channel;
    const { scid, nodeId1, nodeId2 } = announcement;
    changes.addChannel({ scid, nodeA: nodeId1, nodeB: nodeId2, capacity, announcedAt });
    for (const update of updates) if (update !== null) changes.updates.set(edgeName(update), update);
    for (const id of [nodeId1, nodeId2]) {
      const held = this.#nodes.get(id);
      if (held === undefined) continue;
      changes.nodes.set(id, held);
      this.#nodes.delete(id);
    }
    this.remove(channel);
  }
}

const endsOf = ({ announcement: { nodeId1, nodeId2 } }: UncheckedChannel): readonly NodeId[] => [
  nodeId1,
  nodeId2,
];

export const holdUpdate = ({ updates }: UncheckedChannel, update: ChannelUpdate): void => {
  updates[update.channelFlags & DIRECTION] = update;
};

/** @returns what it comes to; at zero there is no entry */
function count<K>(counts: Map<K, number>, key: K, change: 1 | -1): number {
  const now = (counts.get(key) ?? 0) + change;
  if (now > 0) counts.set(key, now);
  else counts.delete(key);
  return now;
}
