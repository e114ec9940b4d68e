import { assembleFundingSpend } from '../../../commitment/funding.ts';
import { txIdOf, type Tx } from '../../../bitcoin/tx.ts';
import { negotiated } from '../../../wire/features.ts';
import type { Ready, SimpleClose } from '../../session.ts';
import type { Closing, Negotiating } from '../../state.ts';
import type { Work } from '../../work.ts';
import {
  canPeerPay,
  feeOfClosing,
  replacementStep,
  simpleOffer,
  simpleTx,
  type SimpleTerms,
  type Variant,
} from './simple-offer.ts';

/** A channel for which closing_complete may be said: nothing is signed by both, or nothing of that is in a block. */
export type Closable = Negotiating | Closing;

export const isSimple = ({ env }: Work, { remoteFeatures }: Ready): boolean =>
  negotiated(env.features, remoteFeatures, 'option_simple_close');

/** Signed by both already, seen by the chain's servers, and in no block: a dearer one may still take its place. */
export const isReplaceable = (work: Work): boolean => {
  const { durable, session } = work;
  return (
    durable?.phase === 'closing' &&
    durable.spend?.kind === 'mutual' &&
    durable.spend.at === null &&
    session.link === 'ready' &&
    session.simple !== null
  );
};

/**
 * Follow-up: BOLT 2 §closing_complete: "After a `shutdown` has been sent and received, AND no HTLCs remain in either
 * commitment transaction: SHOULD send a `closing_complete` message."
 */
export function offerCompleteIfDue(work: Work): void {
  const { durable, session } = work;
  if (session.link !== 'ready' || (durable?.phase !== 'negotiating' && durable?.phase !== 'closing')) return;
  if (!isSimple(work, session)) return;
  if (durable.phase === 'negotiating') {
    if (!session.shutdownSeen) return;
    const { localScript, remoteScript, closeFeerate } = durable;
    const begun = session.simple ?? {
      localScript,
      remoteScript,
      feerate: closeFeerate,
      sent: null,
      answered: false,
      asked: 0,
    };
    const simple = { ...begun, feerate: closeFeerate };
    if (session.simple === null) work.session = { ...session, simple };
    // DIVERGES from BOLT 2 §closing_complete: "SHOULD send a `closing_complete` message": whoever was asked to close
    // leaves the fee to who asked, until the next block: one of two closing transactions is enough.
    const isTheirs = session.isAsked && canPeerPay(durable, simple, closeFeerate);
    if (simple.sent === null && (durable.agreed !== null || (isTheirs && work.env.height <= durable.since)))
      return;
    offer(work, durable, { ...session, simple }, simple);
  } else if (isReplaceable(work) && session.simple?.sent != null)
    offer(work, durable, session, session.simple);
}

function offer(work: Work, channel: Closable, session: Ready, simple: SimpleClose): void {
  const wanted = simpleOffer(channel, simple, simple.feerate);
  if (wanted === null) return;
  if (simple.sent !== null) {
    // BOLT 2 §closing_complete: "If it wants to send another `closing_complete` (e.g. with a different `fee_satoshis` or
    // `closer_scriptpubkey`): MUST wait until it has received `closing_sig` first."
    if (!simple.answered || wanted.fee < simple.sent.fee + replacementStep(simple)) return;
  }
  const { localScript, remoteScript } = simple;
  const terms: SimpleTerms = { localScript, remoteScript, closer: 'local', fee: wanted.fee, lockTime: 0 };
  const signatures: Partial<Record<Variant, Uint8Array>> = {};
  for (const variant of wanted.variants) {
    const tx = simpleTx(channel, terms, variant);
    if (tx === null) return;
    // BOLT 2 §closing_complete: "MUST set `signature` fields as valid signature using its `funding_pubkey`"
    signatures[variant] = work.env.signer.signFundingSpend(tx, 0, channel.active[0].funding);
  }
  const sent = {
    name: 'closing_complete' as const,
    channelId: channel.params.channelId,
    closerScript: localScript,
    // BOLT 2 §closing_complete: "MUST set `closee_scriptpubkey` to the last script it received from its peer (from
    // `closing_complete` or from the initial `shutdown`)."
    closeeScript: remoteScript,
    fee: wanted.fee,
    locktime: 0,
    ...signatures,
  };
  work.session = { ...session, simple: { ...simple, sent, answered: false } };
  work.send(sent);
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
  const known = channel.phase === 'negotiating' ? channel.agreed : channel.mutual;
  const least = known === null ? 0n : feeOfClosing(channel, known) + replacementStep(terms);
  const isBetter = known === null || feeOfClosing(channel, signed) >= least;
  if (isBetter)
    work.durable =
      channel.phase === 'negotiating' ? { ...channel, agreed: signed } : { ...channel, mutual: signed };
  else if (terms.closer === 'remote' && txIdOf(known) !== txIdOf(signed)) return;
  work.effects.push({ tag: 'publish', tx: signed, purpose: 'mutual-close' });
}
