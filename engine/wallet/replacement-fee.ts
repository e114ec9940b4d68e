import { ok, type Result } from '../base/result.ts';
import { sat, type Sat } from '../base/units.ts';
import { feeAtLeast, FEERATE_FLOOR } from '../bitcoin/fee.ts';
import type { Tx } from '../bitcoin/tx.ts';
import { quoteSpend, type SpendWish } from './build-spend.ts';
import { ledgerOf, type Coin } from './ledger.ts';
import type { WalletRefusal } from './wallet-refusal.ts';
import type { WalletState } from './wallet-state.ts';

/**
 * The least fee of a transaction that takes the place of others, which pay `fee` together.
 * BIP 125 rules 3 and 4: "The replacement transaction pays an absolute fee of at least the sum paid by the original
 * transactions. The replacement transaction must also pay for its own bandwidth": by its own size, which may grow with
 * the fee.
 */
export function feeToReplace(state: WalletState, wish: SpendWish, fee: Sat): Result<Sat, WalletRefusal> {
  let leastFee = fee;
  for (;;) {
    const plan = quoteSpend(state, { ...wish, leastFee });
    if (!plan.ok) return plan;
    const needed = sat(fee + feeAtLeast(FEERATE_FLOOR, plan.value.weight));
    if (plan.value.fee >= needed) return ok(leastFee);
    leastFee = needed;
  }
}

/** Inputs of ours as coins again, as they were before `tx`. */
export function coinsSpentBy(state: WalletState, tx: Tx): readonly Coin[] {
  const ledger = ledgerOf(state);
  return tx.inputs.flatMap(({ outPoint }) => {
    const spent = ledger.ownOutput(outPoint);
    if (spent === null) return [];
    const at = state.txs.get(outPoint.txId)?.at ?? null;
    return [{ ...spent, outPoint, at, trusted: true, reserved: false, frozen: false }];
  });
}
