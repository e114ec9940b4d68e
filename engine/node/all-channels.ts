import { channelId } from '../base/ids.ts';

/** BOLT 1 §The `error` and `warning` Messages: an id of all zeros means all channels with the sender. */
export const ALL_CHANNELS = channelId('00'.repeat(32));
