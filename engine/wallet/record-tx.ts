import { outPointKey, type OutPoint, type TxId } from '../base/ids.ts';
import type { BlockHeight, Timestamp } from '../base/units.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { Confirmation, TxPurpose } from '../bitcoin/watch.ts';
import type { Placement } from '../chain/placement.ts';
import { useScriptsOf } from './addresses.ts';
import { isSignedByUs } from './believable.ts';
import { ledgerOf, touchesWallet } from './ledger.ts';
import { WalletDraft } from './wallet-draft.ts';
import type { WalletState, WalletStep, WalletTx } from './wallet-state.ts';

export type SeenTx = {
  readonly tx: Tx;
  readonly at: Placement | null;
  /** Why this node made it, where it did. */
  readonly purpose?: TxPurpose;
};

/** Takes in a transaction that was seen on the network, when it touches the wallet; or where one stands now. */
export function recordTx(draft: WalletDraft, { tx, at, purpose }: SeenTx, now: Timestamp): void {
  const id = txIdOf(tx);
  const { state } = draft;
  const known = state.txs.get(id);
  if (known === undefined && !touchesWallet(state, tx)) return;
  const reserved = state.reservations.get(id);
  // Who spends our coins has our words: change of theirs is ours.
  if (known === undefined && spendsOurs(state, tx)) useScriptsOf(draft, tx);
  const next: WalletTx = {
    tx,
    at,
    firstSeen: known?.firstSeen ?? now,
    purpose: known?.purpose ?? reserved?.purpose ?? purpose ?? null,
    fee: known?.fee ?? reserved?.fee ?? null,
    label: known?.label ?? noted(state, tx),
    // A block decides; else what we know of its replacement stands.
    replacedBy: at === null ? (known?.replacedBy ?? null) : null,
    sendsAll: known?.sendsAll ?? reserved?.sendsAll ?? false,
  };
  const isNews =
    known === undefined ||
    known.at?.blockHash !== at?.blockHash ||
    known.replacedBy !== next.replacedBy ||
    known.purpose !== next.purpose;
  if (isNews) draft.putTx(id, next);
  // It is out: what was to be published has been.
  if (reserved !== undefined) draft.removeReservation(id);
  // What leaves its block may find a rival in the one that came instead, noted while it stood in its own.
  if (known === undefined || (at === null) !== (known.at === null)) replaceRivals(draft, id, next);
  if (known === undefined) dropUnsigned(draft, id);
}

const spendsOurs = (state: WalletState, { inputs }: Tx): boolean =>
  inputs.some(({ outPoint }) => ledgerOf(state).ownOutput(outPoint) !== null);

/** What was noted beside the address that somebody else pays to. */
function noted(state: WalletState, tx: Tx): string {
  if (spendsOurs(state, tx)) return '';
  const ledger = ledgerOf(state);
  const labels = tx.outputs.map(({ script }) => ledger.ownScript(script)?.label ?? '');
  return labels.find((label) => label !== '') ?? '';
}

/** Unconfirmed transactions that spend the same coin give way to the newer one, and to one in a block always. */
export function replaceRivals(
  draft: WalletDraft,
  id: TxId,
  { tx, at }: { readonly tx: Tx; readonly at: Confirmation | null },
): void {
  const spent = new Set(tx.inputs.map(({ outPoint }) => outPointKey(outPoint)));
  const rivals = [...draft.state.txs].filter(
    ([other, entry]) =>
      other !== id && entry.tx.inputs.some(({ outPoint }) => spent.has(outPointKey(outPoint))),
  );
  for (const [other, rival] of rivals) {
    if (rival.at !== null) {
      const entry = draft.state.txs.get(id);
      if (at === null && entry !== undefined) draft.putTx(id, { ...entry, replacedBy: other });
      // One that had given way already stays with whom it gave way to: when this one is abandoned, only the last before
      // it stands again.
    } else if (rival.replacedBy === null || (at !== null && rival.replacedBy !== id))
      draft.putTx(other, { ...rival, replacedBy: id });
  }
}

/** A pending transaction is given up: its coins are free again, and what it replaced stands again. */
export function abandonTx(state: WalletState, id: TxId): WalletStep {
  const draft = new WalletDraft(state);
  const entry = state.txs.get(id);
  if (entry !== undefined && entry.at === null) forgetTx(draft, id);
  return draft.finish();
}

export function forgetTx(draft: WalletDraft, id: TxId): void {
  draft.removeTx(id);
  revive(draft, id);
}

/**
 * What gave way to it stands again: of those that spend the same, the newest, to which the others gave way before; and none
 * of which another that stands takes a coin.
 */
function revive(draft: WalletDraft, id: TxId): void {
  const ledger = ledgerOf(draft.state);
  const taken = new Map<string, TxId>();
  const back = [...draft.state.txs].filter(([, { replacedBy }]) => replacedBy === id);
  for (const [other, entry] of back.reverse().sort(([, a], [, b]) => b.firstSeen - a.firstSeen)) {
    const spent = entry.tx.inputs.map(({ outPoint }) => outPoint);
    const takers = spent.map((coin) => taken.get(outPointKey(coin)) ?? ledger.spenderOf(coin));
    const replacedBy = takers.find((by) => by !== null) ?? null;
    if (replacedBy === null) for (const coin of spent) taken.set(outPointKey(coin), other);
    draft.putTx(other, { ...entry, replacedBy });
  }
}

/**
 * What a server shows before its parent is known seems to spend no coin of ours, and is believed without our signature.
 * Once the parent `id` is known it may, and goes where that is missing.
 */
export function dropUnsigned(draft: WalletDraft, id: TxId): void {
  const ledger = ledgerOf(draft.state);
  const isOurs = (outPoint: OutPoint): boolean => outPoint.txId === id && ledger.ownOutput(outPoint) !== null;
  const children = [...draft.state.txs].filter(
    ([, { tx, at, purpose }]) =>
      at === null && purpose === null && tx.inputs.some(({ outPoint }) => isOurs(outPoint)),
  );
  for (const [child, { tx }] of children) if (!isSignedByUs(draft.state, tx)) forgetTx(draft, child);
}

/**
 * A transaction that another part of the node saw or published: a closing transaction that pays one of our addresses,
 * say. Does nothing when it does not touch the wallet.
 */
export function noteTx(
  state: WalletState,
  seen: SeenTx,
  now: Timestamp,
  tipHeight: BlockHeight = state.tipHeight,
): WalletStep {
  const draft = new WalletDraft(state);
  draft.setTip(tipHeight);
  recordTx(draft, seen, now);
  return draft.finish();
}

/**
 * What took, in a block, an output that a channel of ours owed us, by somebody else's making: where it pays scripts that only
 * another device of these words has handed out, it is ours. Where it stands a scan tells.
 */
export function noteTaken(state: WalletState, tx: Tx, now: Timestamp): WalletStep {
  const draft = new WalletDraft(state);
  if (!state.txs.has(txIdOf(tx)) && useScriptsOf(draft, tx)) recordTx(draft, { tx, at: null }, now);
  return draft.finish();
}

/**
 * What took, in a block, what transactions of the wallet spend, and may be no affair of the wallet itself: a commitment
 * where a closing transaction waited. They give way to it.
 */
export function giveWay(state: WalletState, tx: Tx, at: Confirmation): WalletStep {
  const draft = new WalletDraft(state);
  replaceRivals(draft, txIdOf(tx), { tx, at });
  return draft.finish();
}

/** What transactions of the wallet that are in no block spend, also those that have given way: keys of outpoints. */
export const spentUnconfirmed = ({ txs }: WalletState): ReadonlySet<string> =>
  new Set(
    [...txs.values()]
      .filter(({ at }) => at === null)
      .flatMap(({ tx }) => tx.inputs.map(({ outPoint }) => outPointKey(outPoint))),
  );

/** That block is gone: what gave way to it may be in one yet. Of what is the wallet's own a scan tells. */
export function standAgain(state: WalletState, id: TxId): WalletStep {
  const draft = new WalletDraft(state);
  if (!state.txs.has(id)) revive(draft, id);
  return draft.finish();
}

/** Of what it spends, what is the wallet's and in no block. */
export const unconfirmedParents = ({ txs }: WalletState, { inputs }: Tx): readonly Tx[] =>
  [...new Set(inputs.map(({ outPoint }) => outPoint.txId))].flatMap((id) => {
    const parent = txs.get(id);
    return parent?.at === null ? [parent.tx] : [];
  });

/** The user's own words for a transaction. */
export function labelTx(state: WalletState, id: TxId, label: string): WalletStep {
  const draft = new WalletDraft(state);
  const entry = state.txs.get(id);
  if (entry !== undefined) draft.putTx(id, { ...entry, label });
  return draft.finish();
}

/**
 * Transactions of this node that are not in a block, parents first: to be broadcast again after a start, as servers
 * forget and the chain follower keeps none on disk.
 */
export function unconfirmedOwn(
  state: WalletState,
): readonly { readonly tx: Tx; readonly purpose: TxPurpose }[] {
  const ledger = ledgerOf(state);
  return [...state.txs]
    .filter(([id, { at }]) => at === null && ledger.isLive(id))
    .sort(([, a], [, b]) => a.firstSeen - b.firstSeen)
    .flatMap(([, { tx, purpose }]) => (purpose === null ? [] : [{ tx, purpose }]));
}
