import type { NodeId } from '../base/ids.ts';
import type { BlockHeight, Sat, Scid, Timestamp } from '../base/units.ts';
import {
  DIRECTION,
  DONT_FORWARD,
  type ChannelAnnouncement,
  type ChannelUpdate,
  type GossipMessage,
  type NodeAnnouncement,
} from '../wire/gossip.ts';
import { parseAddresses } from '../wire/node-address.ts';
import { edgeName, GossipChanges } from './gossip-changes.ts';
import { ignored, TAKEN, type Verdict } from './gossip-verdict.ts';
import { channelIndexOf, nodeDetailOf, nodeIdAt, nodeIndexOf, policyAt, type Graph } from './graph.ts';
import { STALE_SECONDS } from './prune.ts';
import { RecentSet } from './recent-set.ts';
import {
  blockOf,
  claimName,
  holdUpdate,
  UncheckedChannels,
  type ClaimName,
  type UncheckedChannel,
} from './unchecked-channels.ts';
import { isSignedChannel, isSignedNode, isSignedUpdate } from './verify-gossip.ts';

export type IntakePorts = {
  readonly graph: () => Graph;
  readonly now: () => Timestamp;
  readonly height: () => BlockHeight;
};

/** What the chain says of an announced channel; `unknown`: nobody could be asked. */
export type FundingFinding =
  | { readonly tag: 'found'; readonly capacity: Sat }
  | { readonly tag: 'unfounded' }
  | { readonly tag: 'unknown' };

const DEPTH = 6;
/** Of each byte of a feature vector. */
const EVEN_BITS = 0x55;
/** A block comes every ten minutes: who is further ahead of us than this is not on our chain. */
const MOST_AHEAD = 12;
/** Channels that wait for their blocks: for hours they take room, and cost whoever makes them up nothing. */
const MOST_YOUNG = 300;
const AHEAD_SECONDS = 86_400;
/** What is taken in an hour of one direction of a channel, or of one node: more is a loop, or an attack on those who listen. */
const MOST_UPDATES = 10;
const HOUR = 3_600;
const REMEMBERED_UNFOUNDED = 20_000;
const REMEMBERED_LIARS = 2_000;

/**
 * Judges gossip by BOLT 7 against the map, one message at a time, cheap questions before signatures. What is found good
 * waits in `changes` (see `take`) or, when the chain has to confirm it, in `unchecked`.
 */
export class GossipIntake {
  readonly unchecked = new UncheckedChannels();
  changes = new GossipChanges();
  /** On their way to the map: they count as known. */
  #taken = new GossipChanges();
  readonly #ports: IntakePorts;
  readonly #unfounded = new RecentSet<ClaimName>(REMEMBERED_UNFOUNDED);
  /** Who told us of such channels: others may know them by the keys that they have. */
  readonly #told = new RecentSet<`${bigint} ${NodeId}`>(REMEMBERED_UNFOUNDED);
  readonly #blacklist = new RecentSet<NodeId>(REMEMBERED_LIARS);
  /** By edge, by edge and who claimed its channel, by node. */
  readonly #counts = new Map<string, number>();
  #hour = 0;

  constructor(ports: IntakePorts) {
    this.#ports = ports;
  }

  /** What is to be put on the map now. Until the next call it is remembered as known. */
  take(): GossipChanges {
    this.#taken = this.changes;
    this.changes = new GossipChanges();
    return this.#taken;
  }

  judge(message: GossipMessage, from: NodeId): Verdict {
    switch (message.name) {
      case 'channel_announcement':
        return this.#onChannel(message, from);
      case 'channel_update':
        return this.#onUpdate(message, from);
      case 'node_announcement':
        return this.#onNode(message);
    }
  }

  /** Whether the peer need not be asked about the channel any more. */
  knows(scid: Scid, peer: NodeId): boolean {
    return (
      channelIndexOf(this.#ports.graph(), scid) >= 0 ||
      this.#waiting(scid) !== undefined ||
      this.unchecked.of(scid).length > 0 ||
      this.#told.has(`${scid} ${peer}`)
    );
  }

  /** Announcements that the chain is to be asked about now, `most` of them: those that are deep enough. */
  toCheck(most: number): readonly UncheckedChannel[] {
    return this.unchecked.first(most, ({ announcement: { scid } }) => !this.#isYoung(scid));
  }

  /** The first block whose channels are not deep enough. */
  get #firstYoung(): number {
    return this.#ports.height() - DEPTH + 2;
  }

  #isYoung(scid: Scid): boolean {
    return blockOf(scid) >= this.#firstYoung;
  }

  #hasRoom({ scid }: ChannelAnnouncement, from: NodeId): boolean {
    if (this.unchecked.isFullFor(from)) return false;
    if (!this.#isYoung(scid)) return true;
    return this.unchecked.inBlocks(this.#firstYoung, this.#ports.height() + MOST_AHEAD) < MOST_YOUNG;
  }

  /** What the chain said of one of `unchecked`. */
  onChecked(channel: UncheckedChannel, finding: FundingFinding): void {
    const { scid, nodeId1, nodeId2 } = channel.announcement;
    if (finding.tag === 'unknown') return this.unchecked.putLast(channel);
    if (finding.tag === 'unfounded') {
      // BOLT 7 §channel_announcement: "if the `short_channel_id`'s output does NOT correspond to a P2WSH (using
      // `bitcoin_key_1` and `bitcoin_key_2` […]) OR the output is spent: MUST ignore the message."
      this.#unfounded.add(claimName(channel.announcement));
      this.#told.add(`${scid} ${channel.from}`);
      this.unchecked.remove(channel);
      return;
    }
    const others = this.#endsOf(scid);
    if (others !== null && !isSame(others, [nodeId1, nodeId2])) {
      // BOLT 7 §channel_announcement: "if it has previously received a valid `channel_announcement`, for the same
      // transaction, in the same block, but for a different `node_id_1` or `node_id_2`: SHOULD blacklist the previous
      // message's `node_id_1` and `node_id_2`, as well as this `node_id_1` and `node_id_2` AND forget any channels
      // connected to them."
      for (const id of [...others, nodeId1, nodeId2]) {
        this.#blacklist.add(id);
        this.changes.forgotten.add(id);
      }
      this.unchecked.remove(channel);
      return;
    }
    this.unchecked.settle(channel, finding.capacity, this.#ports.now(), this.changes);
  }

  #onChannel(message: ChannelAnnouncement, from: NodeId): Verdict {
    const { scid, nodeId1, nodeId2 } = message;
    const graph = this.#ports.graph();
    // BOLT 7 §channel_announcement: "if the specified `chain_hash` is unknown to the receiver: MUST ignore the message."
    if (message.chainHash !== graph.chainHash) return ignored('other-chain');
    // "if `node_id_1` OR `node_id_2` are blacklisted: SHOULD ignore the message."
    if (this.#blacklist.has(nodeId1) || this.#blacklist.has(nodeId2)) return ignored('blacklisted');
    if (this.#unfounded.has(claimName(message))) {
      this.#told.add(`${scid} ${from}`);
      return ignored('unfounded');
    }
    // "if the `short_channel_id`'s output does NOT have at least 6 confirmations: MAY accept the message if the output
    // is close to 6 confirmations, in case the receiving node hasn't received the latest block(s) yet. otherwise:
    // SHOULD ignore the message." Accepted ones wait for their blocks: see `toCheck`.
    if (blockOf(scid) > this.#ports.height() + MOST_AHEAD) return ignored('too-young');
    // "if there is an unknown even bit in the `features` field: MUST NOT attempt to route messages through the channel."
    if (message.features.some((byte) => (byte & EVEN_BITS) !== 0)) return ignored('unknown-feature');
    const known = this.#endsOf(scid);
    // A map that snapshots made too was signed by nobody: it convicts nobody.
    if (known !== null && (graph.snapshotAt > 0 || isSame(known, [nodeId1, nodeId2])))
      return ignored('known');
    // By other keys, and of another peer, it waits beside: else whoever is first with keys of his own hides the channel.
    const isClaimed = (claim: UncheckedChannel): boolean =>
      claim.from === from || claimName(claim.announcement) === claimName(message);
    if (this.unchecked.of(scid).some(isClaimed)) return ignored('known');
    if (!this.#hasRoom(message, from)) return ignored('full');
    // "MUST set `node_id_1` and `node_id_2` […] such that `node_id_1` is the lexicographically-lesser"
    if (nodeId1 >= nodeId2 || !isSignedChannel(message))
      return {
        tag: 'breach',
        rule: 'BOLT 7 §channel_announcement: "if `bitcoin_signature_1`, `bitcoin_signature_2`, `node_signature_1` OR `node_signature_2` are invalid OR NOT correct: SHOULD send a `warning`. MAY close the connection. MUST ignore the message."',
        detail: 'wrong signature in channel_announcement',
      };
    this.unchecked.add({ announcement: message, from, tries: 0, updates: [null, null] });
    return TAKEN;
  }

  #onUpdate(update: ChannelUpdate, from: NodeId): Verdict {
    const { timestamp } = update;
    const now = this.#ports.now();
    // BOLT 7 §channel_update: "if the specified `chain_hash` value is unknown […]: MUST ignore the channel update."
    if (update.chainHash !== this.#ports.graph().chainHash) return ignored('other-chain');
    // "MUST NOT forward such a `channel_update` to other peers, for privacy reasons": it is about a channel of ours.
    if ((update.messageFlags & DONT_FORWARD) !== 0) return ignored('not-for-others');
    const all = this.#placesOf(update);
    // "if the `short_channel_id` does NOT match a previous `channel_announcement`: MUST ignore `channel_update`s that do
    // NOT correspond to one of its own channels."
    if (all.length === 0) return ignored('unknown-channel');
    // "if `timestamp` is lower than that of the last-received `channel_update` […]: SHOULD ignore the message"; and
    // when it is equal we blacklist nobody: two of the same second are no proof of ill will.
    const newer = all.filter(({ updatedAt }) => timestamp > updatedAt);
    if (newer.length === 0) return ignored('known');
    // "if the `timestamp` is unreasonably far in the future: MAY discard the `channel_update`."
    if (timestamp > now + AHEAD_SECONDS) return ignored('from-the-future');
    if (timestamp < now - STALE_SECONDS) return ignored('stale');
    const places = newer.filter(({ name }) => this.#countOf(name, now) < MOST_UPDATES);
    if (places.length === 0) return ignored('too-often');
    const signer = (update.channelFlags & DIRECTION) as 0 | 1;
    const place = places.find(({ ends }) => isSignedUpdate(update, ends[signer]));
    if (place !== undefined) {
      this.#count(place.name, now);
      if (place.claim === null) this.changes.updates.set(edgeName(update), update);
      else holdUpdate(place.claim, update);
      return TAKEN;
    }
    // Whoever claims a channel that is not his would else have those banned who tell of the true one, again and again:
    // the channel whose update this repeats was not tried, and convicts nobody.
    if (places.every(({ claim }) => claim !== null && claim.from !== from)) return ignored('unclaimed');
    return {
      tag: 'breach',
      rule: 'BOLT 7 §channel_update: "if `signature` is not a valid signature […]: SHOULD send a `warning` and close the connection. MUST NOT process the message further."',
      detail: 'wrong signature in channel_update',
    };
  }

  #onNode(message: NodeAnnouncement): Verdict {
    const { nodeId, timestamp } = message;
    const graph = this.#ports.graph();
    const index = nodeIndexOf(graph, nodeId);
    const isOnMap = index >= 0 || this.changes.ends.has(nodeId) || this.#taken.ends.has(nodeId);
    // BOLT 7 §node_announcement: "if `node_id` is NOT previously known from a `channel_announcement` message, OR if
    // `timestamp` is NOT greater than the last-received `node_announcement` from this `node_id`: SHOULD ignore"
    if (!isOnMap && !this.unchecked.isEnd(nodeId)) return ignored('unknown-node');
    if (this.#blacklist.has(nodeId)) return ignored('blacklisted');
    const latest = Math.max(
      index < 0 ? 0 : (nodeDetailOf(graph, index)?.announcedAt ?? 0),
      this.changes.nodes.get(nodeId)?.timestamp ?? 0,
      this.#taken.nodes.get(nodeId)?.timestamp ?? 0,
      this.unchecked.node(nodeId)?.timestamp ?? 0,
    );
    if (timestamp <= latest) return ignored('known');
    const now = this.#ports.now();
    if (timestamp > now + AHEAD_SECONDS) return ignored('from-the-future');
    if (this.#countOf(nodeId, now) >= MOST_UPDATES) return ignored('too-often');
    // Includes: "if `node_id` is NOT a valid compressed public key".
    if (!isSignedNode(message))
      return {
        tag: 'breach',
        rule: 'BOLT 7 §node_announcement: "if `signature` is NOT a valid signature […]: SHOULD send a `warning`. MAY close the connection. MUST NOT process the message further."',
        detail: 'wrong signature in node_announcement',
      };
    if (!parseAddresses(message.addresses).ok)
      return {
        tag: 'breach',
        rule: 'BOLT 7 §node_announcement: "if `addrlen` is insufficient to hold the address descriptors of the known types: SHOULD send a `warning`."',
        detail: 'addresses of a node_announcement are cut short',
      };
    if (isOnMap) this.changes.nodes.set(nodeId, message);
    else if (!this.unchecked.holdNode(message)) return ignored('full');
    this.#count(nodeId, now);
    return TAKEN;
  }

  #waiting(scid: Scid) {
    return this.changes.channels.get(scid) ?? this.#taken.channels.get(scid);
  }

  /** The two nodes that the map, or what is about to be on it, says the channel is between. */
  #endsOf(scid: Scid): Ends | null {
    const waiting = this.#waiting(scid);
    if (waiting !== undefined) return [waiting.nodeA, waiting.nodeB];
    const graph = this.#ports.graph();
    const channel = channelIndexOf(graph, scid);
    if (channel < 0) return null;
    const { nodeA, nodeB } = graph.channels;
    return [nodeIdAt(graph, nodeA[channel] ?? 0), nodeIdAt(graph, nodeB[channel] ?? 0)];
  }

  /** The channels that it may be of: that of the map, and those that wait for the chain. */
  #placesOf(update: ChannelUpdate): readonly Place[] {
    const graph = this.#ports.graph();
    const direction = (update.channelFlags & DIRECTION) as 0 | 1;
    const channel = channelIndexOf(graph, update.scid);
    const name = edgeName(update);
    const ends = this.#endsOf(update.scid);
    const updatedAt = Math.max(
      channel < 0 ? 0 : (policyAt(graph, channel, direction)?.updatedAt ?? 0),
      this.changes.updates.get(name)?.timestamp ?? 0,
      this.#taken.updates.get(name)?.timestamp ?? 0,
    );
    return [
      ...(ends === null ? [] : [{ claim: null, ends, name, updatedAt }]),
      ...this.unchecked.of(update.scid).map((claim) => ({
        claim,
        ends: endsOf(claim.announcement),
        name: `${name} ${claim.from}`,
        updatedAt: claim.updates[direction]?.timestamp ?? 0,
      })),
    ];
  }

  #count(name: string, now: Timestamp): void {
    this.#counts.set(name, this.#countOf(name, now) + 1);
  }

  /** What was taken of this direction, or of this node, within the hour. */
  #countOf(name: string, now: Timestamp): number {
    const hour = Math.floor(now / HOUR);
    if (hour !== this.#hour) this.#counts.clear();
    this.#hour = hour;
    return this.#counts.get(name) ?? 0;
  }
}

type Ends = readonly [NodeId, NodeId];
/** `claim`: null for the channel of the map. */
type Place = {
  readonly claim: UncheckedChannel | null;
  readonly ends: Ends;
  readonly name: string;
  readonly updatedAt: number;
};

const endsOf = ({ nodeId1, nodeId2 }: ChannelAnnouncement): Ends => [nodeId1, nodeId2];
const isSame = ([a, b]: Ends, [c, d]: Ends): boolean => a === c && b === d;
