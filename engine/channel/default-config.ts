import { blockDelta, msat, sat } from '../base/units.ts';
import type { ChannelConfig } from './env.ts';

/** For a wallet: it receives from and sends to its peers and forwards for nobody. */
export const DEFAULT_CHANNEL_CONFIG: ChannelConfig = {
  dustLimit: sat(354),
  htlcMinimum: msat(1),
  toSelfDelay: blockDelta(144),
  maxToSelfDelay: blockDelta(2016),
  maxAcceptedHtlcs: 483,
  maxInFlightPercent: 100,
  reservePerMille: 10,
  maxReservePerMille: 50,
  maxDustLimit: sat(5_000),
  maxHtlcMinimum: msat(1_000_000),
  minAcceptedHtlcs: 5,
  minFunding: sat(20_000),
  maxMinimumDepth: 144,
  formats: ['anchors', 'static_remotekey'],
  maxDustExposure: msat(5_000_000),
  maxFeerateFactor: 10,
  expiryGrace: blockDelta(3),
  absenceGrace: blockDelta(6),
  failurePatience: blockDelta(1008),
  fulfillSafety: blockDelta(18),
  maxCltvDelta: blockDelta(2016),
  fundingTimeout: blockDelta(2016),
  closingTimeout: blockDelta(144),
  closingPatience: blockDelta(1008),
  irrevocableDepth: 6,
  relay: { feeBase: msat(1_000), feeProportionalMillionths: 1_000, cltvDelta: blockDelta(144) },
};
