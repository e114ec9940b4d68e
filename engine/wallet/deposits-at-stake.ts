import type { TxId } from '../base/ids.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { Confirmation } from '../bitcoin/watch.ts';
import type { WalletState } from './wallet-state.ts';

/**
 * What others made, in no block, and what is ours and waits goes on from: a deposit that a reorganisation took out of its
 * block. Where another takes the coins of that, ours can never be mined.
 */
export function depositsAtStake({ txs }: WalletState): ReadonlyMap<TxId, Tx> {
  const found = new Map<TxId, Tx>();
  const visit = ({ inputs }: Tx): void => {
    for (const { outPoint } of inputs) {
      const parent = txs.get(outPoint.txId);
      if (parent?.at !== null || parent.purpose !== null || found.has(outPoint.txId)) continue;
      found.set(outPoint.txId, parent.tx);
      visit(parent.tx);
    }
  };
  for (const { tx, at, purpose, replacedBy } of txs.values()) {
    const isOver = replacedBy !== null && txs.get(replacedBy)?.at != null;
    if (at === null && purpose !== null && !isOver) visit(tx);
  }
  return found;
}

/** Why a transaction of the wallet can never be mined: what a block has in its place, or in that of one that it goes on from. */
export type Loss = {
  readonly by: Tx;
  readonly at: Confirmation;
  /** What leads from it to the one whose coins were taken. */
  readonly through: readonly Tx[];
};

/** Null where nothing is known to. `takers`: transactions in blocks that are not the wallet's, by id. */
export function lossOf(
  { txs }: WalletState,
  id: TxId,
  takers: ReadonlyMap<TxId, { readonly tx: Tx; readonly at: Confirmation }>,
): Loss | null {
  const seen = new Set<TxId>();
  const visit = (one: TxId): Loss | null => {
    const entry = txs.get(one);
    if (entry === undefined || entry.at !== null || seen.has(one)) return null;
    seen.add(one);
    const { tx, replacedBy } = entry;
    const taker = replacedBy === null ? undefined : (takers.get(replacedBy) ?? txs.get(replacedBy));
    if (taker !== undefined && taker.at !== null) return { by: taker.tx, at: taker.at, through: [] };
    for (const { outPoint } of tx.inputs) {
      const loss = visit(outPoint.txId);
      const parent = txs.get(outPoint.txId);
      if (loss !== null && parent !== undefined) return { ...loss, through: [parent.tx, ...loss.through] };
    }
    return null;
  };
  return visit(id);
}
