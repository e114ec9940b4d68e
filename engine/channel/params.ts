import type { ChannelId, NodeId } from '../base/ids.ts';
import type { BlockDelta, Msat, Sat } from '../base/units.ts';
import type { Basepoints, CommitmentParams, FormatId, Funding, Side } from '../commitment/params.ts';
import type { ChannelType } from '../wire/channel-type.ts';

/** What one side said in open_channel or accept_channel. */
export type Terms = {
  readonly dustLimit: Sat;
  /** Most that the OTHER side may have in flight towards this one. */
  readonly maxInFlight: Msat;
  /** What the OTHER side must keep. */
  readonly reserve: Sat;
  readonly htlcMinimum: Msat;
  /** Blocks that the OTHER side's money is held in its own commitment. */
  readonly toSelfDelay: BlockDelta;
  /** HTLCs that the OTHER side may offer at once. */
  readonly maxAcceptedHtlcs: number;
  readonly basepoints: Basepoints;
  /** The only script that this side will be paid to by a mutual close; empty: any. */
  readonly shutdownScript: Uint8Array;
};

/** What never changes. Written once. */
export type ChannelParams = {
  readonly channelId: ChannelId;
  /** Its name before there was a funding transaction. The opener chose it: it may well stand for two channels. */
  readonly temporaryId: ChannelId;
  /**
   * `env.keyId` of the time when the channel was made: names its keys for the node, 32 random bytes of ours. Never the
   * temporary id, which a peer could choose twice and so learn the secrets of one channel from another.
   */
  readonly keyId: Uint8Array;
  readonly peerId: NodeId;
  readonly opener: Side;
  readonly announce: boolean;
  readonly type: ChannelType;
  readonly local: Terms;
  readonly remote: Terms;
  /** Confirmations that the funding transaction needs before we send channel_ready. */
  readonly minimumDepth: number;
};

/** The format that commitment/ knows a channel type by. */
export const formatIdOf = ({ type }: Pick<ChannelParams, 'type'>): FormatId =>
  type.base === 'anchors' ? 'anchors-zero-fee' : 'static-remotekey';

/**
 * What commitment transactions that spend `funding` depend on.
 * BOLT 2 §funding_signed: "MUST use the negotiated `channel_type` for all commitment transactions."
 */
export const commitmentParams = (
  params: Pick<ChannelParams, 'type' | 'opener' | 'local' | 'remote'>,
  funding: Funding,
): CommitmentParams => ({
  format: formatIdOf(params),
  funding,
  opener: params.opener,
  local: {
    basepoints: params.local.basepoints,
    dustLimit: params.local.dustLimit,
    delay: params.remote.toSelfDelay,
  },
  remote: {
    basepoints: params.remote.basepoints,
    dustLimit: params.remote.dustLimit,
    delay: params.local.toSelfDelay,
  },
});
