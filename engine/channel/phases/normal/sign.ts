import type { CommitmentSigned } from '../../../wire/commitment.ts';
import { unackedCommitment } from '../../commitments.ts';
import type { Env } from '../../env.ts';
import { owesSignature, sign } from '../../ledger/advance.ts';
import type { Core } from '../../state.ts';
import type { Work } from '../../work.ts';

/** Follow-up: signs the peer's next commitment when there is something new in it and the last one was answered. */
export function signIfDue(work: Work): void {
  const { durable, session, env } = work;
  if (env.moreToCome || session.link !== 'ready') return;
  if (durable?.phase !== 'normal' && durable?.phase !== 'shutting-down') return;
  const { ledger, params } = durable;
  if (ledger.unacked !== null || ledger.remoteNextPoint === null) return;
  // BOLT 2 §commitment_signed: "MUST NOT send a `commitment_signed` message that does not include any updates."
  if (!owesSignature(ledger, params.opener)) return;
  env.signer.prepareKeys(params, { owner: 'remote', perCommitmentPoint: ledger.remoteNextPoint });
  const signed = { ...durable, ledger: sign(ledger, params.opener) };
  work.durable = signed;
  for (const message of commitmentSigned(signed, env)) work.send(message);
}

/** Our signatures of the commitment that awaits its revoke_and_ack: one message for each funding. The same each time. */
export const commitmentSigned = (channel: Core, env: Env): CommitmentSigned[] =>
  channel.active.map((active) => ({
    name: 'commitment_signed',
    channelId: channel.params.channelId,
    // BOLT 2 §commitment_signed: "MUST include one `htlc_signature` for every HTLC transaction corresponding to the
    // ordering of the commitment transaction"
    ...env.signer.signRemoteCommitment(unackedCommitment(channel.params, channel.ledger, active)),
    // BOLT 2 §commitment_signed: "MUST set `funding_txid` to the funding transaction spent by this commitment
    // transaction."
    fundingTxId: active.funding.outPoint.txId,
  }));
