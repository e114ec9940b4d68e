import type { ChannelReestablish } from '../wire/commitment.ts';
import type { Env } from './env.ts';
import { compare } from './phases/sync/on-channel-reestablish.ts';
import type { Live } from './state.ts';

/** What the peer's channel_reestablish shows of our state, for who listens and answers nothing; null: neither. */
export function shownBy(channel: Live, message: ChannelReestablish, env: Env): 'in-step' | 'behind' | null {
  const { tag } = compare(channel, message, env);
  return tag === 'in-step' ? tag : tag === 'we-are-behind' ? 'behind' : null;
}
