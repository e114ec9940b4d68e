import { bool } from '../codec/choices.ts';
import { decode, type Field, type Infer } from '../codec/field.ts';
import { inflateZlib } from '../codec/inflate.ts';
import { blockHash } from '../codec/ids.ts';
import { bigsize, u32 } from '../codec/integers.ts';
import { message } from '../codec/message.ts';
import { restList } from '../codec/sequences.ts';
import { struct } from '../codec/struct.ts';
import { tlv, tlvs } from '../codec/tlv.ts';
import { scid, timestamp32 } from '../codec/units.ts';
import { plain } from './meta.ts';

// BOLT 7 §Query Messages.

/** An encoding byte and the values, to the end of the container. */
function encoded<T>(of: Field<T>): Field<readonly T[]> {
  const values = restList(of);
  return {
    shape: values.shape,
    read: (reader) => {
      const encoding = reader.u8();
      if (encoding === UNCOMPRESSED) return values.read(reader);
      if (encoding !== ZLIB) reader.fail('invalid');
      const packed = reader.bytes(reader.remaining);
      const inflated = inflateZlib(packed, MOST_TIMES * packed.length + FEW);
      const decoded = inflated === null ? null : decode(values, inflated);
      return decoded?.ok === true ? decoded.value : reader.fail('invalid');
    },
    write: (writer, value) => {
      writer.u8(UNCOMPRESSED);
      values.write(writer, value);
    },
  };
}
const UNCOMPRESSED = 0;
/**
 * "`1`: Previously used for zlib compression, this encoding MUST NOT be used." We never write it.
 * DIVERGES from BOLT 7 §Query Messages: what older nodes still send is read, because they had to by the text of their time.
 */
const ZLIB = 1;
/**
 * Sorted ids of real channels come to three times what they are packed in. A list of nothing but zeros would come to a
 * thousand times that: half a kilobyte cost as much work as a megabyte, and a peer can send thousands of those a second.
 */
const MOST_TIMES = 16;
const FEW = 1_024;

/** The same behind a u16 length. */
function encoded16<T>(of: Field<T>): Field<readonly T[]> {
  const content = encoded(of);
  return {
    shape: content.shape,
    read: (reader) => reader.within(reader.u16(), (inner) => content.read(inner)),
    write: (writer, value) => writer.sized16(() => content.write(writer, value)),
  };
}

/** Bits of a query flag. */
export const WANT_CHANNEL_ANNOUNCEMENT = 1n;
export const WANT_UPDATE_1 = 2n;
export const WANT_UPDATE_2 = 4n;
export const WANT_NODE_1 = 8n;
export const WANT_NODE_2 = 16n;

/** `queryFlags`, when present, has one entry for each scid. */
export const queryShortChannelIds = message(
  261,
  'query_short_channel_ids',
  { chainHash: blockHash, scids: encoded16(scid) },
  tlvs({ queryFlags: tlv(1, encoded(bigsize)) }),
  plain('gossip-query'),
);
export type QueryShortChannelIds = Infer<typeof queryShortChannelIds>;

export const replyShortChannelIdsEnd = message(
  262,
  'reply_short_channel_ids_end',
  { chainHash: blockHash, fullInformation: bool },
  tlvs({}),
  plain('gossip-query'),
);
export type ReplyShortChannelIdsEnd = Infer<typeof replyShortChannelIdsEnd>;

/** Bits of `queryOption`. */
export const WANT_TIMESTAMPS = 1n;
export const WANT_CHECKSUMS = 2n;

export const queryChannelRange = message(
  263,
  'query_channel_range',
  { chainHash: blockHash, firstBlock: u32, blocks: u32 },
  tlvs({ queryOption: tlv(1, bigsize) }),
  plain('gossip-query'),
);
export type QueryChannelRange = Infer<typeof queryChannelRange>;

/** `timestamps` and `checksums`, when present, have one entry for each scid; 0 where that side sent no update. */
export const replyChannelRange = message(
  264,
  'reply_channel_range',
  { chainHash: blockHash, firstBlock: u32, blocks: u32, syncComplete: bool, scids: encoded16(scid) },
  tlvs({
    timestamps: tlv(1, encoded(struct({ node1: timestamp32, node2: timestamp32 }))),
    checksums: tlv(3, restList(struct({ node1: u32, node2: u32 }))),
  }),
  plain('gossip-query'),
);
export type ReplyChannelRange = Infer<typeof replyChannelRange>;

export const gossipTimestampFilter = message(
  265,
  'gossip_timestamp_filter',
  { chainHash: blockHash, firstTimestamp: timestamp32, timestampRange: u32 },
  tlvs({}),
  plain('gossip-query'),
);
export type GossipTimestampFilter = Infer<typeof gossipTimestampFilter>;
