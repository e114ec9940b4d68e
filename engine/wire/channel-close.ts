import { signature, varBytes } from '../codec/bytes.ts';
import type { Infer } from '../codec/field.ts';
import { channelId } from '../codec/ids.ts';
import { u32 } from '../codec/integers.ts';
import { message } from '../codec/message.ts';
import { struct } from '../codec/struct.ts';
import { tlv, tlvs } from '../codec/tlv.ts';
import { satU64 } from '../codec/units.ts';
import { binding, plain } from './meta.ts';

/** BOLT 2 §Closing Initiation. */
export const shutdown = message(38, 'shutdown', { channelId, script: varBytes }, tlvs({}), plain('close'));
export type Shutdown = Infer<typeof shutdown>;

/** BOLT 2 §Legacy Closing Negotiation. */
export const closingSigned = message(
  39,
  'closing_signed',
  { channelId, fee: satU64, signature },
  tlvs({ feeRange: tlv(1, struct({ min: satU64, max: satU64 })) }),
  binding('close'),
);
export type ClosingSigned = Infer<typeof closingSigned>;

const closingFields = {
  channelId,
  closerScript: varBytes,
  closeeScript: varBytes,
  fee: satU64,
  locktime: u32,
};
const closingTlvs = tlvs({
  closerOutputOnly: tlv(1, signature),
  closeeOutputOnly: tlv(2, signature),
  closerAndCloseeOutputs: tlv(3, signature),
});

/** BOLT 2 §Closing Negotiation. */
export const closingComplete = message(40, 'closing_complete', closingFields, closingTlvs, binding('close'));
export type ClosingComplete = Infer<typeof closingComplete>;

export const closingSig = message(41, 'closing_sig', closingFields, closingTlvs, binding('close'));
export type ClosingSig = Infer<typeof closingSig>;
