import type { PeerChannel } from '../real-peer.ts';
import { scidText } from '../scid-text.ts';
import { displayHash, featureBits, hex, isNull, isTrue, some, unsigned16, type ldk } from './library.ts';

export function peerChannel(channel: ldk.ChannelDetails): PeerChannel {
  const funding = channel.get_funding_txo();
  const type = channel.get_channel_type();
  const scid = some<bigint>(channel.get_short_channel_id());
  return {
    channelId: hex(channel.get_channel_id().get_a()),
    counterparty: hex(channel.get_counterparty().get_node_id()),
    capacitySat: channel.get_channel_value_satoshis(),
    outboundMsat: channel.get_outbound_capacity_msat(),
    inboundMsat: channel.get_inbound_capacity_msat(),
    ownSat: ownSat(channel),
    isReady: isTrue(channel.get_is_channel_ready()),
    isUsable: isTrue(channel.get_is_usable()),
    isAnnounced: isTrue(channel.get_is_announced()),
    isOutbound: isTrue(channel.get_is_outbound()),
    fundingTxId: isNull(funding) ? null : displayHash(funding.get_txid()),
    fundingIndex: isNull(funding) ? null : unsigned16(funding.get_index()),
    shortChannelId: scid === null ? null : scidText(scid),
    confirmations: some<number>(channel.get_confirmations()) ?? 0,
    channelType: isNull(type) ? [] : featureBits(type.le_flags()),
    feeratePerKw: some<number>(channel.get_feerate_sat_per_1000_weight()),
    pendingIncoming: channel.get_pending_inbound_htlcs().length,
    pendingOutgoing: channel.get_pending_outbound_htlcs().length,
  };
}

/** Null when all of it is below the reserve, which this list does not show. */
function ownSat(channel: ldk.ChannelDetails): bigint | null {
  const above = channel.get_outbound_capacity_msat();
  const reserve = some<bigint>(channel.get_unspendable_punishment_reserve()) ?? 0n;
  return above === 0n ? null : (above + reserve * 1000n) / 1000n;
}
