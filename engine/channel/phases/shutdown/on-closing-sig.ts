import { equalBytes } from '../../../base/bytes.ts';
import { verifyFundingSignature } from '../../../commitment/funding.ts';
import type { ClosingComplete, ClosingSig } from '../../../wire/channel-close.ts';
import type { Ready } from '../../session.ts';
import type { Work } from '../../work.ts';
import { breach } from '../breach.ts';
import { complete } from './simple-close.ts';
import { simpleTx, VARIANTS } from './simple-offer.ts';
import type { Closable } from './talk.ts';

const SECTION = 'BOLT 2 §closing_sig:';

/** The peer signs the closing transaction that we pay for. */
export function onClosingSig(work: Work, channel: Closable, session: Ready, message: ClosingSig): void {
  const { simple } = session;
  if (simple === null || simple.sent === null || simple.answered || !isSame(simple.sent, message)) {
    breach(
      work,
      'disconnect',
      `${SECTION} "If \`closer_scriptpubkey\`, \`closee_scriptpubkey\`, \`fee_satoshis\` or \`locktime\` don't match what was sent in \`closing_complete\`: MUST either send a \`warning\` and close the connection, or send an \`error\` and fail the channel."`,
      simple?.sent == null || simple.answered ? 'nothing was offered' : 'another transaction than we offered',
    );
    return;
  }
  const signed = VARIANTS.filter((variant) => message[variant] !== undefined);
  const [variant, ...others] = signed;
  const signature = variant && message[variant];
  if (variant === undefined || signature === undefined || others.length > 0) {
    breach(
      work,
      'disconnect',
      `${SECTION} "If \`tlvs\` does not contain exactly one signature: MUST either send a \`warning\` and close the connection, or send an \`error\` and fail the channel."`,
      `${signed.length} signatures`,
    );
    return;
  }
  const ours = simple.sent[variant];
  if (ours === undefined) {
    breach(
      work,
      'disconnect',
      `${SECTION} "If \`tlvs\` does not contain one of the TLV fields sent in \`closing_complete\`: MUST either send a \`warning\` and close the connection, or send an \`error\` and fail the channel."`,
      `a signature for ${variant}`,
    );
    return;
  }
  const { closerScript, closeeScript, fee, locktime } = simple.sent;
  const terms = {
    localScript: closerScript,
    remoteScript: closeeScript,
    closer: 'local',
    fee,
    lockTime: locktime,
  } as const;
  const tx = simpleTx(channel, terms, variant);
  // BOLT 2 §closing_sig: "If the signature field is non-compliant with LOW-S-standard rule: MUST either send a `warning` and
  // close the connection, or send an `error` and fail the channel." A check of it is part of the signature's.
  if (tx === null || !verifyFundingSignature(tx, 0, channel.active[0].funding, signature)) {
    breach(
      work,
      'disconnect',
      `${SECTION} "If the signature field is not valid for the corresponding closing transaction specified in [BOLT #3](03-transactions.md#closing-transaction): MUST either send a \`warning\` and close the connection, or send an \`error\` and fail the channel."`,
      'wrong signature in closing_sig',
    );
    return;
  }
  work.session = { ...session, simple: { ...simple, answered: true } };
  // BOLT 2 §closing_sig: "otherwise: MUST broadcast the corresponding closing transaction."
  complete(work, channel, terms, tx, ours, signature);
}

const isSame = (sent: ClosingComplete, said: ClosingSig): boolean =>
  equalBytes(sent.closerScript, said.closerScript) &&
  equalBytes(sent.closeeScript, said.closeeScript) &&
  sent.fee === said.fee &&
  sent.locktime === said.locktime;
