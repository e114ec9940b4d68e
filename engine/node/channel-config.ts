import { blockDelta, msat, sat } from '../base/units.ts';
import type { ChannelConfig } from '../channel/env.ts';

/** What Leyden asks of peers and bears from them. Wide where it is safe, so that no common node is turned away. */
export const CHANNEL_CONFIG: ChannelConfig = {
  // BOLT 3 §Dust Limits: the smallest limit that fits every output a commitment transaction can have.
  dustLimit: sat(354),
  htlcMinimum: msat(1),
  toSelfDelay: blockDelta(144),
  maxToSelfDelay: blockDelta(2_016),
  // BOLT 2: "max_accepted_htlcs is limited to 483".
  maxAcceptedHtlcs: 483,
  maxInFlightPercent: 100,
  reservePerMille: 10,
  maxReservePerMille: 50,
  maxDustLimit: sat(1_000),
  maxHtlcMinimum: msat(10_000_000),
  minAcceptedHtlcs: 5,
  minFunding: sat(20_000),
  maxMinimumDepth: 144,
  formats: ['anchors', 'static_remotekey'],
  maxDustExposure: msat(50_000_000),
  maxFeerateFactor: 10,
  expiryGrace: blockDelta(3),
  fulfillSafety: blockDelta(12),
  maxCltvDelta: blockDelta(2_016),
  // BOLT 2: "SHOULD forget the channel if it does not see the correct funding transaction after a timeout of 2016 blocks".
  fundingTimeout: blockDelta(2_016),
  irrevocableDepth: 6,
  relay: { feeBase: msat(1_000), feeProportionalMillionths: 100, cltvDelta: blockDelta(72) },
};

/** Confirmations that we wait for before a channel that a peer funds is used. */
export const ACCEPTED_DEPTH = 3;
/** Channels that one peer may be opening towards us at once. */
export const MAX_OPENING_PER_PEER = 4;
