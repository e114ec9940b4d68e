import type { PeerChannel } from '../../../world/real-peer.ts';

// What the driver answers; see driver/src/json.rs. Amounts come as strings.

export type NodeChannel = {
  readonly channel_id: string;
  readonly user_channel_id: string;
  readonly counterparty: string;
  readonly funding_txid: string | null;
  readonly funding_index: number | null;
  readonly scid: string | null;
  readonly capacity_sat: string;
  readonly outbound_msat: string;
  readonly inbound_msat: string;
  readonly reserve_sat: string | null;
  readonly feerate_per_kw: number;
  readonly confirmations: number | null;
  readonly is_outbound: boolean;
  readonly is_announced: boolean;
  readonly is_ready: boolean;
  readonly is_usable: boolean;
  readonly next_outbound_msat: string;
};

export type NodePayment = {
  readonly state: 'pending' | 'succeeded' | 'failed';
  readonly hash: string | null;
  readonly preimage: string | null;
  readonly fee_msat: string;
};

/** Two anchors of 330 sat, which it takes off the opener's. */
const ANCHORS = 660n;

/** ldk-node's list tells neither the type of a channel, which is that of its settings, nor what is in flight. */
export function peerChannel(channel: NodeChannel, hasAnchors: boolean): PeerChannel {
  const outboundMsat = BigInt(channel.outbound_msat);
  const reserveMsat = BigInt(channel.reserve_sat ?? '0') * 1000n;
  return {
    channelId: channel.channel_id,
    counterparty: channel.counterparty,
    capacitySat: BigInt(channel.capacity_sat),
    outboundMsat,
    inboundMsat: BigInt(channel.inbound_msat),
    ownSat:
      outboundMsat === 0n
        ? null
        : (outboundMsat + reserveMsat) / 1000n + (channel.is_outbound && hasAnchors ? ANCHORS : 0n),
    isReady: channel.is_ready,
    isUsable: channel.is_usable,
    isAnnounced: channel.is_announced,
    isOutbound: channel.is_outbound,
    fundingTxId: channel.funding_txid,
    fundingIndex: channel.funding_index,
    shortChannelId: channel.scid,
    confirmations: channel.confirmations ?? 0,
    channelType: hasAnchors ? [12, 22] : [12],
    feeratePerKw: channel.feerate_per_kw,
    pendingIncoming: 0,
    pendingOutgoing: 0,
  };
}
