import { point, restBytes, signature } from '../codec/bytes.ts';
import type { Infer } from '../codec/field.ts';
import { blockHash, channelId, txId } from '../codec/ids.ts';
import { u16, u32, u8 } from '../codec/integers.ts';
import { message } from '../codec/message.ts';
import { tlv, tlvs } from '../codec/tlv.ts';
import { blockDelta16, feerate32, msatU64, satU64, scid } from '../codec/units.ts';
import { binding, plain } from './meta.ts';

/** `channel_flags` of open_channel and open_channel2. */
export const ANNOUNCE_CHANNEL = 1;

const basepoints = {
  fundingPubkey: point,
  revocationBasepoint: point,
  paymentBasepoint: point,
  delayedPaymentBasepoint: point,
  htlcBasepoint: point,
  firstPerCommitmentPoint: point,
} as const;

/** An empty script means: none committed to. */
const openTlvs = tlvs({ upfrontShutdownScript: tlv(0, restBytes), channelType: tlv(1, restBytes) });

/** BOLT 2 §The `open_channel` Message. */
export const openChannel = message(
  32,
  'open_channel',
  {
    chainHash: blockHash,
    temporaryChannelId: channelId,
    fundingAmount: satU64,
    pushAmount: msatU64,
    dustLimit: satU64,
    maxHtlcValueInFlight: msatU64,
    channelReserve: satU64,
    htlcMinimum: msatU64,
    feeratePerKw: feerate32,
    toSelfDelay: blockDelta16,
    maxAcceptedHtlcs: u16,
    ...basepoints,
    channelFlags: u8,
  },
  openTlvs,
  plain('open'),
);
export type OpenChannel = Infer<typeof openChannel>;

/** BOLT 2 §The `accept_channel` Message. */
export const acceptChannel = message(
  33,
  'accept_channel',
  {
    temporaryChannelId: channelId,
    dustLimit: satU64,
    maxHtlcValueInFlight: msatU64,
    channelReserve: satU64,
    htlcMinimum: msatU64,
    minimumDepth: u32,
    toSelfDelay: blockDelta16,
    maxAcceptedHtlcs: u16,
    ...basepoints,
  },
  openTlvs,
  plain('open'),
);
export type AcceptChannel = Infer<typeof acceptChannel>;

/** BOLT 2 §The `funding_created` Message. */
export const fundingCreated = message(
  34,
  'funding_created',
  { temporaryChannelId: channelId, fundingTxId: txId, fundingOutputIndex: u16, signature },
  tlvs({}),
  binding('open'),
);
export type FundingCreated = Infer<typeof fundingCreated>;

/** BOLT 2 §The `funding_signed` Message. */
export const fundingSigned = message(
  35,
  'funding_signed',
  { channelId, signature },
  tlvs({}),
  binding('open'),
);
export type FundingSigned = Infer<typeof fundingSigned>;

/** BOLT 2 §The `channel_ready` Message. */
export const channelReady = message(
  36,
  'channel_ready',
  { channelId, secondPerCommitmentPoint: point },
  tlvs({ alias: tlv(1, scid) }),
  plain('open'),
);
export type ChannelReady = Infer<typeof channelReady>;
