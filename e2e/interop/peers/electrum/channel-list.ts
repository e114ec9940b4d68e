import type { PeerChannel } from '../../../world/real-peer.ts';

export type ElectrumChannel = {
  readonly short_channel_id: string | null;
  readonly channel_id: string;
  readonly channel_point: string;
  /** OPENING, FUNDED, OPEN, SHUTDOWN, CLOSED, REDEEMED and some more. */
  readonly state: string;
  /** GOOD, DISCONNECTED, REESTABLISHING. */
  readonly peer_state: string;
  readonly remote_pubkey: string;
  readonly capacity: number;
  readonly local_balance: number;
  readonly remote_balance: number;
  readonly local_unsettled_sent: number;
  readonly remote_unsettled_sent: number;
};

/** Its list tells neither who opened a channel nor its type, which is anchors here. */
export function peerChannel(
  channel: ElectrumChannel,
  isOutbound: boolean,
  isAnnounced: boolean,
): PeerChannel {
  const [fundingTxId = null, index = '0'] = channel.channel_point.split(':');
  const isReady = channel.state === 'OPEN';
  return {
    channelId: channel.channel_id,
    counterparty: channel.remote_pubkey,
    capacitySat: BigInt(channel.capacity),
    outboundMsat: BigInt(channel.local_balance) * 1000n,
    inboundMsat: BigInt(channel.remote_balance) * 1000n,
    ownSat: BigInt(channel.local_balance),
    isReady,
    isUsable: isReady && channel.peer_state === 'GOOD',
    isAnnounced,
    isOutbound,
    fundingTxId,
    fundingIndex: Number(index),
    shortChannelId: channel.short_channel_id,
    confirmations: isReady ? 1 : 0,
    channelType: [12, 22],
    feeratePerKw: null,
    pendingIncoming: channel.remote_unsettled_sent > 0 ? 1 : 0,
    pendingOutgoing: channel.local_unsettled_sent > 0 ? 1 : 0,
  };
}
