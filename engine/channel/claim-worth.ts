import { sat, weight, type FeeratePerKw, type Sat } from '../base/units.ts';
import { feeAtLeast, FEERATE_FLOOR } from '../bitcoin/fee.ts';
import { outputSize } from '../bitcoin/tx.ts';
import { claimWeight, isComplete, needsFeeInputs, type Claim } from '../commitment/claim.ts';
import { WALLET_INPUT_WEIGHT, WALLET_OUTPUT_WEIGHT } from '../commitment/expected-weights.ts';

/** Version, lock time, counts, BIP 144's marker and flag; and one P2WPKH output. */
const FRAME = 4 * 10 + 2 + WALLET_OUTPUT_WEIGHT;
/** What takes the output of an HTLC transaction later. */
const SECOND_STAGE = 490;

/**
 * The most that one transaction may pay in fees for what is worth `amount`: half of it. What may come before or after (a
 * child of the commitment that holds it, the transaction that takes the output of an HTLC transaction) is paid from the
 * rest: see node/claims/budget.ts.
 */
export const mostFeeFor = (amount: Sat): Sat => sat(amount / 2n);

/** What waits for nobody pays less than that for so long after it can be taken: see node/claims/budget.ts. */
export const PATIENT_BLOCKS = 2_016;

/** False for what costs more than we would pay for it even when fees are lowest: it is left where it is. */
export const isWorthTaking = (claim: Claim): boolean => isWorthAt(claim, FEERATE_FLOOR);

/** False for what costs more than we would pay for it at this fee rate. */
export function isWorthAt(claim: Claim, feerate: FeeratePerKw): boolean {
  if (isComplete(claim)) return true;
  const more = needsFeeInputs(claim)
    ? 4 * outputSize(claim.pairedOutput?.script ?? new Uint8Array()) + WALLET_INPUT_WEIGHT + SECOND_STAGE
    : 0;
  const least = feeAtLeast(feerate, weight(claimWeight(claim) + FRAME + more));
  return least <= mostFeeFor(claim.amount) && claim.amount >= DUST + least;
}

/** Of a P2WPKH output. */
const DUST = 294n;
