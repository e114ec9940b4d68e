import { encodeUtf8 } from '../../base/utf8.ts';
import type { Work } from '../work.ts';
import { ALL_CHANNELS } from '../../wire/connection.ts';
import { channelNameOf } from './channel-id.ts';

/** Says that this channel has failed; nothing where the peer knows of none. */
export function sendError(work: Work, detail: string): void {
  const channelId = channelNameOf(work);
  // BOLT 1 §error: an all-zero channel id would fail all channels of the peer.
  if (channelId !== ALL_CHANNELS) work.send({ name: 'error', channelId, data: encodeUtf8(detail) });
}
