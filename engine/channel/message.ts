import type { ErrorMessage, Init, Warning } from '../wire/connection.ts';
import type { ChannelAnnouncement, ChannelUpdate } from '../wire/gossip.ts';
import type { ChannelMessage as NamesChannel } from '../wire/wire-message.ts';

/**
 * What is said about one channel: handed to its machine by channel id (`error` and `warning` with an all-zero id to
 * all channels of the peer; the peer's `channel_update` by our alias or by the real short channel id).
 */
export type ChannelMessage = NamesChannel | ErrorMessage | Warning | ChannelUpdate;

/** What moves a channel that is open, and its commitments. */
export type UpdateMessage = Extract<
  ChannelMessage,
  {
    name:
      | 'update_add_htlc'
      | 'update_fulfill_htlc'
      | 'update_fail_htlc'
      | 'update_fail_malformed_htlc'
      | 'update_fee'
      | 'start_batch'
      | 'commitment_signed'
      | 'revoke_and_ack';
  }
>;

export type { ChannelAnnouncement, Init };
