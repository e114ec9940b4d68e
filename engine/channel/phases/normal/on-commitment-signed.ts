import { unreachable } from '../../../base/assert.ts';
import { verifyRemoteSignatures, type SignatureFault } from '../../../commitment/signatures.ts';
import type { CommitmentSigned, RevokeAndAck, StartBatch } from '../../../wire/commitment.ts';
import { localCommitment } from '../../commitments.ts';
import type { Env } from '../../env.ts';
import { receiveSignature } from '../../ledger/advance.ts';
import { NO_PROPOSALS, type Ready } from '../../session.ts';
import type { Core, Normal, ShuttingDown } from '../../state.ts';
import type { Work } from '../../work.ts';
import { breach } from '../breach.ts';

/** The peer signed our next commitment, with all that it proposed: it takes the place of the last, which we revoke. */
export function onCommitmentSigned(
  work: Work,
  channel: Normal | ShuttingDown,
  session: Ready,
  message: CommitmentSigned,
): void {
  const { params, ledger } = channel;
  const [active, ...others] = channel.active;
  if (!isForUs(work, session, message, active.funding.outPoint.txId)) return;
  const signed = receiveSignature(ledger, session.proposals, params.opener);
  const fault = verifyRemoteSignatures(localCommitment(params, signed.ledger, active, work.env), message);
  if (fault !== null) {
    const { rule, detail } = explain(fault);
    breach(work, 'disconnect', rule, detail);
    return;
  }
  const next = {
    ...channel,
    ledger: signed.ledger,
    active: [
      { ...active, remoteSignature: message.signature, remoteHtlcSignatures: message.htlcSignatures },
      ...others,
    ] as const,
  };
  work.durable = next;
  work.session = { ...(work.session.link === 'ready' ? work.session : session), proposals: NO_PROPOSALS };
  // BOLT 2 §commitment_signed: "MUST respond with a `revoke_and_ack` message."
  // BOLT 2 §revoke_and_ack: "MUST send a single `revoke_and_ack` message, even if it is responding to a batch of
  // `commitment_signed` messages."
  work.send(revokeAndAck(next, work.env));
}

/** Revokes the commitment before our latest. */
export const revokeAndAck = ({ params, ledger }: Core, { signer }: Env): RevokeAndAck => ({
  name: 'revoke_and_ack',
  channelId: params.channelId,
  // BOLT 2 §revoke_and_ack: "MUST set `per_commitment_secret` to the secret used to generate keys for the previous
  // commitment transaction."
  perCommitmentSecret: signer.releaseSecret(ledger.localNumber - 1),
  // BOLT 2 §revoke_and_ack: "MUST set `next_per_commitment_point` to the values for its next commitment transaction."
  nextPerCommitmentPoint: signer.point(ledger.localNumber + 1),
});

function explain(fault: SignatureFault): { readonly rule: string; readonly detail: string } {
  switch (fault.code) {
    case 'commitment-signature':
      return {
        rule: 'BOLT 2 §commitment_signed: "if `signature` is not valid for its local commitment transaction OR non-compliant with LOW-S-standard rule: MUST send a `warning` and close the connection, or send an `error` and fail the channel"',
        detail: 'wrong signature in commitment_signed',
      };
    case 'htlc-signature-count':
      return {
        rule: 'BOLT 2 §commitment_signed: "if `num_htlcs` is not equal to the number of HTLC outputs in the local commitment transaction: MUST send a `warning` and close the connection, or send an `error` and fail the channel"',
        detail: `${fault.received} HTLC signatures for ${fault.expected} outputs`,
      };
    case 'htlc-signature':
      return {
        rule: 'BOLT 2 §commitment_signed: "if any `htlc_signature` is not valid for the corresponding HTLC transaction OR non-compliant with LOW-S-standard rule: MUST send a `warning` and close the connection, or send an `error` and fail the channel"',
        detail: `wrong HTLC signature ${fault.index} in commitment_signed`,
      };
    default:
      return unreachable(fault);
  }
}

/**
 * Several commitment_signed for one change, of which we want the one for our funding.
 * BOLT 2 §start_batch: "MUST group the next `batch_size` messages and process them together."
 */
export function onStartBatch(work: Work, session: Ready, message: StartBatch): void {
  if (message.batchSize <= 1)
    breach(
      work,
      'warn',
      'BOLT 2 §start_batch: "If `batch_size` is not strictly greater than 1: MUST ignore the `start_batch` message"',
      `batch_size ${message.batchSize}`,
    );
  else if (message.batchSize > 20)
    breach(
      work,
      'disconnect',
      'BOLT 2 §start_batch: "If `batch_size` is strictly greater than 20: MUST send a `warning` and close the connection, or send an `error` and fail the channel"',
      `batch_size ${message.batchSize}`,
    );
  // BOLT 2 §start_batch: "If `message_type` is missing or not set to the type for `commitment_signed`: MUST ignore the
  // `start_batch` message and process the following messages sequentially."
  else if (message.messageType === COMMITMENT_SIGNED)
    work.session = { ...session, batch: { left: message.batchSize, matched: false } };
}

const COMMITMENT_SIGNED = 132;

function isForUs(work: Work, session: Ready, message: CommitmentSigned, fundingTxId: string): boolean {
  const { batch } = session;
  if (batch === null) return true;
  if (message.fundingTxId === undefined) {
    breach(
      work,
      'fail',
      'BOLT 2 §commitment_signed: "If `funding_txid` is missing in one of the `commitment_signed` messages: MUST send an `error` and fail the channel"',
      'commitment_signed without funding_txid in a batch',
    );
    return false;
  }
  const ours = message.fundingTxId === fundingTxId;
  const matched = batch.matched || ours;
  const left = batch.left - 1;
  work.session = { ...session, batch: left > 0 ? { left, matched } : null };
  if (left === 0 && !matched) {
    breach(
      work,
      'fail',
      'BOLT 2 §commitment_signed: "If `commitment_signed` is missing for the current funding transaction: MUST send an `error` and fail the channel"',
      'a batch without a signature for the funding transaction',
    );
    return false;
  }
  // BOLT 2 §commitment_signed: "MUST ignore `commitment_signed` where `funding_txid` does not match the current funding
  // transaction."
  return ours && !batch.matched;
}
