import type { ChannelDetails } from '../../../../engine/node/api.ts';
import type { PeerChannel } from '../../../world/real-peer.ts';

const CHANNEL_TYPES = { static_remotekey: [12], anchors: [12, 22] } as const;

export function peerChannel(channel: ChannelDetails): PeerChannel {
  const { localMsat, remoteMsat, pendingIncomingMsat, pendingHtlcs } = channel;
  const incoming = pendingIncomingMsat > 0n ? 1 : 0;
  return {
    channelId: channel.channelId,
    counterparty: channel.peerNodeId,
    capacitySat: channel.capacitySat,
    outboundMsat: localMsat,
    inboundMsat: remoteMsat,
    ownSat: localMsat / 1000n,
    isReady: ['ready', 'offline', 'reconnecting'].includes(channel.state),
    isUsable: channel.isUsable,
    isAnnounced: channel.isAnnounced,
    isOutbound: channel.isOpener,
    fundingTxId: channel.fundingTxId,
    fundingIndex: channel.fundingIndex,
    shortChannelId: channel.shortChannelId,
    confirmations: channel.confirmations,
    channelType: CHANNEL_TYPES[channel.channelType],
    feeratePerKw: channel.feeratePerKw,
    // The API counts them together: which way each goes is known only when there are no others.
    pendingIncoming: Math.min(incoming, pendingHtlcs),
    pendingOutgoing: pendingHtlcs - Math.min(incoming, pendingHtlcs),
  };
}
