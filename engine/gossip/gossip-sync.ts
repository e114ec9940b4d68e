import type { BlockHash } from '../base/ids.ts';
import { timestamp, type Scid, type Timestamp } from '../base/units.ts';
import { supports } from '../wire/features.ts';
import {
  WANT_TIMESTAMPS,
  type QueryShortChannelIds,
  type ReplyChannelRange,
  type ReplyShortChannelIdsEnd,
} from '../wire/gossip-query.ts';
import type { WireMessage } from '../wire/wire-message.ts';

/** What the map has of a channel: the times of its two updates, 0 where there is none; null when it has nothing. */
export type KnownTimes = (scid: Scid) => readonly [number, number] | null;

/** Channels of one query: their announcements, updates and nodes come to some 300 kB. */
const BATCH = 200;
const MOST_WANTED = 100_000;
/** Mainnet's fifty thousand channels fit into seven. */
const MOST_REPLIES = 2_000;
const PATIENCE_SECONDS = 60;
/** All blocks there will be for a long time: BOLT 7 has no other word for "to the end". */
const ALL_BLOCKS = 0xffff_ffff;
const ALL_TIMES = 0xffff_ffff;
/** What a peer was slow to pass on. */
const OVERLAP_SECONDS = 7_200;

export type SyncSettings = {
  readonly chainHash: BlockHash;
  /** Of the peer, as said in `init`. */
  readonly features: Uint8Array;
  readonly known: KnownTimes;
};

/**
 * Asks one peer for the map: which channels there are, then for those that we lack, a few hundred at a time, and for
 * what is new from now on. Says nothing by itself: hand on what it returns, and call `next` when there is room for more.
 */
export class GossipSync {
  readonly #settings: SyncSettings;
  /** The `query_channel_range` that is not answered yet. */
  #range: { readonly askedAt: Timestamp; next: number; replies: number } | null = null;
  /** The `query_short_channel_ids` that is not answered yet. */
  #askedAt: Timestamp | null = null;
  /** Short channel ids to ask for, and whether the map has an older word of them. */
  readonly #wanted = new Map<Scid, boolean>();
  /** It left a question unanswered: BOLT 7 forbids to ask another. */
  #isMute = false;

  constructor(settings: SyncSettings) {
    this.#settings = settings;
  }

  /**
   * The first words on a connection. `newest`: of the updates on the map, 0 when there are none.
   */
  begin(now: Timestamp, newest: number): readonly WireMessage[] {
    const { chainHash, features } = this.#settings;
    // BOLT 7 §gossip_timestamp_filter: "A node which wants any gossip messages has to send this, otherwise no gossip
    // messages would be received." Of a peer that has nothing to tell we want none.
    if (!supports(features, 'gossip_queries')) return [];
    this.#range = { askedAt: now, next: 0, replies: 0 };
    const since = Math.max(0, (newest === 0 ? now : Math.min(newest, now)) - OVERLAP_SECONDS);
    return [
      filter(chainHash, since, ALL_TIMES),
      {
        name: 'query_channel_range',
        // "MUST set `chain_hash` to the 32-byte hash that uniquely identifies the chain"
        chainHash,
        firstBlock: 0,
        // "MUST set `number_of_blocks` to 1 or greater."
        blocks: ALL_BLOCKS,
        ...(supports(features, 'gossip_queries_ex') ? { queryOption: WANT_TIMESTAMPS } : {}),
      },
    ];
  }

  /** @returns what is wrong with the answer; null when nothing is. */
  onRange(reply: ReplyChannelRange): string | null {
    const { chainHash, known } = this.#settings;
    if (this.#range === null) return 'reply_channel_range that nobody asked for';
    if (reply.chainHash !== chainHash) return 'reply_channel_range of another chain';
    // BOLT 7 §query_channel_range: "successive `reply_channel_range` message: MUST have `first_blocknum` equal or
    // greater than the previous `first_blocknum`."
    if (reply.firstBlock < this.#range.next) return 'reply_channel_range that goes back';
    if (reply.timestamps !== undefined && reply.timestamps.length !== reply.scids.length)
      return 'not one pair of timestamps for each short_channel_id';
    if (++this.#range.replies > MOST_REPLIES) return 'no end of reply_channel_range';
    this.#range.next = reply.firstBlock;
    for (const [index, scid] of reply.scids.entries()) {
      if (this.#wanted.size >= MOST_WANTED) break;
      const has = known(scid);
      const told = reply.timestamps?.[index];
      const isNewer = has !== null && told !== undefined && (told.node1 > has[0] || told.node2 > has[1]);
      if (has === null || isNewer) this.#wanted.set(scid, isNewer);
    }
    // "the final `reply_channel_range` message: MUST have `first_blocknum` plus `number_of_blocks` equal or greater than
    // the `query_channel_range` `first_blocknum` plus `number_of_blocks`", and some only set `sync_complete`.
    if (reply.syncComplete || reply.firstBlock + reply.blocks >= ALL_BLOCKS) this.#range = null;
    return null;
  }

  onIdsEnd(_reply: ReplyShortChannelIdsEnd): void {
    this.#askedAt = null;
  }

  /** A channel of which an update came, and that the map lacks. */
  want(scid: Scid): void {
    if (this.#wanted.size < MOST_WANTED) this.#wanted.set(scid, false);
  }

  /** The next query, when one may be sent; null when not, or when there is nothing to ask. */
  next(now: Timestamp): QueryShortChannelIds | null {
    const { chainHash, features, known } = this.#settings;
    const askedAt = this.#askedAt ?? this.#range?.askedAt ?? null;
    if (askedAt !== null && now - askedAt > PATIENCE_SECONDS) this.#isMute = true;
    if (this.#isMute || askedAt !== null || !supports(features, 'gossip_queries')) return null;
    const scids: Scid[] = [];
    for (const [scid, isNewer] of this.#wanted) {
      this.#wanted.delete(scid);
      // It may have come by itself meanwhile.
      if (isNewer || known(scid) === null) scids.push(scid);
      if (scids.length === BATCH) break;
    }
    if (scids.length === 0) return null;
    // BOLT 7 §query_short_channel_ids: "MUST NOT send `query_short_channel_ids` if it has sent a previous
    // `query_short_channel_ids` to this peer and not received `reply_short_channel_ids_end`."
    this.#askedAt = now;
    // §Query Messages: "`0`: uncompressed array of `short_channel_id` types, in ascending order."
    scids.sort((a, b) => (a < b ? -1 : 1));
    return { name: 'query_short_channel_ids', chainHash, scids };
  }

  /** Whether all was asked that there is to ask. */
  get isDone(): boolean {
    return this.#isMute || (this.#range === null && this.#askedAt === null && this.#wanted.size === 0);
  }
}

const filter = (chainHash: BlockHash, first: number, timestampRange: number): WireMessage => ({
  name: 'gossip_timestamp_filter',
  chainHash,
  firstTimestamp: timestamp(first),
  timestampRange,
});
