import { outPointKey } from '../../../base/ids.ts';
import { sat } from '../../../base/units.ts';
import { NO_DEMAND } from '../../claim-demand.ts';
import type { Env } from '../../env.ts';
import { isUntouched } from '../../void.ts';
import { coreOf, type Closed, type Closing } from '../../state.ts';
import type { Work } from '../../work.ts';
import { isBuried } from './buried.ts';
import { claimsOf } from './claims.ts';
import { isGivenUp, leftBehind } from './given-up.ts';
import { holdsUnanswered } from './held.ts';
import { pastOf } from './past.ts';
import { pursue } from './pursue.ts';
import { settleOnChain } from './settle-on-chain.ts';
import { takenBack } from './taken-back.ts';

/** After each change of a closing channel, of the chain or of time: says what is decided, claims what is due. */
export function progress(work: Work, closing: Closing): void {
  const next = settleOnChain(work, closing);
  work.effects.push(...takenBack(next, work.env));
  if (!isOver(next, work.env)) {
    work.durable = next;
    work.effects.push(...pursue(next, work.env));
    return;
  }
  const { spend } = next;
  const left = spend === null ? sat(0) : leftBehind(next, spend, work.env);
  // Of one that never was for all that is known: what the peer pushed to us is looked for, should it be after all.
  const past = spend === null && isUntouched(next) ? null : pastOf(next);
  const closed: Closed = { ...coreOf(next), phase: 'closed', spend, leftBehind: left, past };
  work.durable = closed;
  work.effects.push({ tag: 'claim', demand: NO_DEMAND });
  work.notify({ tag: 'closed', channelId: next.params.channelId, wasFunded: spend !== null });
}

/**
 * BOLT 5 §General Nomenclature: "until all outputs are *irrevocably resolved*: MUST monitor the blockchain for transactions
 * that spend any output that is NOT *irrevocably resolved*."
 * BOLT 5 §Failing a Channel: "until the remote node closes: MUST NOT forget the channel."
 */
function isOver(closing: Closing, env: Env): boolean {
  const { spend, ledger, settled, resolved } = closing;
  // DIVERGES from BOLT 5 §Failing a Channel: "until the remote node closes: MUST NOT forget the channel", because nothing in
  // an untouched one was ever ours. So it is with an LSP that dies between its funding_created and its own disk: it knows
  // nothing of the channel any more, and the user would look at it for two weeks.
  if (spend === null) return isForgotten(closing, env) || isUntouched(closing);
  // What it holds of HTLCs of long ago is not known yet.
  if (spend.kind === 'revoked' && closing.history === null) return false;
  return (
    isBuried(spend.at, env) &&
    [...ledger.outgoing.keys()].every((id) => settled.has(id)) &&
    !holdsUnanswered(closing, env) &&
    claimsOf(closing, spend, env).every(
      (claim) =>
        isBuried(resolved.get(outPointKey(claim.outPoint))?.at ?? null, env) ||
        isGivenUp(closing, spend, claim, env),
    )
  );
}

/**
 * BOLT 2 §channel_ready: the fundee "SHOULD forget the channel if it does not see the correct funding transaction after a timeout of 2016 blocks."
 * DIVERGES from BOLT 2 §channel_ready: "SHOULD forget the channel", because one that was used before is no mere promise: its
 * peer may have it mined at any time, and take from it by a state of its choice.
 */
const isForgotten = ({ params, active: [{ confirmed }], ledger, createdAt }: Closing, env: Env): boolean =>
  params.opener === 'remote' &&
  confirmed === null &&
  ledger.nextIncomingId === 0n &&
  ledger.nextOutgoingId === 0n &&
  env.height >= createdAt + env.config.fundingTimeout;
