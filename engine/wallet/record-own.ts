import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { TxPurpose } from '../bitcoin/watch.ts';
import type { Sat, Timestamp } from '../base/units.ts';
import { replaceRivals } from './record-tx.ts';
import { WalletDraft } from './wallet-draft.ts';
import type { WalletState, WalletStep } from './wallet-state.ts';

/**
 * A signed transaction of this node that others' inputs pay for: a claim of a channel's outputs. Unlike one that was
 * merely seen, its fee is known. Others of ours that spend the same give way. Commit, then broadcast.
 */
export function recordOwn(
  state: WalletState,
  { tx, fee, purpose }: { readonly tx: Tx; readonly fee: Sat; readonly purpose: TxPurpose },
  now: Timestamp,
): WalletStep {
  const draft = new WalletDraft(state);
  const id = txIdOf(tx);
  const entry = {
    tx,
    at: null,
    firstSeen: now,
    purpose,
    fee,
    label: '',
    replacedBy: null,
    sendsAll: true,
  };
  draft.putTx(id, entry);
  replaceRivals(draft, id, entry);
  return draft.finish();
}
