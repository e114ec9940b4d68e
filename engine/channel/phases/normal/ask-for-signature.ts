import { feeratePerKw } from '../../../base/units.ts';
import { feerateOf, NEXT_REMOTE } from '../../ledger/view.ts';
import { owedSignature } from '../../ledger/advance.ts';
import type { Durable, Normal, ShuttingDown } from '../../state.ts';
import type { Work } from '../../work.ts';
import { proposeRaise } from './update-fee.ts';

/** Seconds in which a peer that revoked has signed our next commitment: time enough to say again what was lost. */
const SIGNS_WITHIN = 5;
/** So often a peer is asked that does not sign that either: each is one more thing that it owes. */
const MOST_ASKED = 3;

/**
 * On each tick. A peer that died between its revoke_and_ack and its commitment_signed may never come to sign by itself: LND
 * does so with the next update alone, and an HTLC would stand until it expires and closes the channel. As opener we give it
 * one that changes next to nothing: one satoshi per 1,000 weight more, for LDK closes a channel over a rate that it finds
 * too low and that is not raised.
 * DIVERGES from BOLT 2 §shutdown: "if no HTLCs remain in either commitment transaction […] and neither side has a pending
 * `revoke_and_ack` to send: MUST NOT send any `update` message after that point.", because its signature is owed still, and
 * ours to revoke for it: without them the channel never closes together.
 */
export function askForSignature(work: Work): void {
  noteOwed(work);
  const { durable, session, env } = work;
  if (session.link !== 'ready' || !isInUse(durable)) return;
  if (session.owed === undefined || env.now < session.owed.since + SIGNS_WITHIN) return;
  const { ledger, params } = durable;
  // BOLT 2 §update_fee: "The node _not responsible_ for paying the Bitcoin fee: MUST NOT send `update_fee`."
  if (params.opener === 'remote') work.notify({ tag: 'signature-owed' });
  else if (ledger.feeUpdates.length < MOST_ASKED)
    proposeRaise(work, durable, feeratePerKw(feerateOf(ledger, NEXT_REMOTE, 'local') + 1));
}

/** On each tick and each reconnection: since when that signature is owed. */
export function noteOwed(work: Work): void {
  const { durable, session, env } = work;
  if (session.link !== 'ready' || !isInUse(durable)) return;
  const { ledger, params } = durable;
  const { owed, ...rest } = session;
  if (ledger.unacked !== null || !owedSignature(ledger, params.opener)) work.session = rest;
  else if (owed?.number !== ledger.localNumber)
    work.session = { ...session, owed: { number: ledger.localNumber, since: env.now } };
}

const isInUse = (durable: Durable | null): durable is Normal | ShuttingDown =>
  durable?.phase === 'normal' || durable?.phase === 'shutting-down';
