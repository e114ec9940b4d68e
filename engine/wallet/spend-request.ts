import type { OutPoint } from '../base/ids.ts';
import type { FeeratePerKw, Sat, Weight } from '../base/units.ts';
import type { TxOutput } from '../bitcoin/tx.ts';
import type { Coin } from './ledger.ts';

/** An input that others sign: of a commitment transaction, an anchor, an HTLC. */
export type ForeignInput = {
  readonly outPoint: OutPoint;
  readonly sequence: number;
  readonly output: TxOutput;
  /** Weight units of its witness, with the count of items. */
  readonly witnessWeight: number;
};

export type SpendRequest = {
  readonly feerate: FeeratePerKw;
  readonly outputs: readonly TxOutput[];
  /** Takes all that is left, instead of change. */
  readonly drainTo?: Uint8Array;
  /** Where change goes: a script of ours. */
  readonly changeScript: Uint8Array;
  /** What must stay in the wallet, in coins or as change. */
  readonly keepBack?: Sat;
  /** They come before all other inputs, aligned with the first outputs: so that SIGHASH_SINGLE can be used. */
  readonly foreign?: readonly ForeignInput[];
  /** Coins that must be spent, also when they would not be chosen. */
  readonly required?: readonly Coin[];
  /** Others are chosen from these, instead of from all that is spendable. */
  readonly from?: readonly Coin[];
  /** Pays for a parent that pays too little: its weight and fee count into the rate. */
  readonly parent?: { readonly weight: Weight; readonly fee: Sat };
  readonly leastFee?: Sat;
  readonly mostFee?: Sat;
};

export type SpendPlan = {
  readonly foreign: readonly ForeignInput[];
  readonly coins: readonly Coin[];
  /** As asked for, then the drain, then the change. */
  readonly outputs: readonly TxOutput[];
  /** 0 without change. */
  readonly change: Sat;
  readonly fee: Sat;
  /** Once signed; at most a unit or two less. */
  readonly weight: Weight;
};
