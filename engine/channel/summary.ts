import type { ChannelId, NodeId, OutPoint, TxId } from '../base/ids.ts';
import type { BlockHeight, FeeratePerKw, Msat, Sat, Scid } from '../base/units.ts';
import type { ChannelType } from '../wire/channel-type.ts';
import type { Confirmation } from '../bitcoin/watch.ts';
import type { RelayPolicy } from './env.ts';
import type { ChannelStatus } from './refusal.ts';
import type { RemotePolicy, SpendKind } from './state.ts';

export type HtlcSummary = {
  readonly direction: 'incoming' | 'outgoing';
  readonly id: bigint;
  readonly amount: Msat;
  readonly paymentHash: string;
  readonly cltvExpiry: BlockHeight;
};

/** A channel for lists, for routing and for the wallet's balance. Made anew from the state at each look. */
export type ChannelSummary = {
  readonly channelId: ChannelId;
  readonly peerId: NodeId;
  readonly status: ChannelStatus;
  readonly isOpener: boolean;
  readonly isAnnounced: boolean;
  /** HTLCs can be added now. */
  readonly isUsable: boolean;
  readonly type: ChannelType;
  readonly capacity: Sat;
  /** Ours and the peer's as if nothing was in flight: each HTLC still counts for who offered it. Before fees. */
  readonly local: Msat;
  readonly remote: Msat;
  /** The largest single HTLC that we can add now, and that the peer can; 0 when not usable. */
  readonly sendable: Msat;
  readonly receivable: Msat;
  /** What we must keep. */
  readonly reserve: Sat;
  readonly remoteReserve: Sat;
  readonly feerate: FeeratePerKw;
  readonly htlcs: readonly HtlcSummary[];
  readonly fundingOutPoint: OutPoint;
  readonly confirmed: Confirmation | null;
  readonly confirmations: number;
  readonly confirmationsRequired: number;
  /** The real short channel id, once confirmed. In a private channel with aliases never to be told to others. */
  readonly scid: Scid | null;
  /** By which the peer forwards to us; we forward to it by `remoteAlias`. */
  readonly localAlias: Scid;
  readonly remoteAlias: Scid | null;
  readonly relay: RelayPolicy;
  readonly remotePolicy: RemotePolicy | null;
  /** Limits for what we send. */
  readonly remoteHtlcMinimum: Msat;
  readonly remoteMaxInFlight: Msat;
  readonly closing: ClosingSummary | null;
};

export type ClosingSummary = {
  /** Null until the funding output is spent: our commitment, or a closing transaction, is on its way. */
  readonly kind: SpendKind | null;
  readonly txId: TxId | null;
  readonly confirmations: number;
  /** What comes back to the wallet, before the fees of claiming it. */
  readonly amount: Sat;
  /** From which height the delayed part can be claimed; null when nothing is delayed or nothing confirmed yet. */
  readonly claimableAt: BlockHeight | null;
};
