import type { PeerEvent } from '../real-peer.ts';
import {
  displayHash,
  errorText,
  featureBits,
  hex,
  ldk,
  shortName,
  some,
  unsigned16,
  variantName,
} from './library.ts';

/** What an event of LDK's tells the outside; null for those that only ask us to do something. */
export function peerEvent(event: ldk.Event): PeerEvent | null {
  if (event instanceof ldk.Event_ChannelPending) {
    return {
      type: 'channel-pending',
      channelId: hex(event.channel_id.get_a()),
      nodeId: hex(event.counterparty_node_id),
      fundingTxId: displayHash(event.funding_txo.get_txid()),
      fundingIndex: unsigned16(event.funding_txo.get_index()),
    };
  }
  if (event instanceof ldk.Event_ChannelReady) {
    return {
      type: 'channel-ready',
      channelId: hex(event.channel_id.get_a()),
      nodeId: hex(event.counterparty_node_id),
    };
  }
  if (event instanceof ldk.Event_ChannelClosed) {
    return {
      type: 'channel-closed',
      channelId: hex(event.channel_id.get_a()),
      reason: event.reason.to_str(),
    };
  }
  if (event instanceof ldk.Event_PaymentClaimed) {
    return {
      type: 'payment-received',
      paymentHash: hex(event.payment_hash),
      amountMsat: event.amount_msat,
      isSpontaneous: event.purpose instanceof ldk.PaymentPurpose_SpontaneousPayment,
    };
  }
  if (event instanceof ldk.Event_PaymentSent) {
    return {
      type: 'payment-sent',
      paymentHash: hex(event.payment_hash),
      preimage: hex(event.payment_preimage),
      feeMsat: some<bigint>(event.fee_paid_msat) ?? 0n,
    };
  }
  if (event instanceof ldk.Event_PaymentFailed) {
    const hash = some<Uint8Array>(event.payment_hash);
    const reason = some<ldk.PaymentFailureReason>(event.reason);
    return {
      type: 'payment-failed',
      paymentHash: hash === null ? null : hex(hash),
      reason:
        reason === null ? 'unknown' : shortName(ldk.PaymentFailureReason[reason], 'LDKPaymentFailureReason_'),
    };
  }
  if (event instanceof ldk.Event_PaymentPathFailed) {
    const channel = some<bigint>(event.short_channel_id);
    return warning(`a path of ${hex(event.payment_hash)} failed at channel ${channel ?? 'unknown'}`);
  }
  if (event instanceof ldk.Event_HTLCHandlingFailed) {
    return warning(`htlc failed: ${variantName(event.failed_next_destination, 'HTLCDestination_')}`);
  }
  if (event instanceof ldk.Event_OpenChannelRequest) {
    const type = featureBits(event.channel_type.le_flags()).join(' ');
    return warning(`asked for a channel of ${event.funding_satoshis} sat, type [${type}]`);
  }
  if (event instanceof ldk.Event_BumpTransaction) {
    return warning(`fee bump: ${variantName(event.bump_transaction, 'BumpTransactionEvent_')}`);
  }
  if (event instanceof ldk.Event_DiscardFunding) return warning('funding discarded');
  return null;
}

export const warning = (text: unknown): PeerEvent => ({
  type: 'warning',
  text: text instanceof Error ? text.message : errorText(text),
});
