import { equalBytes } from '../../../base/bytes.ts';
import type { CommandId } from '../../../base/ids.ts';
import { txIdOf } from '../../../bitcoin/tx.ts';
import { fundingLock } from '../../../commitment/funding.ts';
import type { ChannelCommand } from '../../command.ts';
import type { Work } from '../../work.ts';
import { sendError } from '../send-error.ts';
import { abandonOpening } from './abandon.ts';
import { channelIdOfFunding } from '../../funding-id.ts';
import { firstCommitments } from './first-commitments.ts';
import type { Agreement } from './negotiation.ts';

type FundingBuilt = ChannelCommand & { readonly tag: 'funding-built' };

/** The command `funding-built`: the wallet signed the funding transaction. It is not broadcast before the peer signed. */
export function fundingBuilt(work: Work, id: CommandId, command: FundingBuilt): void {
  const { session, env } = work;
  if (session.link !== 'opening' || session.open.stage !== 'funding-wanted') {
    work.refuse(id, { code: 'channel-not-ready', status: 'opening' });
    return;
  }
  const { agreement } = session.open;
  const fault = fundingFault(command, agreement, work);
  if (fault !== null) {
    work.refuse(id, { code: 'invalid-argument', field: 'tx', detail: fault });
    return;
  }
  const outPoint = { txId: txIdOf(command.tx), index: command.outputIndex };
  const first = firstCommitments(agreement, 'local', outPoint, env);
  work.session = {
    ...session,
    open: {
      stage: 'created-sent',
      command: session.open.command,
      agreement,
      funding: first.funding,
      fundingTx: command.tx,
    },
  };
  work.succeed(id);
  work.notify({ tag: 'channel-id', temporary: agreement.temporaryId, final: first.params.channelId });
  work.send({
    name: 'funding_created',
    // BOLT 2 §funding_created: "The sender MUST set: `temporary_channel_id` the same as the `temporary_channel_id` in
    // the `open_channel` message."
    temporaryChannelId: agreement.temporaryId,
    // BOLT 2 §funding_created: "The sender MUST set: `funding_txid` to the transaction ID of a non-malleable
    // transaction, and MUST NOT broadcast this transaction."
    fundingTxId: outPoint.txId,
    fundingOutputIndex: outPoint.index,
    // BOLT 2 §funding_created: "The sender MUST set: `signature` to the valid signature using its `funding_pubkey` for
    // the initial commitment transaction"
    signature: env.signer.signRemoteCommitment(first.remote).signature,
  });
}

function fundingFault({ tx, outputIndex }: FundingBuilt, agreement: Agreement, work: Work): string | null {
  const output = tx.outputs[outputIndex];
  const { script } = fundingLock({
    localKey: work.env.signer.fundingKey(0),
    remoteKey: agreement.remoteFundingKey,
  });
  // BOLT 2 §funding_created: "The sender MUST set: `funding_output_index` to the output number of that transaction that
  // corresponds the funding transaction output"
  if (output === undefined || output.amount !== agreement.amount || !equalBytes(output.script, script))
    return 'the output does not pay the channel';
  if (outputIndex > 0xffff) return 'the output index is more than 65535';
  if (work.env.isTaken(channelIdOfFunding({ txId: txIdOf(tx), index: outputIndex })))
    return 'the output belongs to another channel';
  // BOLT 2 §funding_created: "SHOULD use only BIP141 (Segregated Witness) inputs."
  if (tx.inputs.some(({ scriptSig, witness }) => scriptSig.length > 0 || witness.length === 0))
    return 'an input is not signed, or not by a witness alone';
  return null;
}

/** The command `funding-failed`. */
export function fundingFailed(work: Work, id: CommandId, detail: string): void {
  const { session } = work;
  if (session.link !== 'opening' || session.open.stage !== 'funding-wanted') {
    work.refuse(id, { code: 'channel-not-ready', status: 'opening' });
    return;
  }
  work.succeed(id);
  sendError(work, 'the funding transaction could not be made');
  abandonOpening(work, { code: 'funding-failed', detail });
}
