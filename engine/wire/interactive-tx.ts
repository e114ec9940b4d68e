import { signature, varBytes } from '../codec/bytes.ts';
import { flag } from '../codec/choices.ts';
import type { Infer } from '../codec/field.ts';
import { channelId, txId } from '../codec/ids.ts';
import { s64, u32, u64 } from '../codec/integers.ts';
import { message } from '../codec/message.ts';
import { list16 } from '../codec/sequences.ts';
import { tlv, tlvs } from '../codec/tlv.ts';
import { feerate32, satU64 } from '../codec/units.ts';
import { binding, plain } from './meta.ts';

// BOLT 2 §Interactive Transaction Construction.

export const txAddInput = message(
  66,
  'tx_add_input',
  { channelId, serialId: u64, previousTx: varBytes, previousTxOutput: u32, sequence: u32 },
  tlvs({ sharedInputTxId: tlv(0, txId) }),
  plain('interactive'),
);
export type TxAddInput = Infer<typeof txAddInput>;

export const txAddOutput = message(
  67,
  'tx_add_output',
  { channelId, serialId: u64, amount: satU64, script: varBytes },
  tlvs({}),
  plain('interactive'),
);
export type TxAddOutput = Infer<typeof txAddOutput>;

export const txRemoveInput = message(
  68,
  'tx_remove_input',
  { channelId, serialId: u64 },
  tlvs({}),
  plain('interactive'),
);
export type TxRemoveInput = Infer<typeof txRemoveInput>;

export const txRemoveOutput = message(
  69,
  'tx_remove_output',
  { channelId, serialId: u64 },
  tlvs({}),
  plain('interactive'),
);
export type TxRemoveOutput = Infer<typeof txRemoveOutput>;

export const txComplete = message(70, 'tx_complete', { channelId }, tlvs({}), plain('interactive'));
export type TxComplete = Infer<typeof txComplete>;

/** Each witness is as Bitcoin encodes it: the number of elements, then each behind its length. */
export const txSignatures = message(
  71,
  'tx_signatures',
  { channelId, txId, witnesses: list16(varBytes) },
  tlvs({ sharedInputSignature: tlv(0, signature) }),
  binding('interactive'),
);
export type TxSignatures = Infer<typeof txSignatures>;

/** `fundingOutputContribution` is in satoshis, and negative for taking out. */
const rbfTlvs = tlvs({ fundingOutputContribution: tlv(0, s64), requireConfirmedInputs: tlv(2, flag) });

export const txInitRbf = message(
  72,
  'tx_init_rbf',
  { channelId, locktime: u32, feeratePerKw: feerate32 },
  rbfTlvs,
  plain('interactive'),
);
export type TxInitRbf = Infer<typeof txInitRbf>;

export const txAckRbf = message(73, 'tx_ack_rbf', { channelId }, rbfTlvs, plain('interactive'));
export type TxAckRbf = Infer<typeof txAckRbf>;

export const txAbort = message(74, 'tx_abort', { channelId, data: varBytes }, tlvs({}), plain('interactive'));
export type TxAbort = Infer<typeof txAbort>;
