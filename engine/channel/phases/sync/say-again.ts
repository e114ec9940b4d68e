import type { UpdateStep } from '../../ledger.ts';
import type { Core } from '../../state.ts';
import type { Work } from '../../work.ts';
import { updateAddHtlc } from '../normal/add-htlc.ts';
import { removalMessage } from '../normal/remove-htlc.ts';

/**
 * The updates of ours that the commitment_signed covers which the peer missed. Removals first, then the fee rate, then
 * additions: each step on the way is then no dearer to anybody than the end.
 */
export function sayAgain(work: Work, channel: Core): void {
  const { ledger, params } = channel;
  removalsAt(work, channel, 6);
  if (params.opener === 'local') {
    const fee = ledger.feeUpdates.findLast(({ step }) => step === 1);
    if (fee !== undefined)
      work.send({ name: 'update_fee', channelId: params.channelId, feeratePerKw: fee.feerate });
  }
  for (const { add, step } of ledger.outgoing.values())
    if (step === 1) work.send(updateAddHtlc(channel, add));
}

/** Removals that we decided on and did not sign yet, on this connection or an earlier one. */
export const sayRemovals = (work: Work, channel: Core): void => removalsAt(work, channel, 5);

function removalsAt(work: Work, { ledger, params }: Core, at: UpdateStep): void {
  for (const { add, step, removal } of ledger.incoming.values())
    if (step === at && removal !== null) work.send(removalMessage(params, add.id, removal));
}
