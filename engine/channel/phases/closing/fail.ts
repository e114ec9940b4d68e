import { coreOf, isLive, type Closing, type Live } from '../../state.ts';
import type { Work } from '../../work.ts';
import { forgetUnsigned } from '../forget-unsigned.ts';
import { sendError } from '../send-error.ts';
import { abandonOpening } from '../opening/abandon.ts';
import { talkAlone } from '../shutdown/talk.ts';
import { progress } from './progress.ts';

/**
 * "Send an error and fail the channel": the peer is told once more on each connection, and our latest commitment goes
 * to the chain if there is one.
 */
export function failChannel(work: Work, detail: string): void {
  sendError(work, detail);
  if (work.durable === null) abandonOpening(work, { code: 'peer-incompatible', detail });
  else if (isLive(work.durable)) giveToChain(work, work.durable, detail);
}

/** Ends all talk and publishes our latest commitment. */
export function giveToChain(work: Work, channel: Live, failure: string): void {
  // What may be an old state may be a revoked one: to publish it would give everything to the peer, which was told to
  // publish its own.
  if (work.env.mayBeStale) {
    work.durable = { ...coreOf(forgetUnsigned(work, channel)), phase: 'data-loss' };
    if (work.session.link !== 'offline') work.session = { link: 'over' };
    work.notify({ tag: 'data-loss', channelId: channel.params.channelId });
    return;
  }
  const closing: Closing = {
    ...coreOf(forgetUnsigned(work, channel)),
    phase: 'closing',
    failure,
    mutual: channel.phase === 'negotiating' ? channel.mutual : null,
    talk: channel.phase === 'negotiating' ? talkAlone(channel) : null,
    spend: null,
    resolved: new Map(),
    settled: new Set(),
    history: null,
    lostData: false,
  };
  if (work.session.link !== 'offline') work.session = { link: 'over' };
  progress(work, closing);
}

/**
 * What both signed is waited for no longer, and our commitment goes to the chain beside it: a block takes one of the two.
 * It stays with the servers that have it, and goes on being offered until a restart; our own disk forgets it.
 */
export function giveUpMutual(work: Work, closing: Closing, failure: string): void {
  sendError(work, failure);
  if (work.session.link !== 'offline') work.session = { link: 'over' };
  progress(work, { ...closing, mutual: null, failure: closing.failure ?? failure });
}
