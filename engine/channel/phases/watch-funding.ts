import { fundingLock } from '../../commitment/funding.ts';
import type { Effect } from '../effect.ts';
import type { Core } from '../state.ts';

/**
 * BOLT 5 §General Nomenclature: "once it has broadcast a funding transaction OR sent a commitment signature […] until
 * all outputs are irrevocably resolved: MUST monitor the blockchain for transactions that spend any output that is NOT
 * irrevocably resolved."
 */
export const watchFunding = (channel: Pick<Core, 'active'>): Effect[] =>
  channel.active.flatMap(({ funding }): Effect[] => {
    const { script } = fundingLock(funding);
    const { outPoint } = funding;
    return [
      { tag: 'watch', watch: { tag: 'confirmed', txId: outPoint.txId, script, minDepth: 1 } },
      { tag: 'watch', watch: { tag: 'spent', outPoint, script } },
    ];
  });
