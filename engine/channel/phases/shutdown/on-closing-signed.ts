import { assert } from '../../../base/assert.ts';
import { sat, type Sat } from '../../../base/units.ts';
import type { Tx } from '../../../bitcoin/tx.ts';
import { assembleFundingSpend } from '../../../commitment/funding.ts';
import type { ClosingSigned } from '../../../wire/channel-close.ts';
import type { FeeOffer, Ready } from '../../session.ts';
import type { Negotiating } from '../../state.ts';
import type { Work } from '../../work.ts';
import { HAGGLING_STEPS } from '../../closing-room.ts';
import { breach } from '../breach.ts';
import { isSimple } from './simple-close.ts';
import { feeOfClosing } from './simple-offer.ts';
import { between, closingOffer, closingTx, haggledOffer, hasDust, signedVariant } from './closing-offer.ts';

const SECTION = 'BOLT 2 §closing_signed:';

/** Follow-up: BOLT 2 §closing_signed: "The funding node: […] SHOULD send a `closing_signed` message." */
export function offerFeeIfDue(work: Work): void {
  const { durable, session, env } = work;
  if (durable?.phase !== 'negotiating' || session.link !== 'ready') return;
  if (durable.params.opener !== 'local' || !session.shutdownSeen || session.fees !== null) return;
  if (isSimple(env, session.remoteFeatures)) return;
  say(work, durable, session, closingOffer(durable, env), null);
}

function say(work: Work, channel: Negotiating, session: Ready, offer: FeeOffer, received: Sat | null): void {
  const tx = closingTx(channel, offer.fee);
  if (tx === null) return;
  const [{ funding }] = channel.active;
  work.session = { ...session, fees: { sent: offer, received } };
  work.send({
    name: 'closing_signed',
    channelId: channel.params.channelId,
    fee: offer.fee,
    // BOLT 2 §closing_signed: "MUST set `signature` to the Bitcoin signature of the close transaction"
    signature: work.env.signer.signFundingSpend(tx, 0, funding),
    feeRange: { min: offer.min, max: offer.max },
  });
}

/** The peer names a fee, with its signature of the transaction that pays it. */
export function onClosingSigned(
  work: Work,
  channel: Negotiating,
  session: Ready,
  message: ClosingSigned,
): void {
  const { fee, feeRange } = message;
  const tx = signedVariant(channel, fee, message.signature);
  if (tx === null) {
    breach(
      work,
      'disconnect',
      `${SECTION} "if the \`signature\` is not valid for either variant of closing transaction […] OR non-compliant with LOW-S-standard rule: MUST send a \`warning\` and close the connection, or send an \`error\` and fail the channel"`,
      'wrong signature in closing_signed',
    );
    return;
  }
  if (hasDust(tx)) {
    breach(
      work,
      'fail',
      `${SECTION} "if one of the outputs in the closing transaction is below the dust limit for its \`scriptpubkey\` […]: MUST fail the channel"`,
      'an output of the closing transaction is dust',
    );
    return;
  }
  const { fees } = session;
  const known = fees?.sent ?? closingOffer(channel, work.env);
  const ours = feeRange === undefined ? haggledOffer(channel, work.env, known) : known;
  if (fee === fees?.sent.fee) agree(work, channel, tx, message.signature);
  // BOLT 2 §closing_signed: "MUST reply with the same `fee_satoshis`."
  // BOLT 2 §closing_signed: "if `fee_satoshis` matches its previously sent `fee_range`: SHOULD use `fee_satoshis` to
  // sign and broadcast the final closing transaction; SHOULD reply with a `closing_signed` with the same `fee_satoshis`
  // value if it is different from its previously sent `fee_satoshis`" DIVERGES from BOLT 2 §closing_signed: "if
  // `fee_satoshis` is not in the overlap between the sent and received `fee_range`: MUST fail the channel": what we
  // would pay is taken also where it is not in the range that came with it, because the peer signed for it, and to
  // close alone costs more and has both wait.
  else if (fee >= ours.min && fee <= ours.max) {
    say(work, channel, session, { ...ours, fee }, fee);
    agree(work, channel, tx, message.signature);
  } else if (feeRange !== undefined) negotiateRange(work, channel, session, ours, message, feeRange);
  else haggle(work, channel, session, ours, fee);
}

type FeeRange = NonNullable<ClosingSigned['feeRange']>;

function negotiateRange(
  work: Work,
  channel: Negotiating,
  session: Ready,
  ours: FeeOffer,
  { fee }: ClosingSigned,
  theirs: FeeRange,
): void {
  const min = ours.min > theirs.min ? ours.min : theirs.min;
  const max = ours.max < theirs.max ? ours.max : theirs.max;
  if (min > max)
    breach(
      work,
      'warn',
      `${SECTION} "if there is no overlap between that and its own \`fee_range\`: SHOULD send a warning"`,
      `we would pay ${ours.min} to ${ours.max} satoshis`,
    );
  else if (channel.params.opener === 'local')
    breach(
      work,
      'fail',
      `${SECTION} "if \`fee_satoshis\` is not in the overlap between the sent and received \`fee_range\`: MUST fail the channel"`,
      `a fee of ${fee} satoshis`,
    );
  else if (session.fees !== null)
    breach(
      work,
      'fail',
      `${SECTION} "if it has already sent a \`closing_signed\`: if \`fee_satoshis\` is not the same as the value it sent: MUST fail the channel"`,
      `a fee of ${fee} satoshis`,
    );
  // BOLT 2 §closing_signed: "MUST propose a `fee_satoshis` in the overlap between received and (about-to-be) sent
  // `fee_range`."
  else
    say(
      work,
      channel,
      session,
      { ...ours, fee: ours.fee < min ? min : ours.fee > max ? max : ours.fee },
      fee,
    );
}

/** A peer without fee_range. */
function haggle(work: Work, channel: Negotiating, session: Ready, ours: FeeOffer, fee: Sat): void {
  const { fees } = session;
  if (fees === null) {
    say(work, channel, session, ours, fee);
    return;
  }
  const { received } = fees;
  if (received !== null && !isBetween(fee, ours.fee, received)) {
    breach(
      work,
      'disconnect',
      `${SECTION} "if \`fee_satoshis\` is not strictly between its last-sent \`fee_satoshis\` and its previously-received \`fee_satoshis\`, UNLESS it has since reconnected: SHOULD send a \`warning\` and close the connection, or send an \`error\` and fail the channel"`,
      `a fee of ${fee} satoshis`,
    );
    return;
  }
  // BOLT 2 §closing_signed: "MUST propose a value “strictly between” the received `fee_satoshis` and its
  // previously-sent `fee_satoshis`."
  const next = nextFee(ours, fee);
  if (next !== null) say(work, channel, session, { ...ours, fee: next }, fee);
  else
    breach(work, 'warn', `${SECTION} "strictly between"`, `we would pay ${ours.min} to ${ours.max} satoshis`);
}

/**
 * Half way to the other's, or, where that is more than we would sign, a small step towards our limit: LND comes down by
 * a tenth at a time, each time that it hears from us. Null: we are at our limit, or have met.
 */
function nextFee(sent: FeeOffer, fee: Sat): Sat | null {
  const limit = fee > sent.fee ? sent.max : sent.min;
  const left = limit - sent.fee;
  const middle = between(sent.fee, fee);
  if (middle === null || left === 0n) return null;
  if (middle >= sent.min && middle <= sent.max) return middle;
  const step = left / HAGGLING_STEPS;
  return sat(sent.fee + (step === 0n ? (left > 0n ? 1n : -1n) : step));
}

const isBetween = (fee: Sat, a: Sat, b: Sat): boolean => (fee > a && fee < b) || (fee > b && fee < a);

/** Both signed: the channel is as good as closed. */
function agree(work: Work, channel: Negotiating, tx: Tx, remoteSignature: Uint8Array): void {
  const [{ funding }] = channel.active;
  const localSignature = work.env.signer.signFundingSpend(tx, 0, funding);
  const mutual = assembleFundingSpend(tx, 0, funding, localSignature, remoteSignature);
  assert(work.durable?.phase === 'negotiating', 'agreed on a fee out of turn');
  // The dearest is kept: on another connection the peer may have offered more.
  const known = work.durable.mutual;
  const isDearer = known === null || feeOfClosing(channel, mutual) > feeOfClosing(channel, known);
  work.durable = { ...work.durable, mutual: isDearer ? mutual : known };
  work.effects.push({ tag: 'publish', tx: mutual, purpose: 'mutual-close' });
}
