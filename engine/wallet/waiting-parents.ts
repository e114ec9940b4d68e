import type { OutPoint } from '../base/ids.ts';
import { sat, weight, type FeeratePerKw, type Sat, type Weight } from '../base/units.ts';
import { feerateOf } from '../bitcoin/fee.ts';
import { weightOf } from '../bitcoin/tx.ts';
import { ledgerOf } from './ledger.ts';
import type { WalletState, WalletTx } from './wallet-state.ts';

/** What has to be mined before something else can be, and what it pays for itself. */
export type Burden = { readonly weight: Weight; readonly fee: Sat };

/** Transactions in no block whose coins of ours these are. */
export function waitingParents(
  state: WalletState,
  spent: readonly { readonly outPoint: OutPoint }[],
): readonly WalletTx[] {
  const ids = new Set(spent.map(({ outPoint }) => outPoint.txId));
  return [...ids].flatMap((id) => {
    const entry = state.txs.get(id);
    if (entry === undefined || entry.at !== null) return [];
    return spent.some(({ outPoint }) => outPoint.txId === id && ledgerOf(state).ownOutput(outPoint) !== null)
      ? [entry]
      : [];
  });
}

/** All of them, and theirs. */
function ancestors(
  state: WalletState,
  spent: readonly { readonly outPoint: OutPoint }[],
  found = new Set<WalletTx>(),
): ReadonlySet<WalletTx> {
  for (const parent of waitingParents(state, spent)) {
    if (found.has(parent)) continue;
    found.add(parent);
    ancestors(state, parent.tx.inputs, found);
  }
  return found;
}

/**
 * What of that pays less than so much, and so holds back whoever spends these coins. Nothing is gained by what pays more: it is
 * mined for its own sake.
 */
export function burdenOf(
  state: WalletState,
  spent: readonly { readonly outPoint: OutPoint }[],
  feerate: FeeratePerKw,
): Burden {
  let [units, fee]: [number, bigint] = [0, 0n];
  for (const entry of ancestors(state, spent)) {
    const own = ledgerOf(state).feeOf(entry) ?? sat(0);
    if (feerateOf(own, weightOf(entry.tx)) >= feerate) continue;
    units += weightOf(entry.tx);
    fee += own;
  }
  return { weight: weight(units), fee: sat(fee) };
}
