import { fromHex, toHex } from '../base/bytes.ts';
import {
  blockHashFromBytes,
  blockHashToBytes,
  txIdFromBytes,
  txIdToBytes,
  type BlockHash,
  type ChannelId,
  type NodeId,
  type OutPoint,
  type PaymentHash,
  type PaymentId,
  type TxId,
} from '../base/ids.ts';
import { point } from './bytes.ts';
import type { Field } from './field.ts';
import { u32 } from './integers.ts';

/** 32 bytes as lowercase hex, in the order they are sent. */
const hex32 = <Id extends string>(): Field<Id> => ({
  shape: { kind: 'hex', bytes: 32, point: false },
  read: (reader) => toHex(reader.bytes(32)) as Id,
  write: (writer, value) => writer.bytes(fromHex(value)),
});

export const channelId: Field<ChannelId> = hex32();
/** BOLT's `sha256`, where it is the hash of a preimage. */
export const paymentHash: Field<PaymentHash> = hex32();
export const paymentId: Field<PaymentId> = hex32();

/** Sent in hash order, kept in display order. */
export const txId: Field<TxId> = {
  shape: { kind: 'hex', bytes: 32, point: false },
  read: (reader) => txIdFromBytes(reader.bytes(32)),
  write: (writer, value) => writer.bytes(txIdToBytes(value)),
};

/** BOLT's `chain_hash`. Sent in hash order, kept in display order. */
export const blockHash: Field<BlockHash> = {
  shape: { kind: 'hex', bytes: 32, point: false },
  read: (reader) => blockHashFromBytes(reader.bytes(32)),
  write: (writer, value) => writer.bytes(blockHashToBytes(value)),
};

/** A compressed point that names a node. */
export const nodeId: Field<NodeId> = {
  shape: { kind: 'hex', bytes: 33, point: true },
  read: (reader) => toHex(point.read(reader)) as NodeId,
  write: (writer, value) => point.write(writer, fromHex(value)),
};

/** For our own records: 36 bytes. */
export const outPoint: Field<OutPoint> = {
  shape: { kind: 'struct', required: { txId: txId.shape, index: u32.shape }, optional: {} },
  read: (reader) => ({ txId: txId.read(reader), index: reader.u32() }),
  write: (writer, value) => {
    txId.write(writer, value.txId);
    writer.u32(value.index);
  },
};
