import type { ChannelId } from '../base/ids.ts';
import type { ChannelReestablish } from '../wire/commitment.ts';

/**
 * Has the peer close: zero is what every peer closes at (BOLT 2 §Message Retransmission: "if `next_commitment_number` is
 * zero: MUST immediately fail the channel and broadcast any relevant latest commitment transaction."), and some, Leyden
 * for a week, do not at an `error`. It also proves nothing about which secrets we have.
 */
export const askToPublish = (channelId: ChannelId, point: Uint8Array): ChannelReestablish => ({
  name: 'channel_reestablish',
  channelId,
  nextCommitmentNumber: 0n,
  nextRevocationNumber: 0n,
  yourLastPerCommitmentSecret: new Uint8Array(32),
  myCurrentPerCommitmentPoint: point,
});
