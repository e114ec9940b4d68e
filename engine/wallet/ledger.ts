import { toHex } from '../base/bytes.ts';
import { outPointKey, type OutPoint, type TxId } from '../base/ids.ts';
import { sat, type Sat } from '../base/units.ts';
import type { Tx, TxOutput } from '../bitcoin/tx.ts';
import type { Placement } from '../chain/placement.ts';
import type { WalletScript, WalletState, WalletTx } from './wallet-state.ts';

/** An output of the wallet that nothing spends. */
export type Coin = {
  readonly outPoint: OutPoint;
  readonly output: TxOutput;
  readonly own: WalletScript;
  readonly at: Placement | null;
  /** Confirmed, or change of our own making: it can be spent. */
  readonly trusted: boolean;
  readonly reserved: boolean;
  readonly frozen: boolean;
};

export type Activity = { readonly confirmed: number; readonly total: number };

/** Consensus: outputs of a coinbase wait for 100 blocks. */
const COINBASE_MATURITY = 100;
/** Bitcoin Core's mempool takes chains of 25 unconfirmed transactions; ours stop well before. */
const MAX_UNCONFIRMED_CHAIN = 10;

const isCoinbase = (tx: Tx): boolean => /^0{64}$/.test(tx.inputs[0]?.outPoint.txId ?? '');

/** The output of ours behind an outpoint, if it is ours. */
export function ownOutput(state: WalletState, outPoint: OutPoint): OwnOutput | null {
  const output = state.txs.get(outPoint.txId)?.tx.outputs[outPoint.index];
  const own = output && state.scripts.get(toHex(output.script));
  return output && own ? { output, own } : null;
}
export type OwnOutput = { readonly output: TxOutput; readonly own: WalletScript };

/** It pays one of our scripts, or spends from one. */
export const touchesWallet = (state: WalletState, tx: Tx): boolean =>
  tx.outputs.some(({ script }) => state.scripts.has(toHex(script))) ||
  tx.inputs.some(({ outPoint }) => ownOutput(state, outPoint) !== null);

/** What follows from the transactions: who pays whom, what is left. Computed once for each state. */
export class Ledger {
  readonly coins: readonly Coin[];
  readonly #state: WalletState;
  readonly #live = new Map<TxId, boolean>();
  readonly #spenders = new Map<string, TxId>();
  readonly #reserved: ReadonlySet<string>;
  readonly #paid = new Set<string>();
  #activity: ReadonlyMap<string, Activity> | null = null;

  constructor(state: WalletState) {
    this.#state = state;
    const setAside = [...state.reservations.values()].flatMap(({ tx }) => tx.inputs);
    this.#reserved = new Set(setAside.map(({ outPoint }) => outPointKey(outPoint)));
    for (const [id, { tx }] of state.txs)
      if (this.isLive(id))
        for (const { outPoint } of tx.inputs) this.#spenders.set(outPointKey(outPoint), id);
    for (const { tx } of [...state.txs.values(), ...state.reservations.values()])
      for (const { script } of tx.outputs) this.#paid.add(toHex(script));
    this.coins = [...state.txs].flatMap(([id, entry]) => (this.isLive(id) ? this.#coinsOf(id, entry) : []));
  }

  /** In the best chain, or able to get there: nothing took its place, nor that of what it spends. */
  isLive(id: TxId): boolean {
    const known = this.#live.get(id);
    if (known !== undefined) return known;
    const entry = this.#state.txs.get(id);
    const live =
      entry !== undefined &&
      (entry.at !== null ||
        (entry.replacedBy === null &&
          entry.tx.inputs.every(
            ({ outPoint }) => !this.#state.txs.has(outPoint.txId) || this.isLive(outPoint.txId),
          )));
    this.#live.set(id, live);
    return live;
  }

  /** The live transaction of the wallet that spends it. */
  spenderOf(outPoint: OutPoint): TxId | null {
    return this.#spenders.get(outPointKey(outPoint)) ?? null;
  }

  ownOutput(outPoint: OutPoint): OwnOutput | null {
    return ownOutput(this.#state, outPoint);
  }

  ownScript(script: Uint8Array): WalletScript | null {
    return this.#state.scripts.get(toHex(script)) ?? null;
  }

  /** A transaction pays it, whatever became of that, or one that is not published yet. */
  isUsed(script: Uint8Array): boolean {
    return this.#paid.has(toHex(script));
  }

  /** How many live transactions touch a script of ours, as servers count them. */
  activityOf(script: Uint8Array): Activity {
    this.#activity ??= this.#countActivity();
    return this.#activity.get(toHex(script)) ?? { confirmed: 0, total: 0 };
  }

  #countActivity(): ReadonlyMap<string, Activity> {
    const counts = new Map<string, Activity>();
    for (const [id, { tx, at }] of this.#state.txs) {
      if (!this.isLive(id)) continue;
      const paid = tx.outputs.map(({ script }) => script);
      const spent = tx.inputs.flatMap(({ outPoint }) => this.ownOutput(outPoint)?.output.script ?? []);
      for (const script of new Set([...paid, ...spent].map(toHex))) {
        const { confirmed, total } = counts.get(script) ?? { confirmed: 0, total: 0 };
        counts.set(script, { confirmed: confirmed + (at === null ? 0 : 1), total: total + 1 });
      }
    }
    return counts;
  }

  /** What we put in; null when others put in too. */
  ownInputSum(tx: Tx): Sat | null {
    let sum = 0n;
    for (const { outPoint } of tx.inputs) {
      const spent = this.ownOutput(outPoint);
      if (spent === null) return null;
      sum += spent.output.amount;
    }
    return sat(sum);
  }

  /** What the wallet has more by it, in satoshis: below zero where it has less. */
  netOf({ inputs, outputs }: Tx): bigint {
    let net = 0n;
    for (const { script, amount } of outputs) if (this.ownScript(script) !== null) net += amount;
    for (const { outPoint } of inputs) net -= this.ownOutput(outPoint)?.output.amount ?? 0n;
    return net;
  }

  /** Null when inputs of others hide it. */
  feeOf({ tx, fee }: Pick<WalletTx, 'tx' | 'fee'>): Sat | null {
    if (fee !== null) return fee;
    const paidIn = this.ownInputSum(tx);
    const paidOut = tx.outputs.reduce((sum, { amount }) => sum + amount, 0n);
    // A server may make up what an unconfirmed one spends, once it is here.
    return paidIn === null || paidIn < paidOut ? null : sat(paidIn - paidOut);
  }

  #coinsOf(id: TxId, { tx, at }: WalletTx): readonly Coin[] {
    return tx.outputs.flatMap((output, index) => {
      const own = this.#state.scripts.get(toHex(output.script));
      const outPoint = { txId: id, index };
      if (own === undefined || this.spenderOf(outPoint) !== null) return [];
      const key = outPointKey(outPoint);
      const trusted = this.#isMature(tx, at) && this.#unconfirmedChain(id) <= MAX_UNCONFIRMED_CHAIN;
      return [
        {
          outPoint,
          output,
          own,
          at,
          trusted,
          reserved: this.#reserved.has(key),
          frozen: this.#state.frozen.has(key),
        },
      ];
    });
  }

  #isMature(tx: Tx, at: Placement | null): boolean {
    if (!isCoinbase(tx)) return true;
    return at !== null && this.#state.tipHeight - at.height + 1 >= COINBASE_MATURITY;
  }

  /** Unconfirmed transactions from the last confirmed one, all of our making; Infinity when others made one. */
  #unconfirmedChain(id: TxId): number {
    const entry = this.#state.txs.get(id);
    if (entry === undefined) return Infinity;
    if (entry.at !== null) return 0;
    if (this.ownInputSum(entry.tx) === null) return Infinity;
    return 1 + Math.max(...entry.tx.inputs.map(({ outPoint }) => this.#unconfirmedChain(outPoint.txId)));
  }
}

const ledgers = new WeakMap<WalletState, Ledger>();

export function ledgerOf(state: WalletState): Ledger {
  const ledger = ledgers.get(state) ?? new Ledger(state);
  ledgers.set(state, ledger);
  return ledger;
}
