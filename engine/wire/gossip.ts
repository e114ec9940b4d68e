import { unreachable } from '../base/assert.ts';
import { bytes, point, restBytes, signature, varBytes } from '../codec/bytes.ts';
import { encode, type Infer } from '../codec/field.ts';
import { blockHash, channelId, nodeId } from '../codec/ids.ts';
import { u32, u8 } from '../codec/integers.ts';
import { message } from '../codec/message.ts';
import { tlvs } from '../codec/tlv.ts';
import { blockDelta16, msatU64, scid, timestamp32 } from '../codec/units.ts';
import { plain } from './meta.ts';

// The three gossip messages keep what follows their known fields as `extension`, so that a decoded message encodes to
// the very bytes that were signed. BOLT 1 §Appendix C: "Nodes should store the _extension_ bytes even if they don't
// understand them to be able to correctly verify signatures."

/** BOLT 7 §The `announcement_signatures` Message. */
export const announcementSignatures = message(
  259,
  'announcement_signatures',
  { channelId, scid, nodeSignature: signature, bitcoinSignature: signature },
  tlvs({}),
  plain('announce'),
);
export type AnnouncementSignatures = Infer<typeof announcementSignatures>;

/** BOLT 7 §The `channel_announcement` Message. */
export const channelAnnouncement = message(
  256,
  'channel_announcement',
  {
    nodeSignature1: signature,
    nodeSignature2: signature,
    bitcoinSignature1: signature,
    bitcoinSignature2: signature,
    features: varBytes,
    chainHash: blockHash,
    scid,
    nodeId1: nodeId,
    nodeId2: nodeId,
    bitcoinKey1: point,
    bitcoinKey2: point,
    extension: restBytes,
  },
  tlvs({}),
  plain('gossip'),
);
export type ChannelAnnouncement = Infer<typeof channelAnnouncement>;

/** BOLT 7 §The `node_announcement` Message. `addresses`: see node-address.ts. `alias` is UTF-8 with zeros behind. */
export const nodeAnnouncement = message(
  257,
  'node_announcement',
  {
    signature,
    features: varBytes,
    timestamp: timestamp32,
    nodeId,
    color: bytes(3),
    alias: bytes(32),
    addresses: varBytes,
    extension: restBytes,
  },
  tlvs({}),
  plain('gossip'),
);
export type NodeAnnouncement = Infer<typeof nodeAnnouncement>;

/** Bits of `messageFlags`. */
export const MUST_BE_ONE = 1;
export const DONT_FORWARD = 2;
/** Bits of `channelFlags`. */
export const DIRECTION = 1;
export const DISABLE = 2;

/** BOLT 7 §The `channel_update` Message. `feeBase` is in millisatoshis. */
export const channelUpdate = message(
  258,
  'channel_update',
  {
    signature,
    chainHash: blockHash,
    scid,
    timestamp: timestamp32,
    messageFlags: u8,
    channelFlags: u8,
    cltvExpiryDelta: blockDelta16,
    htlcMinimum: msatU64,
    feeBase: u32,
    feeProportionalMillionths: u32,
    htlcMaximum: msatU64,
    extension: restBytes,
  },
  tlvs({}),
  plain('gossip'),
);
export type ChannelUpdate = Infer<typeof channelUpdate>;

export type GossipMessage = ChannelAnnouncement | NodeAnnouncement | ChannelUpdate;

/** The bytes whose double SHA-256 is signed: all that follows the signatures. */
export function signedBytes(gossip: GossipMessage): Uint8Array {
  switch (gossip.name) {
    case 'channel_announcement':
      // BOLT 7: "MUST compute the double-SHA256 hash `h` of the message, beginning at offset 256" (four signatures)
      return encode(channelAnnouncement, gossip).slice(256);
    case 'node_announcement':
      return encode(nodeAnnouncement, gossip).slice(64);
    case 'channel_update':
      return encode(channelUpdate, gossip).slice(64);
    default:
      return unreachable(gossip);
  }
}
