import { assert } from './assert.ts';
import type { Branded } from './brand.ts';
import { fromHex, reversed, toHex } from './bytes.ts';

/** A 32-byte transaction id in display order (the reverse of how it is hashed and sent), lowercase hex. */
export type TxId = Branded<string, 'TxId'>;
/** A 32-byte block hash in display order, lowercase hex. */
export type BlockHash = Branded<string, 'BlockHash'>;
/** BOLT 2 channel_id, 32 bytes, lowercase hex. */
export type ChannelId = Branded<string, 'ChannelId'>;
/** A compressed public key that names a node, 33 bytes, lowercase hex. */
export type NodeId = Branded<string, 'NodeId'>;
/** SHA-256 of a preimage, lowercase hex. */
export type PaymentHash = Branded<string, 'PaymentHash'>;
/** Names one payment of ours, outgoing or incoming. Outgoing BOLT 11: the payment hash. */
export type PaymentId = Branded<string, 'PaymentId'>;
/** Names one command given to a machine, so that its answer finds the caller. */
export type CommandId = Branded<string, 'CommandId'>;

/** Compressed secp256k1 point, 33 bytes. */
export type Point = Uint8Array;

export type OutPoint = { readonly txId: TxId; readonly index: number };

/** `txid:index`, as explorers write it: a map key. */
export const outPointKey = (outPoint: OutPoint): string => `${outPoint.txId}:${outPoint.index}`;

const HEX_32 = /^[0-9a-f]{64}$/;
const HEX_POINT = /^0[23][0-9a-f]{64}$/;

export function txId(hex: string): TxId {
  assert(HEX_32.test(hex), 'txid');
  return hex as TxId;
}
export function blockHash(hex: string): BlockHash {
  assert(HEX_32.test(hex), 'block hash');
  return hex as BlockHash;
}
export function channelId(hex: string): ChannelId {
  assert(HEX_32.test(hex), 'channel id');
  return hex as ChannelId;
}
export function paymentHash(hex: string): PaymentHash {
  assert(HEX_32.test(hex), 'payment hash');
  return hex as PaymentHash;
}
/** Checks the shape only, not that the point is on the curve. */
export function nodeId(hex: string): NodeId {
  assert(HEX_POINT.test(hex), 'node id');
  return hex as NodeId;
}
/** The same as `nodeId`, for text from outside: null when it is not one. */
export function parseNodeId(text: string): NodeId | null {
  const hex = text.toLowerCase();
  return HEX_POINT.test(hex) ? (hex as NodeId) : null;
}

/** From the order in which hashes are computed and sent. */
export const txIdFromBytes = (bytes: Uint8Array): TxId => txId(toHex(reversed(bytes)));
export const txIdToBytes = (id: TxId): Uint8Array => reversed(fromHex(id));
export const blockHashFromBytes = (bytes: Uint8Array): BlockHash => blockHash(toHex(reversed(bytes)));
export const blockHashToBytes = (hash: BlockHash): Uint8Array => reversed(fromHex(hash));
