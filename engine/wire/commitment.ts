import { point, secretBytes, signature } from '../codec/bytes.ts';
import type { Infer } from '../codec/field.ts';
import { channelId, txId } from '../codec/ids.ts';
import { u16, u64, u8 } from '../codec/integers.ts';
import { message } from '../codec/message.ts';
import { list16 } from '../codec/sequences.ts';
import { struct } from '../codec/struct.ts';
import { tlv, tlvs } from '../codec/tlv.ts';
import { binding, plain } from './meta.ts';

/** BOLT 2 §Batching channel messages. `messageType` is the type that follows `batchSize` times. */
export const startBatch = message(
  127,
  'start_batch',
  { channelId, batchSize: u16 },
  tlvs({ messageType: tlv(1, u16) }),
  plain('update'),
);
export type StartBatch = Infer<typeof startBatch>;

/** BOLT 2 §Committing Updates So Far. */
export const commitmentSigned = message(
  132,
  'commitment_signed',
  { channelId, signature, htlcSignatures: list16(signature) },
  tlvs({ fundingTxId: tlv(1, txId) }),
  binding('update'),
);
export type CommitmentSigned = Infer<typeof commitmentSigned>;

/** BOLT 2 §Completing the Transition to the Updated State. */
export const revokeAndAck = message(
  133,
  'revoke_and_ack',
  { channelId, perCommitmentSecret: secretBytes(32), nextPerCommitmentPoint: point },
  tlvs({}),
  binding('update'),
);
export type RevokeAndAck = Infer<typeof revokeAndAck>;

/** Bit of `nextFunding.retransmitFlags`. */
export const RETRANSMIT_COMMITMENT_SIGNED = 1;
/** Bit of `myCurrentFundingLocked.retransmitFlags`. */
export const RETRANSMIT_ANNOUNCEMENT_SIGNATURES = 1;

const fundingReference = struct({ txId, retransmitFlags: u8 });

/** BOLT 2 §Message Retransmission. */
export const channelReestablish = message(
  136,
  'channel_reestablish',
  {
    channelId,
    nextCommitmentNumber: u64,
    nextRevocationNumber: u64,
    yourLastPerCommitmentSecret: secretBytes(32),
    myCurrentPerCommitmentPoint: point,
  },
  tlvs({ nextFunding: tlv(1, fundingReference), myCurrentFundingLocked: tlv(5, fundingReference) }),
  plain('reestablish'),
);
export type ChannelReestablish = Infer<typeof channelReestablish>;
