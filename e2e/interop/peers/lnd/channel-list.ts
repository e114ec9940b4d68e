import { channelIdOfFunding } from '../../../../engine/channel/funding-id.ts';
import type { TxId } from '../../../../engine/base/ids.ts';
import type { PeerChannel } from '../../../world/real-peer.ts';
import { scidText } from '../../../world/scid-text.ts';
import type { LndChannel, LndPendingChannel } from './answers.ts';

/** Two anchors of 330 sat: like the fee of the commitment, LND takes them off the opener's balance. */
const ANCHORS = 660n;

const TYPES: Readonly<Record<string, readonly number[]>> = { STATIC_REMOTE_KEY: [12], ANCHORS: [12, 22] };

export function pointOf(channelPoint: string): { readonly txId: string; readonly index: number } {
  const [txId = '', index = ''] = channelPoint.split(':');
  return { txId, index: Number(index) };
}

export function channelIdOf(channelPoint: string): string {
  const { txId, index } = pointOf(channelPoint);
  return channelIdOfFunding({ txId: txId as TxId, index });
}

export function peerChannel(channel: LndChannel): PeerChannel {
  const { txId, index } = pointOf(channel.channel_point);
  const isAnchors = channel.commitment_type === 'ANCHORS';
  const own = BigInt(channel.local_balance);
  const paid = channel.initiator ? BigInt(channel.commit_fee) + (isAnchors ? ANCHORS : 0n) : 0n;
  const incoming = channel.pending_htlcs.filter((htlc) => htlc.incoming).length;
  return {
    channelId: channelIdOf(channel.channel_point),
    counterparty: channel.remote_pubkey,
    capacitySat: BigInt(channel.capacity),
    outboundMsat: own * 1000n,
    inboundMsat: BigInt(channel.remote_balance) * 1000n,
    ownSat: own + paid,
    isReady: true,
    isUsable: channel.active,
    isAnnounced: !channel.private,
    isOutbound: channel.initiator,
    fundingTxId: txId,
    fundingIndex: index,
    shortChannelId: scidText(BigInt(channel.chan_id)),
    confirmations: 1,
    channelType: TYPES[channel.commitment_type] ?? [],
    feeratePerKw: Number(channel.fee_per_kw),
    pendingIncoming: incoming,
    pendingOutgoing: channel.pending_htlcs.length - incoming,
  };
}

export function pendingChannel(channel: LndPendingChannel): PeerChannel {
  const { txId, index } = pointOf(channel.channel_point);
  const capacitySat = BigInt(channel.capacity);
  return {
    channelId: channelIdOf(channel.channel_point),
    counterparty: channel.remote_node_pub,
    capacitySat,
    outboundMsat: 0n,
    inboundMsat: 0n,
    ownSat: null,
    isReady: false,
    isUsable: false,
    isAnnounced: !channel.private,
    isOutbound: channel.initiator === 'INITIATOR_LOCAL',
    fundingTxId: txId,
    fundingIndex: index,
    shortChannelId: null,
    confirmations: 0,
    channelType: TYPES[channel.commitment_type] ?? [],
    feeratePerKw: null,
    pendingIncoming: 0,
    pendingOutgoing: 0,
  };
}
