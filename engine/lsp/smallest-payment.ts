import { msat, type Msat } from '../base/units.ts';
import { openingFee } from '../payment/opening-fee.ts';
import type { OpeningFeeParams } from './opening-fee-params.ts';

/**
 * Least that must be left of a payment, in msat: what most nodes have the other side keep in a channel at least (LDK and
 * ldk-node: 1,000 sat), and above every dust limit. Less could never be spent.
 */
export const LEAST_RECEIVED: Msat = msat(1_000_000);

type Terms = Pick<OpeningFeeParams, 'minFee' | 'proportional' | 'minPayment' | 'maxPayment'>;

/** The smallest payment under these terms of which enough is left, in whole satoshis. Null: none is. */
export function smallestPayment(terms: Terms): Msat | null {
  const { minFee, proportional, minPayment, maxPayment } = terms;
  const million = 1_000_000n;
  if (proportional >= million) return null;
  const byShare = (LEAST_RECEIVED * million + (million - proportional) - 1n) / (million - proportional);
  const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
  const wanted = most(most(minFee + LEAST_RECEIVED, byShare), minPayment);
  // The share is rounded up: the next satoshi makes up for it.
  for (const amount of [roundUp(wanted), roundUp(wanted) + 1_000n]) {
    if (amount > maxPayment) return null;
    if (leavesEnough(terms, msat(amount))) return msat(amount);
  }
  return null;
}

const roundUp = (amount: bigint): bigint => ((amount + 999n) / 1_000n) * 1_000n;

export function leavesEnough(terms: Pick<Terms, 'minFee' | 'proportional'>, payment: Msat): boolean {
  const fee = openingFee(terms, payment);
  return fee !== null && payment >= fee + LEAST_RECEIVED;
}
