import { unreachable } from '../base/assert.ts';
import { outPointKey, type OutPoint, type TxId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { FeeratePerKw, Sat, Timestamp, Weight } from '../base/units.ts';
import { scriptOfAddress } from '../bitcoin/address.ts';
import type { Tx } from '../bitcoin/tx.ts';
import { isSpendable } from './balance.ts';
import { buildSpend, quoteSpend, type SpendWish } from './build-spend.ts';
import type { KeyTree } from './key-tree.ts';
import { ledgerOf } from './ledger.ts';
import type { SpendPlan } from './spend-request.ts';
import type { WalletRefusal } from './wallet-refusal.ts';
import type { WalletState, WalletStep } from './wallet-state.ts';

export type SendRequest = {
  readonly address: string;
  /** `all`: everything that can be spent, less `keepBack` and the fee. */
  readonly amount: Sat | 'all';
  readonly feerate: FeeratePerKw;
  /** Refused when the fee would be more. */
  readonly maxFee?: Sat;
  /** Stays in the wallet: what channels with anchors may need to pay for their closing. */
  readonly keepBack?: Sat;
  readonly label?: string;
  /** Spend these coins and no others. */
  readonly coins?: readonly OutPoint[];
};

export type SendQuote = {
  /** What arrives. */
  readonly amount: Sat;
  readonly fee: Sat;
  readonly change: Sat;
  readonly weight: Weight;
};

export type Sent = WalletStep & SendQuote & { readonly tx: Tx; readonly txId: TxId };

/** What a send would cost. Changes nothing. */
export function quoteSend(state: WalletState, request: SendRequest): Result<SendQuote, WalletRefusal> {
  const wish = spendWish(state, request);
  if (!wish.ok) return wish;
  const plan = quoteSpend(state, wish.value);
  return plan.ok ? ok(quoteOf(plan.value)) : plan;
}

/** Signs, and counts the coins as spent. Commit, then broadcast. */
export function send(
  state: WalletState,
  keys: KeyTree,
  request: SendRequest,
  now: Timestamp,
): Result<Sent, WalletRefusal> {
  const wish = spendWish(state, request);
  if (!wish.ok) return wish;
  const built = buildSpend(state, keys, wish.value);
  if (!built.ok) return built;
  const { draft, plan, tx, txId } = built.value;
  draft.putTx(txId, {
    tx,
    at: null,
    firstSeen: now,
    purpose: 'wallet-send',
    fee: plan.fee,
    label: request.label ?? '',
    replacedBy: null,
    sendsAll: request.amount === 'all',
  });
  return ok({ ...draft.finish(), ...quoteOf(plan), tx, txId });
}

const quoteOf = ({ outputs, fee, change, weight }: SpendPlan): SendQuote => ({
  // A send has one output that is not change, and it is the first of the plan.
  amount: outputs[0]?.amount ?? (0n as Sat),
  fee,
  change,
  weight,
});

/** The address checked, and the request in scripts. */
export function spendWish(state: WalletState, request: SendRequest): Result<SpendWish, WalletRefusal> {
  const script = scriptOfOwnNetwork(state, request.address);
  if (!script.ok) return script;
  const { amount, feerate, maxFee, keepBack, coins } = request;
  const chosen = coins && new Set(coins.map(outPointKey));
  const from =
    chosen &&
    ledgerOf(state).coins.filter((coin) => isSpendable(coin) && chosen.has(outPointKey(coin.outPoint)));
  return ok({
    feerate,
    outputs: amount === 'all' ? [] : [{ amount, script: script.value }],
    ...(amount === 'all' ? { drainTo: script.value } : {}),
    ...(maxFee === undefined ? {} : { mostFee: maxFee }),
    ...(keepBack === undefined ? {} : { keepBack }),
    ...(from === undefined ? {} : { from }),
  });
}

function scriptOfOwnNetwork({ network }: WalletState, address: string): Result<Uint8Array, WalletRefusal> {
  const script = scriptOfAddress(address.trim(), network);
  if (script.ok) return script;
  const { error } = script;
  switch (error.code) {
    case 'wrong-network':
      return err({ code: 'wrong-network', found: error.networks[0] ?? 'unknown', expected: network });
    case 'bad-checksum':
      return err({ code: 'bad-checksum' });
    case 'not-an-address':
      return err({ code: 'invalid-address', detail: 'not a Bitcoin address' });
    default:
      return unreachable(error);
  }
}
