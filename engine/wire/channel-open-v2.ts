import { point, restBytes } from '../codec/bytes.ts';
import { flag } from '../codec/choices.ts';
import type { Infer } from '../codec/field.ts';
import { blockHash, channelId } from '../codec/ids.ts';
import { u16, u32, u8 } from '../codec/integers.ts';
import { message } from '../codec/message.ts';
import { tlv, tlvs } from '../codec/tlv.ts';
import { blockDelta16, feerate32, msatU64, satU64 } from '../codec/units.ts';
import { plain } from './meta.ts';

const points = {
  fundingPubkey: point,
  revocationBasepoint: point,
  paymentBasepoint: point,
  delayedPaymentBasepoint: point,
  htlcBasepoint: point,
  firstPerCommitmentPoint: point,
  secondPerCommitmentPoint: point,
} as const;

const openTlvs = tlvs({
  upfrontShutdownScript: tlv(0, restBytes),
  channelType: tlv(1, restBytes),
  requireConfirmedInputs: tlv(2, flag),
});

/** BOLT 2 §The `open_channel2` Message. */
export const openChannel2 = message(
  64,
  'open_channel2',
  {
    chainHash: blockHash,
    temporaryChannelId: channelId,
    fundingFeeratePerKw: feerate32,
    commitmentFeeratePerKw: feerate32,
    fundingAmount: satU64,
    dustLimit: satU64,
    maxHtlcValueInFlight: msatU64,
    htlcMinimum: msatU64,
    toSelfDelay: blockDelta16,
    maxAcceptedHtlcs: u16,
    locktime: u32,
    ...points,
    channelFlags: u8,
  },
  openTlvs,
  plain('open'),
);
export type OpenChannel2 = Infer<typeof openChannel2>;

/** BOLT 2 §The `accept_channel2` Message. */
export const acceptChannel2 = message(
  65,
  'accept_channel2',
  {
    temporaryChannelId: channelId,
    fundingAmount: satU64,
    dustLimit: satU64,
    maxHtlcValueInFlight: msatU64,
    htlcMinimum: msatU64,
    minimumDepth: u32,
    toSelfDelay: blockDelta16,
    maxAcceptedHtlcs: u16,
    ...points,
  },
  openTlvs,
  plain('open'),
);
export type AcceptChannel2 = Infer<typeof acceptChannel2>;
