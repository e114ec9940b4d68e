import type { TxId } from '../base/ids.ts';
import { sat, type Sat, type Timestamp } from '../base/units.ts';
import type { Confirmation, TxPurpose } from '../bitcoin/watch.ts';
import { ledgerOf, type Ledger } from './ledger.ts';
import type { WalletState, WalletTx } from './wallet-state.ts';

/** A transaction as its owner sees it. */
export type WalletTransaction = {
  readonly txId: TxId;
  /** `internal`: all of it came back to us, but the fee; what an anchor adds does not make it money that came in. */
  readonly direction: 'incoming' | 'outgoing' | 'internal';
  /** What came in, or what went out without the fee. */
  readonly amount: Sat;
  /** Null where others paid it. */
  readonly fee: Sat | null;
  readonly label: string;
  readonly purpose: TxPurpose | null;
  readonly status: 'pending' | 'confirmed' | 'replaced';
  readonly replacedBy: TxId | null;
  readonly at: Confirmation | null;
  /** 0 while pending. */
  readonly confirmations: number;
  /** When it was first seen, or of its block if that is earlier. */
  readonly time: Timestamp;
};

/** Newest first; what is pending before all that is in a block. */
export const listTransactions = (state: WalletState): readonly WalletTransaction[] =>
  [...state.txs].map(([txId, entry]) => describe(state, ledgerOf(state), txId, entry)).sort(newestFirst);

function newestFirst(a: WalletTransaction, b: WalletTransaction): number {
  const pending = Number(b.at === null) - Number(a.at === null);
  const height = (b.at?.height ?? 0) - (a.at?.height ?? 0);
  const index = (b.at?.index ?? 0) - (a.at?.index ?? 0);
  return pending || height || index || b.time - a.time;
}

export function walletTransaction(state: WalletState, txId: TxId): WalletTransaction | null {
  const entry = state.txs.get(txId);
  return entry === undefined ? null : describe(state, ledgerOf(state), txId, entry);
}

function describe(state: WalletState, ledger: Ledger, txId: TxId, entry: WalletTx): WalletTransaction {
  const { tx, at, label, purpose, replacedBy, firstSeen } = entry;
  const spent = tx.inputs.reduce(
    (sum, { outPoint }) => sum + (ledger.ownOutput(outPoint)?.output.amount ?? 0n),
    0n,
  );
  const paid = tx.outputs.reduce(
    (sum, { script, amount }) => sum + (ledger.ownScript(script) === null ? 0n : amount),
    0n,
  );
  // Of what only brings in, it is known where we made it: a claim of a closed channel's output.
  const fee = spent === 0n ? entry.fee : ledger.feeOf(entry);
  const lost = spent - paid - (fee ?? 0n);
  // Coins that paid to bring in more than they are: what came in is what is more by it.
  const net = ledger.netOf(tx);
  const isInternal = spent > 0n && (lost === 0n || (lost < 0n && net <= 0n));
  return {
    txId,
    direction: isInternal ? 'internal' : spent === 0n || net > 0n ? 'incoming' : 'outgoing',
    amount: sat(isInternal || spent === 0n ? paid : net > 0n ? net : lost),
    fee,
    label,
    purpose,
    status: at !== null ? 'confirmed' : ledger.isLive(txId) ? 'pending' : 'replaced',
    replacedBy,
    at,
    confirmations: at === null ? 0 : Math.max(0, state.tipHeight - at.height + 1),
    // Whichever is earlier: miners' clocks may be hours ahead, and restored coins are seen long after their blocks.
    time: at !== null && at.time < firstSeen ? at.time : firstSeen,
  };
}
