import { unreachable } from '../base/assert.ts';
import type { ChannelStatus } from './refusal.ts';
import type { ChannelState } from './state.ts';

/** The state in one word. */
export function statusOf({ durable, session }: ChannelState): ChannelStatus {
  if (durable === null) return 'opening';
  switch (durable.phase) {
    case 'funding-pending':
      return durable.readySent ? 'waiting-for-peer' : 'waiting-for-confirmations';
    case 'normal':
      if (session.link === 'ready') return 'ready';
      return session.link === 'syncing' ? 'reconnecting' : 'offline';
    case 'shutting-down':
      return 'shutting-down';
    case 'negotiating':
      return 'negotiating-close';
    case 'closing':
      if (durable.mutual !== null) return 'closing';
      // Given up for our commitment, and still where it was: a block will take one of the two.
      return durable.spend?.kind === 'mutual' && (durable.failure === null || durable.spend.at !== null)
        ? 'closing'
        : 'force-closing';
    case 'data-loss':
      return 'data-loss';
    case 'closed':
      return 'closed';
    default:
      return unreachable(durable);
  }
}
