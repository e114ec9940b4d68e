import { outPointKey } from '../../base/ids.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import type { Confirmation, KnownSpend } from '../../bitcoin/watch.ts';
import { fundingLock } from '../../commitment/funding.ts';
import type { Effect } from '../effect.ts';
import type { ActiveCommitment, Core, FundingSpend } from '../state.ts';

/**
 * BOLT 5 §General Nomenclature: "once it has broadcast a funding transaction OR sent a commitment signature […] until
 * all outputs are irrevocably resolved: MUST monitor the blockchain for transactions that spend any output that is NOT
 * irrevocably resolved."
 */
export const watchFunding = (
  channel: Pick<Core, 'params' | 'active'>,
  spend: FundingSpend | null = null,
): Effect[] =>
  channel.active.flatMap((active): Effect[] => {
    const { funding, confirmed } = active;
    const { script } = fundingLock(funding);
    const { outPoint } = funding;
    const known = confirmed === null ? {} : { known: confirmed };
    const spent = spend?.tx.inputs.some((input) => outPointKey(input.outPoint) === outPointKey(outPoint))
      ? knownSpend(spend)
      : {};
    return [
      { tag: 'watch', watch: { tag: 'confirmed', txId: outPoint.txId, script, minDepth: 1, ...known } },
      { tag: 'watch', watch: { tag: 'spent', outPoint, script, ...spent } },
      ...watchRivals(channel, active),
    ];
  });

/**
 * While the peer's funding transaction is in no block: what spends its coins instead. Our own wallet sees to its own.
 * Servers are asked by the transaction that made them, not by a script.
 */
function watchRivals(
  { params }: Pick<Core, 'params'>,
  { fundingTx, confirmed, rival }: ActiveCommitment,
): Effect[] {
  if (params.opener === 'local' || fundingTx === null || confirmed !== null) return [];
  const known = rival === undefined || rival.at === null ? {} : { known: { txId: rival.txId, at: rival.at } };
  return fundingTx.inputs.map(({ outPoint }) => ({
    tag: 'watch',
    watch: { tag: 'spent', outPoint, script: new Uint8Array(), ...known },
  }));
}

/** Of a watch for a spend: what of it is in a block already. */
export const knownSpend = (
  spend: { readonly tx: Tx; readonly at: Confirmation | null } | undefined,
): { readonly known?: KnownSpend } =>
  spend === undefined || spend.at === null ? {} : { known: { txId: txIdOf(spend.tx), at: spend.at } };
