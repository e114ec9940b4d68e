import type { Live, Negotiating } from '../../state.ts';
import type { Talking } from '../shutdown/talk.ts';
import { isUnproven } from '../../unproven.ts';
import type { Work } from '../../work.ts';
import { sendError } from '../send-error.ts';
import { giveToChain } from './fail.ts';

/** Only the fee of a close is left to say: the peer may hold our signature of it, and have published. */
export const mayBeClosed = (channel: Live | Talking): channel is Negotiating =>
  channel.phase === 'negotiating' && channel.mutual === null;

/**
 * It may know of no channel any more, as LDK says by an `error` and by numbers of zero. The chain shows what it published
 * with the next block, or ours goes there (`overdue`): nothing but money of ours waits for it.
 * DIVERGES from BOLT 1 §error: "MUST fail the channel(s) referred to by the `error` message", and from BOLT 2 §Message
 * Retransmission: "if `next_commitment_number` is zero: MUST immediately fail the channel and broadcast any relevant
 * latest commitment transaction": because ours would take the place of what both agreed on, for more fees and a delay.
 */
export function waitForClose(work: Work, channel: Negotiating): void {
  if (channel.failedAt === undefined) work.durable = { ...channel, failedAt: work.env.height };
}

const ASK = 'please publish your commitment';

/**
 * The peer says that the channel has failed.
 * DIVERGES from BOLT 1 §error: "MUST fail the channel(s) referred to by the `error` message": a peer that knows our disk
 * to be an old one need only say so instead of its proof, and would punish what we publish. So it is asked to publish
 * its own, may still show in this connection or another where the channel stands, and ours goes to the chain after
 * `failurePatience`, when the user says so, or when an HTLC cannot wait.
 */
export function peerFailed(work: Work, channel: Live, failure: string): void {
  if (work.env.mayBeStale) return giveToChain(work, channel, failure);
  if (mayBeClosed(channel)) return waitForClose(work, channel);
  if (!isUnproven(work)) return giveToChain(work, channel, failure);
  const { height, config } = work.env;
  const { failedAt } = channel;
  if (failedAt !== undefined) {
    // A wallet may be open for minutes only, each day.
    if (height >= failedAt + config.failurePatience) giveToChain(work, channel, failure);
    // It is asked once: two who ask each other would never end.
    return;
  }
  work.durable = { ...channel, failedAt: height };
  sendError(work, ASK);
}
