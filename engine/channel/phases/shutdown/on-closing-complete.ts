import { equalBytes } from '../../../base/bytes.ts';
import { msatToSat, type Sat } from '../../../base/units.ts';
import { dustLimitOf } from '../../../bitcoin/dust.ts';
import { FEERATE_FLOOR } from '../../../bitcoin/fee.ts';
import type { Tx } from '../../../bitcoin/tx.ts';
import { verifyFundingSignature } from '../../../commitment/funding.ts';
import type { ClosingComplete } from '../../../wire/channel-close.ts';
import { negotiated } from '../../../wire/features.ts';
import type { Ready } from '../../session.ts';
import type { Work } from '../../work.ts';
import { breach } from '../breach.ts';
import { isBound, isClosable } from '../opening/terms.ts';
import { complete } from './simple-close.ts';
import { closingFeeAt, selectedVariant, simpleTx, type SimpleTerms } from './simple-offer.ts';
import { withTalk, type Closable } from './talk.ts';

/** On one connection. Each has to pay more than the one before; who raises by a twentieth each time gets far by then. */
const MOST_OFFERS = 20;
/** Blocks that the peer may have heard of, and we not. */
const AHEAD = 6;

const SECTION = 'BOLT 2 §closing_complete:';

/** The peer pays for a closing transaction, and asks for our signature. We are the closee. */
export function onClosingComplete(
  work: Work,
  channel: Closable,
  session: Ready,
  message: ClosingComplete,
): void {
  const { simple, remoteFeatures } = session;
  if (simple === null) return;
  const { closerScript, closeeScript, fee, locktime } = message;
  if (!equalBytes(closeeScript, simple.localScript)) {
    breach(
      work,
      'disconnect',
      `${SECTION} "If \`closee_scriptpubkey\` does not match the last script it sent (from \`closing_complete\` or from the initial \`shutdown\`): SHOULD ignore \`closing_complete\`. SHOULD send a \`warning\`. SHOULD close the connection."`,
      'closee_scriptpubkey is not ours',
    );
    return;
  }
  const isFree =
    !negotiated(work.env.features, remoteFeatures, 'option_upfront_shutdown_script') ||
    isBound(channel.params.remote, closerScript);
  if (!isFree || !isClosable(closerScript, work.env, remoteFeatures)) {
    breach(
      work,
      'disconnect',
      `${SECTION} "If \`closer_scriptpubkey\` is invalid (as detailed in the [\`shutdown\` requirements](#closing-initiation-shutdown)): SHOULD ignore \`closing_complete\`. SHOULD send a \`warning\`. SHOULD close the connection."`,
      isFree
        ? 'closer_scriptpubkey has none of the allowed forms'
        : 'another script than was committed to at opening',
    );
    return;
  }
  if (fee > msatToSat(channel.ledger.remote)) {
    breach(
      work,
      'disconnect',
      `${SECTION} "If \`fee_satoshis\` is greater than the closer's outstanding balance: MUST either send a \`warning\` and close the connection, or send an \`error\` and fail the channel."`,
      `a fee of ${fee} satoshis`,
    );
    return;
  }
  const terms: SimpleTerms = {
    localScript: simple.localScript,
    remoteScript: closerScript,
    closer: 'remote',
    fee,
    lockTime: locktime,
  };
  // BOLT 2 §closing_complete: "If `closer_scriptpubkey` is a valid `OP_RETURN` script: MUST set the closer's output amount to
  // zero so that all funds go to fees […]. MUST generate the remote closing transaction as specified in BOLT #3"
  const variant = selectedVariant(channel, terms, message);
  const signature = message[variant];
  const tx = simpleTx(channel, terms, variant);
  const [{ funding }] = channel.active;
  if (signature === undefined || tx === null) {
    breach(
      work,
      'disconnect',
      `${SECTION} "If the selected signature field does not exist: MUST either send a \`warning\` and close the connection, or send an \`error\` and fail the channel."`,
      `no signature for ${variant}`,
    );
    return;
  }
  // BOLT 2 §closing_complete: "If the signature field is non-compliant with LOW-S-standard rule: MUST either send a `warning` and
  // close the connection, or send an `error` and fail the channel." A check of it is part of the signature's.
  if (!verifyFundingSignature(tx, 0, funding, signature)) {
    breach(
      work,
      'disconnect',
      `${SECTION} "If the signature field is not valid for the corresponding closing transaction specified in [BOLT #3](03-transactions.md#closing-transaction): MUST either send a \`warning\` and close the connection, or send an \`error\` and fail the channel."`,
      'wrong signature in closing_complete',
    );
    return;
  }
  if (!canBeMined(tx, fee, terms, work) || simple.asked >= MOST_OFFERS) {
    // DIVERGES from BOLT 2 §closing_complete: "MUST sign and broadcast the corresponding closing transaction. MUST send
    // `closing_sig` with a single valid signature in the same TLV field as the `closing_complete`.": one that no block would
    // take is not signed. It would stand for the close and keep the money where it is.
    breach(
      work,
      'disconnect',
      `${SECTION} what is signed is broadcast`,
      simple.asked >= MOST_OFFERS
        ? 'too many closing transactions'
        : 'a closing transaction that is not relayed now',
    );
    return;
  }
  // BOLT 2 §closing_complete: "MUST use `closer_scriptpubkey` for its own future `closing_complete` messages."
  work.session = { ...session, simple: { ...simple, remoteScript: closerScript, asked: simple.asked + 1 } };
  const known = withTalk(channel, { remoteScript: closerScript });
  work.durable = known;
  // BOLT 2 §closing_complete: "MUST sign and broadcast the corresponding closing transaction. MUST send `closing_sig` with
  // a single valid signature in the same TLV field as the `closing_complete`."
  const ours = work.env.signer.signFundingSpend(tx, 0, funding);
  complete(work, known, terms, tx, ours, signature);
  work.send({
    name: 'closing_sig',
    channelId: channel.params.channelId,
    closerScript,
    closeeScript,
    fee,
    locktime,
    [variant]: ours,
  });
}

/** Final now or soon, without dust, and paying what servers relay when nothing waits. */
const canBeMined = (tx: Tx, fee: Sat, terms: SimpleTerms, { env }: Work): boolean =>
  terms.lockTime <= env.height + AHEAD &&
  tx.outputs.every(({ amount, script }) => amount >= dustLimitOf(script)) &&
  fee >= closingFeeAt(FEERATE_FLOOR, terms);
