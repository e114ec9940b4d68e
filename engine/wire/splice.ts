import { point } from '../codec/bytes.ts';
import { flag } from '../codec/choices.ts';
import type { Infer } from '../codec/field.ts';
import { channelId, txId } from '../codec/ids.ts';
import { s64, u32, u8 } from '../codec/integers.ts';
import { message } from '../codec/message.ts';
import { tlv, tlvs } from '../codec/tlv.ts';
import { feerate32 } from '../codec/units.ts';
import { plain } from './meta.ts';

/** BOLT 2 §Channel Quiescence. `initiator` is 1 for the side that asks. */
export const stfu = message(2, 'stfu', { channelId, initiator: u8 }, tlvs({}), plain('quiescence'));
export type Stfu = Infer<typeof stfu>;

const spliceTlvs = tlvs({ requireConfirmedInputs: tlv(2, flag) });

/** BOLT 2 §The `splice_init` Message. `fundingContribution` is in satoshis, and negative for taking out. */
export const spliceInit = message(
  80,
  'splice_init',
  {
    channelId,
    fundingContribution: s64,
    fundingFeeratePerKw: feerate32,
    locktime: u32,
    fundingPubkey: point,
  },
  spliceTlvs,
  plain('splice'),
);
export type SpliceInit = Infer<typeof spliceInit>;

/** BOLT 2 §The `splice_ack` Message. `fundingContribution` is in satoshis, and negative for taking out. */
export const spliceAck = message(
  81,
  'splice_ack',
  { channelId, fundingContribution: s64, fundingPubkey: point },
  spliceTlvs,
  plain('splice'),
);
export type SpliceAck = Infer<typeof spliceAck>;

/** BOLT 2 §Splice Completion. */
export const spliceLocked = message(
  77,
  'splice_locked',
  { channelId, spliceTxId: txId },
  tlvs({}),
  plain('splice'),
);
export type SpliceLocked = Infer<typeof spliceLocked>;
