import { verifyRemoteSignatures } from '../../../commitment/signatures.ts';
import type { FundingSigned } from '../../../wire/channel-open.ts';
import { readySession } from '../../session.ts';
import type { Work } from '../../work.ts';
import { breach } from '../breach.ts';
import { watchFunding } from '../watch-funding.ts';
import { firstCommitments, pendingChannel } from './first-commitments.ts';

/** The peer signed our first commitment: our money can come back, so it may go in. */
export function onFundingSigned(work: Work, message: FundingSigned): void {
  const { session, env } = work;
  if (session.link !== 'opening' || session.open.stage !== 'created-sent') {
    breach(work, 'warn', 'BOLT 2 §funding_signed', 'funding_signed that nothing asked for');
    return;
  }
  const { agreement, funding, fundingTx, command } = session.open;
  const first = firstCommitments(agreement, 'local', funding.outPoint, env);
  const { signature } = message;
  if (verifyRemoteSignatures(first.local, { signature, htlcSignatures: [] }) !== null) {
    // BOLT 2 §funding_signed: "MUST NOT broadcast the funding transaction before receipt of a valid `funding_signed`."
    breach(
      work,
      'fail',
      'BOLT 2 §funding_signed: "if `signature` is incorrect OR non-compliant with LOW-S-standard rule: MUST send a `warning` and close the connection, or send an `error` and fail the channel"',
      'wrong signature in funding_signed',
    );
    return;
  }
  const { channelId } = first.params;
  work.durable = pendingChannel(first, signature, fundingTx, env);
  work.session = readySession(session.remoteFeatures);
  work.effects.push(...watchFunding(work.durable));
  // BOLT 2 §funding_signed: "on receipt of a valid `funding_signed`: SHOULD broadcast the funding transaction."
  work.effects.push({ tag: 'publish', tx: fundingTx, purpose: 'funding' });
  work.notify({ tag: 'pending', channelId, fundingTxId: funding.outPoint.txId });
  work.succeed(command, { tag: 'opened', channelId, fundingTxId: funding.outPoint.txId });
}
