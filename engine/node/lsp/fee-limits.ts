import { msat, type Msat } from '../../base/units.ts';
import type { OpeningFeeParams } from '../../lsp/opening-fee-params.ts';
import { openingFee } from '../../payment/opening-fee.ts';

const DEAR_AT_LEAST = 2_500_000n;

/** More than the greater of 1 % and 2,500 sat: a person is asked. */
export const isDear = (fee: Msat, amount: Msat): boolean =>
  fee > (amount / 100n > DEAR_AT_LEAST ? amount / 100n : DEAR_AT_LEAST);

type Terms = Pick<OpeningFeeParams, 'minFee' | 'proportional' | 'minPayment' | 'maxPayment'>;

/** Of a payment whose amount the payer chooses: some that these terms allow would be dear. */
export function mayBeDear({ minPayment, maxPayment, ...terms }: Terms): boolean {
  const most = openingFee(terms, maxPayment);
  return isDear(terms.minFee, minPayment) || most === null || isDear(most, maxPayment);
}

/** Most that is ever agreed to for one channel, where settings say nothing else. */
export const DEFAULT_FEE_LIMIT_SAT = 50_000;

export const limitOf = (limitSat: number | undefined): Msat =>
  msat(BigInt(limitSat ?? DEFAULT_FEE_LIMIT_SAT) * 1000n);
