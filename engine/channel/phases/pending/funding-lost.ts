import { outPointKey, type CommandId } from '../../../base/ids.ts';
import { txIdOf, type Tx } from '../../../bitcoin/tx.ts';
import type { Confirmation } from '../../../bitcoin/watch.ts';
import { statusOf } from '../../status.ts';
import type { Work } from '../../work.ts';
import { endUnfunded } from './funding-rival.ts';

/** The command `funding-lost`: another transaction, in a block, took the coins of ours. The channel never was. */
export function fundingLost(work: Work, id: CommandId, by: Tx, at: Confirmation): void {
  const { durable } = work;
  const active = durable?.active[0];
  // What a server shows in no block spends what cannot come to be any more.
  const isSpent =
    durable?.phase === 'closed' || (durable?.phase === 'closing' && (durable.spend?.at ?? null) !== null);
  if (!durable || !active || active.fundingTx === null || active.confirmed !== null || isSpent)
    return work.refuse(id, { code: 'channel-not-ready', status: statusOf(work) });
  const spent = new Set(active.fundingTx.inputs.map(({ outPoint }) => outPointKey(outPoint)));
  const isRival =
    txIdOf(by) !== active.funding.outPoint.txId &&
    by.inputs.some(({ outPoint }) => spent.has(outPointKey(outPoint)));
  if (!isRival)
    return work.refuse(id, {
      code: 'invalid-argument',
      field: 'tx',
      detail: 'it spends nothing of the funding transaction',
    });
  work.succeed(id);
  endUnfunded(work, durable, { txId: txIdOf(by), at });
}
