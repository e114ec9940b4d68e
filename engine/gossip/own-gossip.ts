import type { Scid } from '../base/units.ts';
import {
  WANT_CHANNEL_ANNOUNCEMENT,
  WANT_NODE_1,
  WANT_NODE_2,
  WANT_TIMESTAMPS,
  WANT_UPDATE_1,
  WANT_UPDATE_2,
  type GossipTimestampFilter,
  type QueryChannelRange,
  type QueryShortChannelIds,
} from '../wire/gossip-query.ts';
import {
  DIRECTION,
  type ChannelAnnouncement,
  type ChannelUpdate,
  type NodeAnnouncement,
} from '../wire/gossip.ts';
import type { WireMessage } from '../wire/wire-message.ts';

/** A public channel of ours: signed by all, and our terms for it. */
export type OwnChannel = { readonly announcement: ChannelAnnouncement; readonly update: ChannelUpdate };

/**
 * All that we hand on: what we made ourselves. BOLT 7 §gossip_timestamp_filter: "MUST NOT relay any gossip messages it
 * did not generate itself, unless explicitly requested." Others' messages are not kept with their signatures, so that
 * there is nothing else to answer with.
 */
export type OwnGossip = {
  readonly channels: readonly OwnChannel[];
  /** Null while no channel of ours is public: nobody would take it. */
  readonly node: NodeAnnouncement | null;
};

/**
 * BOLT 7 §gossip_timestamp_filter: "MUST send the `channel_announcement` prior to any corresponding `channel_update`s
 * and `node_announcement`s."
 */
export const announced = ({ channels, node }: OwnGossip): readonly WireMessage[] => [
  ...channels.flatMap(({ announcement, update }) => [announcement, update]),
  ...(node === null || channels.length === 0 ? [] : [node]),
];

/** What passes the peer's filter. "MUST consider the `timestamp` of the `channel_announcement` to be the `timestamp` of a corresponding `channel_update`." */
export function answerFilter(filter: GossipTimestampFilter, own: OwnGossip): readonly WireMessage[] {
  const end = filter.firstTimestamp + filter.timestampRange;
  const passes = ({ timestamp }: { readonly timestamp: number }): boolean =>
    timestamp >= filter.firstTimestamp && timestamp < end;
  const channels = own.channels.filter(({ update }) => passes(update));
  const node = own.node !== null && passes(own.node) ? own.node : null;
  return announced({ channels, node });
}

/** BOLT 7 §query_channel_range: "MUST respond with one or more `reply_channel_range`": one, we have few. */
export function answerRange(query: QueryChannelRange, own: OwnGossip): WireMessage {
  const { chainHash, firstBlock, blocks } = query;
  const found = own.channels
    .filter(({ announcement: { scid, chainHash: chain } }) => {
      const block = Number(scid >> 40n);
      return chain === chainHash && block >= firstBlock && block < firstBlock + blocks;
    })
    .sort((a, b) => (a.announcement.scid < b.announcement.scid ? -1 : 1));
  // "if bit 0 in `query_option_flags` is set, the receiver MAY append a `timestamps_tlv`"
  const wantsTimes = ((query.queryOption ?? 0n) & WANT_TIMESTAMPS) !== 0n;
  return {
    name: 'reply_channel_range',
    // "MUST set with `chain_hash` equal to that of `query_channel_range`"; "the final `reply_channel_range` message: MUST
    // have `first_blocknum` plus `number_of_blocks` equal or greater than" asked for; "MUST set `sync_complete` to `true`."
    chainHash,
    firstBlock,
    blocks,
    syncComplete: true,
    scids: found.map(({ announcement }) => announcement.scid),
    ...(wantsTimes ? { timestamps: found.map(({ update }) => timesOf(update)) } : {}),
  };
}

function timesOf({ channelFlags, timestamp }: ChannelUpdate) {
  const none = 0 as typeof timestamp;
  return (channelFlags & DIRECTION) === 0
    ? { node1: timestamp, node2: none }
    : { node1: none, node2: timestamp };
}

const ALL = WANT_CHANNEL_ANNOUNCEMENT | WANT_UPDATE_1 | WANT_UPDATE_2 | WANT_NODE_1 | WANT_NODE_2;

/** BOLT 7 §query_short_channel_ids: "MUST respond to each known `short_channel_id`". */
export function answerIds(query: QueryShortChannelIds, own: OwnGossip): readonly WireMessage[] {
  const { chainHash, scids, queryFlags } = query;
  const wanted = new Map<Scid, bigint>(scids.map((scid, index) => [scid, queryFlags?.[index] ?? ALL]));
  const messages: WireMessage[] = [];
  let wantsNode = false;
  for (const { announcement, update } of own.channels) {
    const flags = announcement.chainHash === chainHash ? (wanted.get(announcement.scid) ?? 0n) : 0n;
    if ((flags & WANT_CHANNEL_ANNOUNCEMENT) !== 0n) messages.push(announcement);
    const ourUpdate = (update.channelFlags & DIRECTION) === 0 ? WANT_UPDATE_1 : WANT_UPDATE_2;
    if ((flags & ourUpdate) !== 0n) messages.push(update);
    const ourNode = (update.channelFlags & DIRECTION) === 0 ? WANT_NODE_1 : WANT_NODE_2;
    wantsNode ||= (flags & ourNode) !== 0n;
  }
  // "MUST follow with any `node_announcement`s for each `channel_announcement`"; "SHOULD avoid sending duplicate"
  if (wantsNode && own.node !== null) messages.push(own.node);
  // "MUST follow these responses with `reply_short_channel_ids_end`. if does not maintain up-to-date channel information
  // for `chain_hash`: MUST set `full_information` to 0."
  return [...messages, { name: 'reply_short_channel_ids_end', chainHash, fullInformation: false }];
}
