import type { Tx } from '../../../bitcoin/tx.ts';
import { coreOf, isLive, type Closing, type Live, type Negotiating } from '../../state.ts';
import type { Work } from '../../work.ts';
import { forgetUnsigned } from '../forget-unsigned.ts';
import { sendError } from '../send-error.ts';
import { abandonOpening } from '../opening/abandon.ts';
import { signedByBoth, signedSoFar } from '../shutdown/talk.ts';
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

/** Ends all talk and publishes our latest commitment; `setAside`: beside what both signed. */
export function giveToChain(work: Work, channel: Live, failure: string, setAside: Tx | null = null): void {
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
    ...signedSoFar(channel),
    setAside,
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
 * What both signed is waited for no longer, and our commitment goes to the chain beside it: both are offered, after a restart
 * too, and a block takes one of the two.
 */
export function giveUpMutual(work: Work, channel: Closing | Negotiating, failure: string): void {
  sendError(work, failure);
  const setAside = signedByBoth(channel);
  if (channel.phase === 'negotiating')
    return giveToChain(work, { ...channel, mutual: null }, failure, setAside);
  if (work.session.link !== 'offline') work.session = { link: 'over' };
  progress(work, { ...channel, mutual: null, setAside, failure: channel.failure ?? failure });
}
