import type { ChannelMessage } from './message.ts';
import type { ChannelState } from './state.ts';

/**
 * BOLT 2 §start_batch: "If one of those messages is not for the specified `channel_id`: MUST send a `warning` and close the
 * connection, or send an `error` and fail the channel." Whether `message` is one that comes between those of a batch that
 * the peer announced for this channel. What fails or warns, and what names no channel, may come at any time.
 */
export function breaksBatch({ durable, session }: ChannelState, message: ChannelMessage): boolean {
  if (session.link !== 'ready' || session.batch === null || durable === null) return false;
  if (message.name === 'error' || message.name === 'warning') return false;
  if ('temporaryChannelId' in message) return true;
  return 'channelId' in message && message.channelId !== durable.params.channelId;
}
