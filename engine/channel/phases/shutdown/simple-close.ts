import { assembleFundingSpend } from '../../../commitment/funding.ts';
import { txIdOf, type Tx } from '../../../bitcoin/tx.ts';
import { msatToSat, type FeeratePerKw } from '../../../base/units.ts';
import { feerateOf } from '../../../bitcoin/fee.ts';
import type { ClosingComplete } from '../../../wire/channel-close.ts';
import { closingWeight } from '../../../commitment/closing.ts';
import { negotiated } from '../../../wire/features.ts';
import { askedMax } from '../../closing-room.ts';
import type { Env } from '../../env.ts';
import type { Ready, SimpleClose } from '../../session.ts';
import type { Work } from '../../work.ts';
import { dropConnection } from '../drop-connection.ts';
import {
  canPeerPay,
  feeOfClosing,
  replacementStep,
  simpleOffer,
  simpleTx,
  type ClosingScripts,
  type SimpleTerms,
  type Variant,
} from './simple-offer.ts';
import { anew, isClosableByBoth, signedByBoth, talkOf, withTalk, type Closable } from './talk.ts';

/** Blocks that the peer may take to sign what we pay for. */
const ANSWER_BLOCKS = 2;
/** And where one is signed already, which may be mined meanwhile: the connection serves other channels too. */
const RAISE_BLOCKS = 36;

export const isSimple = ({ features }: Pick<Env, 'features'>, remoteFeatures: Uint8Array): boolean =>
  negotiated(features, remoteFeatures, 'option_simple_close');

/**
 * Follow-up: BOLT 2 §closing_complete: "After a `shutdown` has been sent and received, AND no HTLCs remain in either
 * commitment transaction: SHOULD send a `closing_complete` message."
 */
export function offerCompleteIfDue(work: Work): void {
  const { durable, session, env } = work;
  if (session.link !== 'ready' || !session.shutdownSeen || !isClosableByBoth(durable)) return;
  if (!isSimple(env, session.remoteFeatures)) return;
  const { localScript, remoteScript } = talkOf(durable);
  const simple: SimpleClose = session.simple ?? {
    localScript,
    remoteScript,
    begunAt: env.height,
    sent: null,
    sentAt: env.height,
    answered: false,
    asked: 0,
  };
  if (session.simple === null) work.session = { ...session, simple };
  if (!isLeftToPeer(work, durable, simple)) offer(work, durable, { ...session, simple }, simple);
}

/**
 * DIVERGES from BOLT 2 §closing_complete: "SHOULD send a `closing_complete` message": whoever was asked to close leaves the
 * fee to who asked, until the next block: one of two closing transactions is enough. Where the peer's was signed, for as
 * long as a close may take to be agreed on: by then what it pays was not enough.
 */
function isLeftToPeer({ env }: Work, channel: Closable, simple: SimpleClose): boolean {
  const { isAsked, since } = talkOf(channel);
  if (!isAsked || !canPeerPay(channel, simple, rateOf(env, channel))) return false;
  if (env.height >= since + env.config.closingTimeout) return false;
  return signedByBoth(channel) !== null || env.height <= simple.begunAt;
}

/**
 * Nobody here named one where the peer asked: it is what gets it mined now, be that more or less than at the time, within
 * what such a close may cost.
 */
function rateOf({ feerates: { normal } }: Env, channel: Closable): FeeratePerKw {
  const { isAsked, closeFeerate, localScript, remoteScript } = talkOf(channel);
  if (!isAsked) return closeFeerate;
  const units = closingWeight([localScript, remoteScript]);
  const most = feerateOf(askedMax(msatToSat(channel.ledger.local), units), units);
  return normal < most ? normal : most;
}

function offer(work: Work, channel: Closable, session: Ready, simple: SimpleClose): void {
  const wanted = simpleOffer(channel, simple, rateOf(work.env, channel));
  // BOLT 2 §closing_complete: "If it wants to send another `closing_complete` (e.g. with a different `fee_satoshis` or
  // `closer_scriptpubkey`): MUST wait until it has received `closing_sig` first."
  if (wanted === null || (simple.sent !== null && !simple.answered)) return;
  if (wanted.fee < leastFee(channel, simple)) return;
  const { localScript, remoteScript } = simple;
  const terms: SimpleTerms = { localScript, remoteScript, closer: 'local', fee: wanted.fee, lockTime: 0 };
  const signatures: Partial<Record<Variant, Uint8Array>> = {};
  for (const variant of wanted.variants) {
    const tx = simpleTx(channel, terms, variant);
    if (tx === null) return;
    // BOLT 2 §closing_complete: "MUST generate its closing transaction as specified in BOLT #3"; "MUST set `signature` fields as valid signature using its `funding_pubkey`"
    signatures[variant] = work.env.signer.signFundingSpend(tx, 0, channel.active[0].funding);
  }
  const sent = {
    name: 'closing_complete' as const,
    channelId: channel.params.channelId,
    // BOLT 2 §closing_complete: "MUST set `closer_scriptpubkey` to its desired output script."
    closerScript: localScript,
    // BOLT 2 §closing_complete: "MUST set `closee_scriptpubkey` to the last script it received from its peer (from
    // `closing_complete` or from the initial `shutdown`)."
    closeeScript: remoteScript,
    fee: wanted.fee,
    // BOLT 2 §closing_complete: "MUST set `locktime` to the desired `nLockTime` of the closing transaction."
    locktime: terms.lockTime,
    ...signatures,
  };
  work.session = { ...session, simple: { ...simple, sent, sentAt: work.env.height, answered: false } };
  work.send(sent);
}

/** What has to be paid to take the place of what both signed, and of what we offered on this connection. */
export function leastFee(
  channel: Closable,
  simple: ClosingScripts & { readonly sent: ClosingComplete | null },
): bigint {
  const known = signedByBoth(channel);
  const paid = known === null ? 0n : feeOfClosing(channel, known);
  const offered = simple.sent?.fee ?? 0n;
  const most = paid > offered ? paid : offered;
  return most === 0n ? 0n : most + replacementStep(simple);
}

/** With a tick: a peer that does not sign gets a new connection, on which all begins over; less often where it signed one. */
export function dropWhoDoesNotSign(work: Work): void {
  const { durable, session, env } = work;
  if (session.link !== 'ready' || !isClosableByBoth(durable) || !isUnanswered(session)) return;
  const patience = signedByBoth(durable) === null ? ANSWER_BLOCKS : RAISE_BLOCKS;
  if (env.height >= session.simple.sentAt + patience) dropUnanswered(work);
}

/** Our last offer waits for the peer's signature. */
export const isUnanswered = (session: Ready): session is Ready & { readonly simple: SimpleClose } =>
  session.simple !== null && session.simple.sent !== null && !session.simple.answered;

/** A new fee cannot be said while the peer owes an answer: on a new connection all begins over, with the new one. */
export function dropUnanswered(work: Work): void {
  const { session } = work;
  if (session.link !== 'ready' || !isUnanswered(session)) return;
  const rule =
    'BOLT 2 §closing_complete: "SHOULD close the connection if it doesn\'t receive `closing_sig`."';
  // No rule was broken: who is slow may be so by its disk.
  work.effects.push({
    tag: 'disconnect',
    reason: { severity: 'disconnect', rule, detail: 'no closing_sig' },
  });
  dropConnection(work);
}

/**
 * Both signed it. It is published, and kept to be published again, where it pays enough more than the one before to take
 * its place: the other is as good, and what a peer offers without end must cost it.
 */
export function complete(
  work: Work,
  channel: Closable,
  terms: SimpleTerms,
  tx: Tx,
  localSignature: Uint8Array,
  remoteSignature: Uint8Array,
): void {
  const signed = assembleFundingSpend(tx, 0, channel.active[0].funding, localSignature, remoteSignature);
  const known = signedByBoth(channel);
  const least = known === null ? 0n : feeOfClosing(channel, known) + replacementStep(terms);
  if (known === null) work.durable = { ...channel, mutual: signed };
  // What no block may take yet costs the peer nothing: it takes the place of nothing, nor gives it more time.
  else if (terms.lockTime > work.env.height) return;
  else if (feeOfClosing(channel, signed) >= least) {
    const since = anew(
      work.env,
      talkOf(channel).since,
      channel.phase === 'closing' && channel.spend !== null,
    );
    work.durable = { ...withTalk(channel, { since }), mutual: signed };
  }
  // DIVERGES from BOLT 2 §closing_sig: "otherwise: MUST broadcast the corresponding closing transaction."
  else if (txIdOf(known) !== txIdOf(signed)) return;
  work.effects.push({ tag: 'publish', tx: signed, purpose: 'mutual-close' });
}
