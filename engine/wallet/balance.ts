import { sat, type Sat } from '../base/units.ts';
import { ledgerOf, type Coin } from './ledger.ts';
import type { WalletState } from './wallet-state.ts';

/** Each coin is in one of the first four. */
export type WalletBalance = {
  readonly confirmed: Sat;
  /** Change of our own transactions: spendable, as only we could take it back. */
  readonly trustedPending: Sat;
  /** From others and not in a block yet, or not old enough to spend. */
  readonly untrustedPending: Sat;
  /** Inputs of transactions that are signed and not published. */
  readonly reserved: Sat;
  /** Of `confirmed` and `trustedPending`, what is frozen. */
  readonly frozen: Sat;
  /** `confirmed` and `trustedPending` without what is frozen. */
  readonly spendable: Sat;
  readonly total: Sat;
};

export function balanceOf(state: WalletState): WalletBalance {
  const { coins } = ledgerOf(state);
  const sum = (accepts: (coin: Coin) => boolean): Sat =>
    sat(coins.filter(accepts).reduce((total, { output }) => total + output.amount, 0n));
  return {
    confirmed: sum((coin) => !coin.reserved && coin.trusted && coin.at !== null),
    trustedPending: sum((coin) => !coin.reserved && coin.trusted && coin.at === null),
    untrustedPending: sum((coin) => !coin.reserved && !coin.trusted),
    reserved: sum((coin) => coin.reserved),
    frozen: sum((coin) => !coin.reserved && coin.trusted && coin.frozen),
    spendable: sum(isSpendable),
    total: sum(() => true),
  };
}

export const isSpendable = (coin: Coin): boolean => coin.trusted && !coin.reserved && !coin.frozen;
