import { fromHex } from '../base/bytes.ts';
import type { NodeId } from '../base/ids.ts';
import { sha256d } from '../crypto/hash.ts';
import { verifyEcdsa } from '../crypto/secp256k1.ts';
import {
  signedBytes,
  type ChannelAnnouncement,
  type ChannelUpdate,
  type NodeAnnouncement,
} from '../wire/gossip.ts';

/** How many signatures each takes to verify: what it costs. */
export const SIGNATURES = { channel_announcement: 4, channel_update: 1, node_announcement: 1 } as const;

/**
 * Whether `signer` says this. Who may say it, the caller knows from the announcement of the channel: BOLT 7 §The
 * `channel_update` Message: "`node_id_1` if the least-significant bit of flags is 0 or `node_id_2` otherwise."
 */
export const isSignedUpdate = (update: ChannelUpdate, signer: NodeId): boolean =>
  // BOLT 7 §channel_update: "using `node_id` of the double-SHA256 of the entire message following the `signature` field
  // (including unknown fields following `fee_proportional_millionths`)"
  verifyEcdsa(update.signature, sha256d(signedBytes(update)), fromHex(signer));

/** False also where `node_id` is no point of the curve. */
export const isSignedNode = (announcement: NodeAnnouncement): boolean =>
  // BOLT 7 §node_announcement: "using `node_id` of the double-SHA256 of the entire message following the `signature`
  // field, including any future fields appended to the end"
  verifyEcdsa(announcement.signature, sha256d(signedBytes(announcement)), fromHex(announcement.nodeId));

/** BOLT 7 §channel_announcement: "MUST verify the integrity AND authenticity of the message by verifying the signatures." */
export function isSignedChannel(announcement: ChannelAnnouncement): boolean {
  const { nodeSignature1, nodeSignature2, bitcoinSignature1, bitcoinSignature2 } = announcement;
  const { nodeId1, nodeId2, bitcoinKey1, bitcoinKey2 } = announcement;
  const hash = sha256d(signedBytes(announcement));
  return (
    verifyEcdsa(nodeSignature1, hash, fromHex(nodeId1)) &&
    verifyEcdsa(nodeSignature2, hash, fromHex(nodeId2)) &&
    verifyEcdsa(bitcoinSignature1, hash, bitcoinKey1) &&
    verifyEcdsa(bitcoinSignature2, hash, bitcoinKey2)
  );
}
