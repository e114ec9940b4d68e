import type { ChannelAnnouncement, ChannelUpdate } from '../wire/gossip.ts';
import type { Env } from './env.ts';
import { announcementOf } from './phases/announce/announcement.ts';
import { signedUpdate } from './phases/announce/relay.ts';
import type { Durable } from './state.ts';

/** A channel that everybody may know, as we tell of it. */
export type PublicChannel = { readonly announcement: ChannelAnnouncement; readonly update: ChannelUpdate };

/**
 * Null for a private channel, for one whose signatures were not exchanged yet, and once it is closing. By the real short
 * channel id alone: an alias is between the two ends.
 */
export function publicChannel(durable: Durable | null, env: Env): PublicChannel | null {
  if (durable?.phase !== 'normal' || !durable.params.announce) return null;
  const announcement = announcementOf(durable, env);
  if (announcement === null) return null;
  return { announcement, update: signedUpdate(durable, announcement.scid, env) };
}
