import { assert } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import type { TxId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { FeeratePerKw, Sat, Timestamp } from '../base/units.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { TxPurpose } from '../bitcoin/watch.ts';
import { buildSpend, quoteSpend, type BuiltSpend, type SpendWish } from './build-spend.ts';
import type { KeyTree } from './key-tree.ts';
import { dropUnsigned, replaceRivals } from './record-tx.ts';
import type { SendQuote } from './send.ts';
import type { ForeignInput } from './spend-request.ts';
import { WalletDraft } from './wallet-draft.ts';
import type { WalletRefusal } from './wallet-refusal.ts';
import type { WalletState, WalletStep, WalletTx } from './wallet-state.ts';

export type FundingRequest = {
  /** The channel's output. */
  readonly script: Uint8Array;
  /** `all`: everything that can be spent, less `keepBack` and the fee. */
  readonly amount: Sat | 'all';
  readonly feerate: FeeratePerKw;
  readonly keepBack?: Sat;
  readonly maxFee?: Sat;
};

/** A transaction that is signed and not to be published yet. Its coins are set aside, on disk too. */
export type Reserved = WalletStep & {
  /** Names the reservation too: the id does not change by signing, as all inputs are segwit. */
  readonly txId: TxId;
  readonly tx: Tx;
  readonly fee: Sat;
};
export type Funding = Reserved & { readonly amount: Sat; readonly outputIndex: number };

const fundingWish = ({ script, amount, feerate, keepBack, maxFee }: FundingRequest): SpendWish => ({
  feerate,
  outputs: amount === 'all' ? [] : [{ amount, script }],
  ...(amount === 'all' ? { drainTo: script } : {}),
  ...(keepBack === undefined ? {} : { keepBack }),
  ...(maxFee === undefined ? {} : { mostFee: maxFee }),
});

/** What funding a channel would cost. `script` may be any P2WSH output. Changes nothing. */
export function quoteFunding(state: WalletState, request: FundingRequest): Result<SendQuote, WalletRefusal> {
  const plan = quoteSpend(state, fundingWish(request));
  if (!plan.ok) return plan;
  const { outputs, fee, change, weight } = plan.value;
  return ok({ amount: outputs[0]?.amount ?? (0n as Sat), fee, change, weight });
}

/**
 * The funding transaction of a channel. Commit, and tell the channel its outpoint; then `publishReserved` when the
 * channel says so, or `releaseReservation` when it came to nothing.
 */
export function buildFunding(
  state: WalletState,
  keys: KeyTree,
  request: FundingRequest,
  now: Timestamp,
): Result<Funding, WalletRefusal> {
  const built = buildSpend(state, keys, fundingWish(request));
  if (!built.ok) return built;
  const { tx } = built.value;
  const outputIndex = tx.outputs.findIndex(({ script }) => equalBytes(script, request.script));
  const output = tx.outputs[outputIndex];
  assert(output !== undefined, 'a funding transaction has its output');
  const reserved = reserve(built.value, 'funding', now, request.amount === 'all');
  return ok({ ...reserved, amount: output.amount, outputIndex });
}

/** Outputs in their order, before change: the first are aligned with `foreign`. */
export type AttachedRequest = Omit<SpendWish, 'mostFee' | 'foreign'> & {
  readonly purpose: TxPurpose;
  readonly foreign: readonly ForeignInput[];
  readonly maxFee?: Sat;
};

/**
 * A transaction with inputs that others sign, and coins of ours that pay its fee, and its parent's: to bump a
 * commitment through its anchor, or an HTLC transaction. Our inputs are signed; the witnesses of the others are empty,
 * for the caller to fill in.
 */
export function buildAttached(
  state: WalletState,
  keys: KeyTree,
  { purpose, maxFee, ...wish }: AttachedRequest,
  now: Timestamp,
): Result<Reserved, WalletRefusal> {
  const built = buildSpend(state, keys, { ...wish, ...(maxFee === undefined ? {} : { mostFee: maxFee }) });
  return built.ok ? ok(reserve(built.value, purpose, now, false)) : built;
}

function reserve(
  { draft, plan, tx, txId }: BuiltSpend,
  purpose: TxPurpose,
  now: Timestamp,
  sendsAll: boolean,
): Reserved {
  draft.putReservation({ id: txId, tx, fee: plan.fee, purpose, createdAt: now, sendsAll });
  return { ...draft.finish(), txId, tx, fee: plan.fee };
}

/** Its coins can be spent again. Nothing when there is no such reservation. */
export function releaseReservation(state: WalletState, id: TxId): WalletStep {
  const draft = new WalletDraft(state);
  if (state.reservations.has(id)) draft.removeReservation(id);
  return draft.finish();
}

/**
 * The reserved transaction becomes one of the wallet's: commit, then broadcast. `complete`: the same transaction with
 * the witnesses that others added.
 */
export function publishReserved(
  state: WalletState,
  id: TxId,
  now: Timestamp,
  { label = '', complete }: { readonly label?: string; readonly complete?: Tx } = {},
): Result<WalletStep & { readonly tx: Tx }, WalletRefusal> {
  const reservation = state.reservations.get(id);
  const published = state.txs.get(id);
  if (reservation === undefined)
    return published === undefined
      ? err({ code: 'unknown-transaction' })
      : ok({ state, commit: [], tx: published.tx });
  const tx = complete ?? reservation.tx;
  assert(txIdOf(tx) === id, 'witnesses do not change the id');
  const draft = new WalletDraft(state);
  const { purpose, fee, sendsAll } = reservation;
  const entry: WalletTx = {
    tx,
    at: null,
    firstSeen: now,
    purpose,
    fee,
    label,
    replacedBy: null,
    sendsAll,
  };
  draft.removeReservation(id);
  draft.putTx(id, entry);
  replaceRivals(draft, id, entry);
  dropUnsigned(draft, id);
  return ok({ ...draft.finish(), tx });
}
