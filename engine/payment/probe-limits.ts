import { blockDelta, msat, type BlockDelta, type Msat } from '../base/units.ts';

/** What probes may do at the most. An HTLC whose hash nobody knows a preimage of pays nobody, but it can be held. */
export type ProbeLimits = {
  /** HTLCs under way. */
  readonly mostUnderWay: number;
  /** Of all that is under way together. */
  readonly mostValue: Msat;
  /** The same, as a part of what our channels can send: one of so many. */
  readonly shareOfSendable: bigint;
  /** HTLCs that are begun in any minute. */
  readonly perMinute: number;
  /** Most blocks that a node on the way can hold one. */
  readonly maxCltvDelta: BlockDelta;
};

export const PROBE_LIMITS: ProbeLimits = {
  mostUnderWay: 5,
  mostValue: msat(1_000_000_000n),
  // As LDK Node's `probing_liquidity_limit_multiplier`.
  shareOfSendable: 3n,
  perMinute: 20,
  // Five days.
  maxCltvDelta: blockDelta(720),
};
