import type { Live } from '../../state.ts';
import { isUnproven } from '../../unproven.ts';
import type { Work } from '../../work.ts';
import { sendError } from '../send-error.ts';
import { giveToChain } from './fail.ts';

const ASK = 'please publish your commitment';

/**
 * The peer says that the channel has failed.
 * DIVERGES from BOLT 1 §error: "MUST fail the channel(s) referred to by the `error` message": a peer that knows our disk
 * to be an old one need only say so instead of its proof, and would punish what we publish. So it is asked to publish
 * its own, may still show in this connection or another where the channel stands, and ours goes to the chain after
 * `failurePatience`, when the user says so, or when an HTLC cannot wait.
 */
export function peerFailed(work: Work, channel: Live, failure: string): void {
  if (work.env.mayBeStale || !isUnproven(work)) return giveToChain(work, channel, failure);
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
