import { outPointKey, type CommandId } from '../../../base/ids.ts';
import { sat } from '../../../base/units.ts';
import { txIdOf, type Tx } from '../../../bitcoin/tx.ts';
import { NO_DEMAND } from '../../claim-demand.ts';
import { coreOf, isLive } from '../../state.ts';
import { statusOf } from '../../status.ts';
import type { Work } from '../../work.ts';
import { forgetUnsigned } from '../forget-unsigned.ts';
import { sendError } from '../send-error.ts';

/** The command `funding-lost`: another transaction took the coins of ours. The channel never was. */
export function fundingLost(work: Work, id: CommandId, by: Tx): void {
  const { durable } = work;
  const active = durable?.active[0];
  const isSpent = durable?.phase === 'closed' || (durable?.phase === 'closing' && durable.spend !== null);
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
  sendError(work, 'the funding transaction was double-spent');
  const core = isLive(durable) ? forgetUnsigned(work, durable) : durable;
  work.durable = { ...coreOf(core), phase: 'closed', spend: null, leftBehind: sat(0) };
  if (work.session.link !== 'offline') work.session = { link: 'over' };
  work.effects.push({ tag: 'claim', demand: NO_DEMAND });
  work.notify({ tag: 'closed', channelId: durable.params.channelId, wasFunded: false });
}
