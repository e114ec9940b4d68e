import { feerateOf, NEXT_REMOTE } from '../../ledger/view.ts';
import { owedSignature } from '../../ledger/advance.ts';
import type { Work } from '../../work.ts';
import { proposeAgain } from './update-fee.ts';

/** Seconds in which a peer that revoked has signed our next commitment. One that is slower is asked for nothing: both have that rate. */
const SIGNS_WITHIN = 5;

/**
 * On each tick and each reconnection. A peer that died between its revoke_and_ack and its commitment_signed may never come
 * to sign by itself: LND does so with the next update alone, and an HTLC would stand until it expires and closes the
 * channel. The opener gives it one that changes nothing: the fee rate that both have.
 */
export function askForSignature(work: Work): void {
  const { durable, session, env } = work;
  if (session.link !== 'ready' || durable?.phase !== 'normal') return;
  const { ledger, params } = durable;
  const { owed, ...rest } = session;
  if (ledger.unacked !== null || !owedSignature(ledger, params.opener)) {
    if (owed !== undefined) work.session = rest;
    return;
  }
  const isSame = owed?.number === ledger.localNumber;
  if (isSame && env.now < owed.since + SIGNS_WITHIN) return;
  if (isSame && params.opener === 'local')
    proposeAgain(work, durable, feerateOf(ledger, NEXT_REMOTE, 'local'));
  work.session = { ...session, owed: { number: ledger.localNumber, since: env.now } };
}
