import { toHex } from '../base/bytes.ts';
import { nodeId, type BlockHash, type NodeId, type Point } from '../base/ids.ts';
import { blockDelta, msat, timestamp, type Scid } from '../base/units.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { sha256, sha256d } from '../crypto/hash.ts';
import { publicKey, signEcdsa } from '../crypto/secp256k1.ts';
import {
  DIRECTION,
  MUST_BE_ONE,
  signedBytes,
  type ChannelAnnouncement,
  type ChannelUpdate,
  type NodeAnnouncement,
} from '../wire/gossip.ts';

/** Somebody who can sign gossip: the same name, the same keys. */
export type Announcer = {
  readonly id: NodeId;
  readonly secret: Uint8Array;
  readonly bitcoinSecret: Uint8Array;
  readonly bitcoinKey: Point;
};

export function announcer(name: string): Announcer {
  const secret = sha256(encodeUtf8(`node ${name}`));
  const bitcoinSecret = sha256(encodeUtf8(`bitcoin ${name}`));
  return {
    id: nodeId(toHex(publicKey(secret))),
    secret,
    bitcoinSecret,
    bitcoinKey: publicKey(bitcoinSecret),
  };
}

export const scidAtPlace = (block: number, index: number, output: number): Scid =>
  ((BigInt(block) << 40n) | (BigInt(index) << 16n) | BigInt(output)) as Scid;

const NONE = new Uint8Array(64);

/** channel_announcement of a channel between the two, in the order of their ids. */
export function announcementBy(
  chainHash: BlockHash,
  scid: Scid,
  some: Announcer,
  other: Announcer,
  change: Partial<ChannelAnnouncement> = {},
): ChannelAnnouncement {
  const [one, two] = some.id < other.id ? [some, other] : [other, some];
  const unsigned: ChannelAnnouncement = {
    name: 'channel_announcement',
    nodeSignature1: NONE,
    nodeSignature2: NONE,
    bitcoinSignature1: NONE,
    bitcoinSignature2: NONE,
    features: new Uint8Array(),
    chainHash,
    scid,
    nodeId1: one.id,
    nodeId2: two.id,
    bitcoinKey1: one.bitcoinKey,
    bitcoinKey2: two.bitcoinKey,
    extension: new Uint8Array(),
    ...change,
  };
  const hash = sha256d(signedBytes(unsigned));
  return {
    ...unsigned,
    nodeSignature1: signEcdsa(hash, one.secret),
    nodeSignature2: signEcdsa(hash, two.secret),
    bitcoinSignature1: signEcdsa(hash, one.bitcoinSecret),
    bitcoinSignature2: signEcdsa(hash, two.bitcoinSecret),
  };
}

/** channel_update by `from` for its direction of a channel with `to`. */
export function updateBy(
  chainHash: BlockHash,
  scid: Scid,
  from: Announcer,
  to: Announcer,
  at: number,
  change: Partial<ChannelUpdate> = {},
): ChannelUpdate {
  const unsigned: ChannelUpdate = {
    name: 'channel_update',
    signature: NONE,
    chainHash,
    scid,
    timestamp: timestamp(at),
    messageFlags: MUST_BE_ONE,
    channelFlags: from.id < to.id ? 0 : DIRECTION,
    cltvExpiryDelta: blockDelta(40),
    htlcMinimum: msat(1_000),
    feeBase: 1_000,
    feeProportionalMillionths: 100,
    htlcMaximum: msat(500_000_000),
    extension: new Uint8Array(),
    ...change,
  };
  return { ...unsigned, signature: signEcdsa(sha256d(signedBytes(unsigned)), from.secret) };
}

export function nodeBy(
  by: Announcer,
  at: number,
  alias: string,
  change: Partial<NodeAnnouncement> = {},
): NodeAnnouncement {
  const padded = new Uint8Array(32);
  padded.set(encodeUtf8(alias).subarray(0, 32));
  const unsigned: NodeAnnouncement = {
    name: 'node_announcement',
    signature: NONE,
    features: new Uint8Array(),
    timestamp: timestamp(at),
    nodeId: by.id,
    color: Uint8Array.of(1, 2, 3),
    alias: padded,
    addresses: new Uint8Array(),
    extension: new Uint8Array(),
    ...change,
  };
  return { ...unsigned, signature: signEcdsa(sha256d(signedBytes(unsigned)), by.secret) };
}
