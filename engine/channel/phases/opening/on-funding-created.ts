import { verifyRemoteSignatures } from '../../../commitment/signatures.ts';
import type { FundingCreated } from '../../../wire/channel-open.ts';
import type { Work } from '../../work.ts';
import { readySession } from '../../session.ts';
import { breach } from '../breach.ts';
import { watchFunding } from '../watch-funding.ts';
import { channelIdOfFunding } from '../../funding-id.ts';
import { firstCommitments, pendingChannel } from './first-commitments.ts';

/** The opener signed our first commitment. From here on the channel binds us. */
export function onFundingCreated(work: Work, message: FundingCreated): void {
  const { session, env } = work;
  if (session.link !== 'opening' || session.open.stage !== 'accept-sent') {
    breach(work, 'warn', 'BOLT 2 §funding_created', 'funding_created that nothing asked for');
    return;
  }
  const { agreement } = session.open;
  const outPoint = { txId: message.fundingTxId, index: message.fundingOutputIndex };
  if (env.isTaken(channelIdOfFunding(outPoint))) {
    breach(
      work,
      'fail',
      'BOLT 2 §funding_created: "`funding_txid` to the transaction ID of a non-malleable transaction"',
      'the funding output of another channel',
    );
    return;
  }
  const first = firstCommitments(agreement, 'remote', outPoint, env);
  const { signature } = message;
  if (verifyRemoteSignatures(first.local, { signature, htlcSignatures: [] }) !== null) {
    breach(
      work,
      'fail',
      'BOLT 2 §funding_created: "if `signature` is incorrect OR non-compliant with LOW-S-standard rule: MUST send a `warning` and close the connection, or send an `error` and fail the channel"',
      'wrong signature in funding_created',
    );
    return;
  }
  const { channelId } = first.params;
  work.notify({ tag: 'channel-id', temporary: agreement.temporaryId, final: channelId });
  work.durable = pendingChannel(first, signature, null, env);
  work.session = readySession(session.remoteFeatures);
  work.send({
    name: 'funding_signed',
    // BOLT 2 §funding_signed: "The sender MUST set: `channel_id` by exclusive-OR of the `funding_txid` and the
    // `funding_output_index` from the `funding_created` message."
    channelId,
    // BOLT 2 §funding_signed: "The sender MUST set: `signature` to the valid signature, using its `funding_pubkey` for
    // the initial commitment transaction"
    signature: env.signer.signRemoteCommitment(first.remote).signature,
  });
  work.effects.push(...watchFunding(work.durable));
  work.notify({ tag: 'pending', channelId, fundingTxId: outPoint.txId });
}
