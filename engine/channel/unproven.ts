import { wasInStep } from './session.ts';
import { isLive, type ChannelState } from './state.ts';

/**
 * Whether ours may be revoked for all we know: an old copy of the disk may have been put back, and the peer did not show
 * since our start where the channel stands. Once all is said but the fee of a close, no commitment follows.
 */
export const isUnproven = ({ durable, session }: ChannelState): boolean =>
  durable !== null && isLive(durable) && durable.phase !== 'negotiating' && !wasInStep(session);
