import { outPointKey, type CommandId } from '../../../base/ids.ts';
import { txIdOf, type Tx } from '../../../bitcoin/tx.ts';
import type { ChannelCommand } from '../../command.ts';
import { statusOf } from '../../status.ts';
import type { Work } from '../../work.ts';
import { endUnfunded } from './funding-rival.ts';

type FundingLost = ChannelCommand & { readonly tag: 'funding-lost' };

/**
 * The command `funding-lost`: another transaction, in a block, took the coins of ours, or of what those come from. The channel
 * never was.
 */
export function fundingLost(work: Work, id: CommandId, { by, at, through = [] }: FundingLost): void {
  const { durable } = work;
  const active = durable?.active[0];
  // What a server shows in no block spends what cannot come to be any more.
  const isSpent =
    durable?.phase === 'closed' || (durable?.phase === 'closing' && (durable.spend?.at ?? null) !== null);
  if (!durable || !active || active.fundingTx === null || active.confirmed !== null || isSpent)
    return work.refuse(id, { code: 'channel-not-ready', status: statusOf(work) });
  const lost: Tx[] = [active.fundingTx];
  for (const tx of through)
    if (lost.some(({ inputs }) => inputs.some(({ outPoint }) => outPoint.txId === txIdOf(tx)))) lost.push(tx);
  const spent = new Set(lost.flatMap(({ inputs }) => inputs.map(({ outPoint }) => outPointKey(outPoint))));
  const isRival =
    !lost.some((tx) => txIdOf(tx) === txIdOf(by)) &&
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
