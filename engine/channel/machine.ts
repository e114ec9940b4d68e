import type { Resume, Step, Transition } from './effect.ts';
import type { Env } from './env.ts';
import type { ChannelEvent } from './event.ts';
import { announceIfDue } from './phases/announce/announcement.ts';
import { sayUpdateIfDue } from './phases/announce/relay.ts';
import { onChain } from './phases/on-chain.ts';
import { onCommand } from './phases/on-command.ts';
import { onConnected } from './phases/on-connected.ts';
import { onMessage } from './phases/on-message.ts';
import { onRecalled } from './phases/closing/on-recalled.ts';
import { onSettled } from './phases/on-settled.ts';
import { onTick } from './phases/on-tick.ts';
import { dropConnection } from './phases/drop-connection.ts';
import { signIfDue } from './phases/normal/sign.ts';
import { readyIfDue } from './phases/pending/channel-ready.ts';
import { resumeDurable } from './phases/resume.ts';
import { offerFeeIfDue } from './phases/shutdown/on-closing-signed.ts';
import { offerCompleteIfDue } from './phases/shutdown/simple-close.ts';
import { negotiateIfDue, shutdownIfDue } from './phases/shutdown/shutdown-if-due.ts';
import { writesBetween } from './snapshot/writes.ts';
import type { ChannelState } from './state.ts';
import { watchFunding } from './phases/watch-funding.ts';
import { Work } from './work.ts';

/**
 * What an event does to a channel. Once `durable` is null and the session `over`, opening has come to nothing: the
 * machine can be thrown away.
 */
export const transition: Transition = (state: ChannelState, event: ChannelEvent, env: Env): Step => {
  const now = event.tag === 'tick' ? { ...env, height: event.height, feerates: event.feerates } : env;
  const work = new Work(state, now);
  handle(work, event);
  followUp(work);
  const { durable, session, effects } = work;
  return { next: { durable, session }, commit: writesBetween(state.durable, durable), after: effects };
};

export const resume: Resume = resumeDurable;

function handle(work: Work, event: ChannelEvent): void {
  switch (event.tag) {
    case 'connected':
      return onConnected(work, event.remoteInit);
    case 'disconnected':
      return dropConnection(work);
    case 'message':
      return onMessage(work, event.message);
    case 'command':
      return onCommand(work, event.id, event.command);
    case 'chain':
      return onChain(work, event.event);
    case 'tick':
      return onTick(work, event);
    case 'settled':
      return onSettled(work, event.id);
    case 'recalled':
      return onRecalled(work, event.txId, event.htlcs);
    case 'idle':
      return;
  }
}

/** What the new state calls for by itself, whatever led to it. Each looks whether it is due; the order is that of BOLT 2. */
function followUp(work: Work): void {
  readyIfDue(work);
  sayUpdateIfDue(work);
  announceIfDue(work);
  signIfDue(work);
  shutdownIfDue(work);
  negotiateIfDue(work);
  offerFeeIfDue(work);
  offerCompleteIfDue(work);
}

/** What must be watched of a channel that could not even resume. */
export const watched = watchFunding;

export { openOrigins, outgoingOrigins, summary } from './summary.ts';
