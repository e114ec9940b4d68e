import type { TxId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { FeeratePerKw, Sat, Timestamp } from '../base/units.ts';
import { feerateOf, feerateToSatPerVb } from '../bitcoin/fee.ts';
import { weightOf, type Tx, type TxOutput } from '../bitcoin/tx.ts';
import { changeScript } from './addresses.ts';
import { isSpendable } from './balance.ts';
import { buildSpend, type BuiltSpend, type SpendWish } from './build-spend.ts';
import type { KeyTree } from './key-tree.ts';
import { ledgerOf, type Coin } from './ledger.ts';
import { replaceRivals } from './record-tx.ts';
import { coinsSpentBy, feeToReplace } from './replacement-fee.ts';
import type { WalletRefusal } from './wallet-refusal.ts';
import type { WalletState, WalletStep, WalletTx } from './wallet-state.ts';

/** `replacement`: takes the place of the other. `child`: spends from it, and pays for both. */
export type Bumped = WalletStep & {
  readonly tx: Tx;
  readonly txId: TxId;
  /** Of the new transaction. */
  readonly fee: Sat;
  readonly kind: 'replacement' | 'child';
};
type BumpResult = Result<Bumped, WalletRefusal>;

type Pending = { readonly id: TxId; readonly entry: WalletTx; readonly fee: Sat };
type Limits = { readonly feerate: FeeratePerKw; readonly maxFee?: Sat };

/**
 * Makes a pending transaction pay `feerate`: by a replacement (BIP 125) where it is a send of ours, else, where its id
 * must stay (the funding of a channel) or others made it, by a child that spends what it pays us. Commit, then
 * broadcast; when servers refuse it, `abandonTx`.
 */
export function bumpFee(
  state: WalletState,
  keys: KeyTree,
  id: TxId,
  limits: Limits,
  now: Timestamp,
): BumpResult {
  const pending = pendingTx(state, id, limits.feerate);
  if (!pending.ok) return pending;
  const { entry } = pending.value;
  const replaceable = entry.purpose === 'wallet-send' && !hasChild(state, pending.value);
  return replaceable
    ? replace(state, keys, pending.value, { limits, now, cancel: false })
    : payByChild(state, keys, pending.value, { limits, now });
}

/** Replaces a pending send by one that pays all of it back to us, but the fee. */
export function cancelTx(
  state: WalletState,
  keys: KeyTree,
  id: TxId,
  limits: Limits,
  now: Timestamp,
): BumpResult {
  const pending = pendingTx(state, id, limits.feerate);
  if (!pending.ok) return pending;
  if (pending.value.entry.purpose !== 'wallet-send')
    return err({ code: 'not-replaceable', reason: 'only payments of ours can be cancelled' });
  const { outputs } = pending.value.entry.tx;
  if (outputs.every(({ script }) => ledgerOf(state).ownScript(script) !== null))
    return err({ code: 'not-replaceable', reason: 'it pays nobody else' });
  if (hasChild(state, pending.value))
    return err({ code: 'not-replaceable', reason: 'another transaction spends its change' });
  return replace(state, keys, pending.value, { limits, now, cancel: true });
}

function pendingTx(state: WalletState, id: TxId, feerate: FeeratePerKw): Result<Pending, WalletRefusal> {
  const entry = state.txs.get(id);
  if (entry === undefined) return err({ code: 'unknown-transaction' });
  if (entry.at !== null) return err({ code: 'not-replaceable', reason: 'it is confirmed' });
  if (!ledgerOf(state).isLive(id))
    return err({ code: 'not-replaceable', reason: 'another has taken its place' });
  const fee = ledgerOf(state).feeOf(entry);
  if (fee === null)
    return err({ code: 'not-replaceable', reason: 'others made it, and its fee is not known' });
  const rate = feerateOf(fee, weightOf(entry.tx));
  if (feerate <= rate) {
    const least = Math.ceil(feerateToSatPerVb(rate) + 1);
    return err({ code: 'fee-too-low', minimumSatPerVb: least });
  }
  return ok({ id, entry, fee });
}

/** Also one that is only put together yet: a channel may wait for the peer's signature before it is told to anybody. */
const hasChild = (state: WalletState, { id, entry }: Pending): boolean =>
  entry.tx.outputs.some((_, index) => ledgerOf(state).spenderOf({ txId: id, index }) !== null) ||
  [...state.reservations.values()].some(({ tx }) => tx.inputs.some(({ outPoint }) => outPoint.txId === id));

type Bump = { readonly limits: Limits; readonly now: Timestamp };

function replace(
  state: WalletState,
  keys: KeyTree,
  { entry, fee }: Pending,
  { limits, now, cancel }: Bump & { readonly cancel: boolean },
): BumpResult {
  const build = (required: readonly Coin[]): Result<BuiltSpend, WalletRefusal> => {
    const wish = { ...replacementOf(state, entry, limits, cancel), required };
    const leastFee = feeToReplace(state, wish, fee);
    return leastFee.ok ? buildSpend(state, keys, { ...wish, leastFee: leastFee.value }) : leastFee;
  };
  const spent = coinsSpentBy(state, entry.tx);
  const sure = cancel ? build(surest(state, spent)) : null;
  // Those alone may not pay the fee of all: better cancelled with a deposit that may be mined again than not at all.
  const built = sure?.ok === true ? sure : build(spent);
  if (!built.ok) return built;
  const { draft, plan, tx, txId } = built.value;
  const sendsAll = entry.sendsAll && !cancel;
  const next: WalletTx = {
    ...entry,
    tx,
    at: null,
    firstSeen: now,
    fee: plan.fee,
    replacedBy: null,
    sendsAll,
  };
  draft.putTx(txId, next);
  replaceRivals(draft, txId, next);
  return ok({ ...draft.finish(), tx, txId, fee: plan.fee, kind: 'replacement' });
}

function replacementOf(
  state: WalletState,
  entry: WalletTx,
  limits: Limits,
  cancel: boolean,
): Omit<SpendWish, 'required'> {
  const ledger = ledgerOf(state);
  const isChange = ({ script }: TxOutput): boolean => ledger.ownScript(script)?.branch === 'change';
  const payments = entry.tx.outputs.filter((output) => !isChange(output));
  const [first] = payments;
  // What only returned to us has no payment in it.
  const returns = cancel || first === undefined;
  const drainTo = returns ? changeScript(state, []).script : entry.sendsAll ? first.script : undefined;
  // Who sent all kept back what closing channels may need: that is not the receiver's, whatever is needed by now.
  const kept = returns ? [] : entry.tx.outputs.filter(isChange);
  return {
    feerate: limits.feerate,
    outputs: drainTo === undefined ? payments : kept,
    // BIP 125 rule 2: "The replacement transaction may only include an unconfirmed input if that input was included in
    // one of the original transactions."
    from: drainTo === undefined ? ledger.coins.filter((coin) => isSpendable(coin) && coin.at !== null) : [],
    ...(drainTo === undefined ? {} : { drainTo }),
    ...(limits.maxFee === undefined ? {} : { mostFee: limits.maxFee }),
  };
}

/** Without deposits that a reorganisation took out of their block, where there is more: they may never be in one again. */
function surest(state: WalletState, coins: readonly Coin[]): readonly Coin[] {
  const sure = coins.filter(
    ({ at, outPoint }) => at !== null || state.txs.get(outPoint.txId)?.purpose !== null,
  );
  return sure.length > 0 ? sure : coins;
}

function payByChild(
  state: WalletState,
  keys: KeyTree,
  { id, entry, fee }: Pending,
  { limits, now }: Bump,
): BumpResult {
  const ours = ledgerOf(state).coins.filter(
    (coin) => coin.outPoint.txId === id && !coin.reserved && !coin.frozen,
  );
  if (ours.length === 0) return err({ code: 'not-replaceable', reason: 'it pays nothing to this wallet' });
  const built = buildSpend(state, keys, {
    feerate: limits.feerate,
    outputs: [],
    drainTo: changeScript(state, []).script,
    required: ours,
    from: [],
    parent: { weight: weightOf(entry.tx), fee },
    ...(limits.maxFee === undefined ? {} : { mostFee: limits.maxFee }),
  });
  if (!built.ok) return built;
  const { draft, plan, tx, txId } = built.value;
  draft.putTx(txId, {
    tx,
    at: null,
    firstSeen: now,
    purpose: 'wallet-send',
    fee: plan.fee,
    label: '',
    replacedBy: null,
    sendsAll: true,
  });
  return ok({ ...draft.finish(), tx, txId, fee: plan.fee, kind: 'child' });
}
