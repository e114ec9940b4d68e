import type { TxId } from '../base/ids.ts';
import { sat, type BlockHeight, type Sat, type Timestamp } from '../base/units.ts';
import type { Write } from '../base/write.ts';
import { txIdOf } from '../bitcoin/tx.ts';
import { isBelievable, type SignedAway } from './believable.ts';
import { useScript } from './addresses.ts';
import { depositsAtStake } from './deposits-at-stake.ts';
import type { KeyOrigin } from './key-origin.ts';
import { ledgerOf } from './ledger.ts';
import { forgetTx, recordTx, type SeenTx } from './record-tx.ts';
import { WalletDraft } from './wallet-draft.ts';
import type { WalletState, WalletStep, WalletTx } from './wallet-state.ts';

/** What a scan learned. Facts, not a state: the wallet may have changed while they were gathered. */
export type WalletFacts = {
  readonly tipHeight: BlockHeight;
  /** Scripts that were found in use. */
  readonly used: readonly KeyOrigin[];
  /** Verified transactions, where each stands now. */
  readonly seen: readonly SeenTx[];
  /** Pending transactions of others that no server has any more. */
  readonly gone: readonly TxId[];
};

/** Money that came in: told when it is first seen, and when it confirms. */
export type Receipt = { readonly txId: TxId; readonly amount: Sat; readonly confirmed: boolean };

/** @returns `faults`: bugs that facts met, and cost those facts alone. Blocks and channels come in the same turn. */
export function applyFacts(
  state: WalletState,
  facts: WalletFacts,
  now: Timestamp,
  signedAway: SignedAway = new Map(),
): WalletStep & { readonly received: readonly Receipt[]; readonly faults: readonly unknown[] } {
  const faults: unknown[] = [];
  const commit: Write[] = [];
  let next = state;
  const guard = <T>(run: () => readonly T[]): readonly T[] => {
    try {
      return run();
    } catch (error) {
      faults.push(error);
      return [];
    }
  };
  const take = (change: (draft: WalletDraft) => void): void => {
    const steps = guard(() => {
      const draft = new WalletDraft(next);
      change(draft);
      return [draft.finish()];
    });
    for (const step of steps) {
      next = step.state;
      commit.push(...step.commit);
    }
  };
  take((draft) => draft.setTip(facts.tipHeight));
  for (const origin of facts.used) take((draft) => useScript(draft, origin));
  const seen = facts.seen.flatMap((item) => guard(() => [[txIdOf(item.tx), item] as const]));
  for (const item of parentsFirst(seen))
    take((draft) => {
      if (isBelievable(draft.state, item, signedAway)) recordTx(draft, item, now);
    });
  for (const id of facts.gone)
    take((draft) => {
      const entry = draft.state.txs.get(id);
      // What goes on from it would seem to spend from nothing that is known here, and to be as good as ever.
      if (depositsAtStake(draft.state).has(id)) return;
      if (entry !== undefined && entry.at === null && entry.purpose === null) forgetTx(draft, id);
    });
  const received = [...next.txs].flatMap(([id, entry]) => guard(() => receipts(state, next, id, entry)));
  return { state: next, commit, received, faults };
}

/** A transaction is known as ours by what it spends: so that comes first. */
function parentsFirst(seen: readonly (readonly [TxId, SeenTx])[]): readonly SeenTx[] {
  const byId = new Map(seen);
  const ordered = new Map<TxId, SeenTx>();
  const visit = (id: TxId, item: SeenTx): void => {
    byId.delete(id);
    for (const { outPoint } of item.tx.inputs) {
      const parent = byId.get(outPoint.txId);
      if (parent !== undefined) visit(outPoint.txId, parent);
    }
    ordered.set(id, item);
  };
  for (const [id, item] of byId) visit(id, item);
  return [...ordered.values()];
}

function receipts(
  before: WalletState,
  after: WalletState,
  txId: TxId,
  { tx, at }: WalletTx,
): readonly Receipt[] {
  const ledger = ledgerOf(after);
  const known = before.txs.get(txId);
  const isNews = known === undefined || (known.at === null && at !== null);
  if (!isNews || !ledger.isLive(txId)) return [];
  // Coins that pay for something else come back less.
  const amount = ledger.netOf(tx);
  return amount <= 0n ? [] : [{ txId, amount: sat(amount), confirmed: at !== null }];
}
