import type { BlockHash } from '../../base/ids.ts';
import type { Timestamp } from '../../base/units.ts';
import { answerFilter, answerIds, answerRange, type OwnGossip } from '../../gossip/own-gossip.ts';
import type {
  GossipTimestampFilter,
  QueryChannelRange,
  QueryShortChannelIds,
} from '../../wire/gossip-query.ts';
import type { WireMessage } from '../../wire/wire-message.ts';

export type Question = QueryChannelRange | QueryShortChannelIds | GossipTimestampFilter;

/** Questions that came before we may speak. */
const MOST_EARLY = 10;
/** Questions of one connection that are answered within a minute. */
const MOST_A_MINUTE = 60;
const MINUTE = 60;

/** What is said to a question. */
export type Reply =
  | { readonly tag: 'say'; readonly messages: readonly WireMessage[] }
  | { readonly tag: 'warn'; readonly text: string };

const SILENCE: Reply = { tag: 'say', messages: [] };

/** What one peer asks of us, on one connection. */
export class PeerQuestions {
  readonly #chainHash: BlockHash;
  #early: Question[] = [];
  #minute = 0;
  #count = 0;

  constructor(chainHash: BlockHash) {
    this.#chainHash = chainHash;
  }

  /** We may not speak yet: it waits. */
  keep(question: Question): void {
    if (this.#early.length < MOST_EARLY) this.#early.push(question);
  }

  /** What waited. */
  kept(): readonly Question[] {
    return this.#early.splice(0);
  }

  reply(question: Question, own: OwnGossip, now: Timestamp): Reply {
    const minute = Math.floor(now / MINUTE);
    if (minute !== this.#minute) this.#count = 0;
    this.#minute = minute;
    if (++this.#count > MOST_A_MINUTE) return SILENCE;
    switch (question.name) {
      case 'query_channel_range':
        return { tag: 'say', messages: [answerRange(question, own)] };
      case 'query_short_channel_ids':
        // BOLT 7 §query_short_channel_ids: "if `encoded_query_flags` does not decode to exactly one flag per
        // `short_channel_id`: MAY send a `warning`."
        return question.queryFlags !== undefined && question.queryFlags.length !== question.scids.length
          ? { tag: 'warn', text: 'not one query flag for each short_channel_id' }
          : { tag: 'say', messages: answerIds(question, own) };
      case 'gossip_timestamp_filter':
        return question.chainHash === this.#chainHash
          ? { tag: 'say', messages: answerFilter(question, own) }
          : SILENCE;
    }
  }
}
