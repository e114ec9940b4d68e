import { err, ok, type Result } from '../base/result.ts';
import type { BlockDelta, Msat, Timestamp } from '../base/units.ts';
import { openingFee } from '../payment/opening-fee.ts';
import type { LspFailure } from './lsp-failure.ts';
import type { OpeningFeeParams } from './opening-fee-params.ts';
import { leavesEnough, smallestPayment } from './smallest-payment.ts';

/** A price for one payment. `fee`: null when the payer chooses the amount. */
export type Offer = { readonly params: OpeningFeeParams; readonly fee: Msat | null };

export type Wish = {
  /** Null: the payer chooses. */
  readonly amount: Msat | null;
  readonly now: Timestamp;
  /** What we ask of whoever opens a channel to us, for our safety. */
  readonly toSelfDelay: BlockDelta;
};

/** An invoice that is valid for less than this is of no use to a person. */
const LEAST_SECONDS = 120;

/** The cheapest of the menu that serves. */
export function chooseOffer(menu: readonly OpeningFeeParams[], wish: Wish): Result<Offer, LspFailure> {
  // bLIP 52 §1: "in which case, the client currently cannot use JIT Channels with this LSP."
  if (menu.length === 0) return err({ code: 'no-offer', why: 'none' });
  // bLIP 52 §1: "`valid_until` is a datetime (as an ISO8601 string) up to which this specific `opening_fee_params` is valid".
  const valid = menu.filter(({ validUntil }) => validUntil >= wish.now + LEAST_SECONDS);
  if (valid.length === 0) return err({ code: 'no-offer', why: 'expired' });
  // bLIP 52 §5: "The client-provided `to_self_delay` is less than or equal to the agreed-upon `max_client_to_self_delay`."
  // It is the time that we have to punish an old state: we do not ask for less.
  const safe = valid.filter(({ maxClientToSelfDelay }) => maxClientToSelfDelay >= wish.toSelfDelay);
  if (safe.length === 0) return err({ code: 'no-offer', why: 'safety' });
  const { amount } = wish;
  return amount === null ? anyAmount(safe) : fixedAmount(safe, amount);
}

function fixedAmount(menu: readonly OpeningFeeParams[], amount: Msat): Result<Offer, LspFailure> {
  // bLIP 52 §2: "The client MUST ensure that `payment_size_msat` is within the previous `min_payment_size_msat` and
  // `max_payment_size_msat` parameters from the LSP."
  const offers = menu
    .filter(
      (params) => amount >= params.minPayment && amount <= params.maxPayment && leavesEnough(params, amount),
    )
    .map((params) => ({ params, fee: openingFee(params, amount) ?? amount }));
  const [first, ...rest] = offers;
  if (first !== undefined)
    return ok(rest.reduce((best, other) => (other.fee < best.fee ? other : best), first));
  const smallest = least(menu);
  if (smallest !== null && amount < smallest) return err({ code: 'amount-too-small', minimum: smallest });
  const largest = menu.map(({ maxPayment }) => maxPayment).reduce((a, b) => (b > a ? b : a));
  return amount > largest
    ? err({ code: 'amount-too-large', maximum: largest })
    : err({ code: 'no-offer', why: 'none' });
}

/**
 * Where the amount is open. bLIP 52 §1: "The LSP, when ordering the `opening_fee_params_menu` array, MUST order": the first is
 * the cheapest.
 */
function anyAmount(menu: readonly OpeningFeeParams[]): Result<Offer, LspFailure> {
  const params = menu.find((one) => smallestPayment(one) !== null);
  return params === undefined ? err({ code: 'no-offer', why: 'none' }) : ok({ params, fee: null });
}

function least(menu: readonly OpeningFeeParams[]): Msat | null {
  let smallest: Msat | null = null;
  for (const params of menu) {
    const one = smallestPayment(params);
    if (one !== null && (smallest === null || one < smallest)) smallest = one;
  }
  return smallest;
}
