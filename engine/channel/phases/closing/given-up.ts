import { outPointKey } from '../../../base/ids.ts';
import { feeratePerKw, sat, type Sat } from '../../../base/units.ts';
import type { Claim } from '../../../commitment/claim.ts';
import { isWorthAt, isWorthTaking, PATIENT_BLOCKS } from '../../claim-worth.ts';
import type { Env } from '../../env.ts';
import type { Closing, FundingSpend } from '../../state.ts';
import { claimsOf } from './claims.ts';
import { dueFrom } from './due.ts';

/** Four weeks: as long as a fashion lasts, and as long again as little is paid for what waits for nobody. */
const PATIENCE = 2 * PATIENT_BLOCKS;
/** Ten satoshis a virtual byte: what is worth more than this is waited for, however dear it is to take now. */
const DEAR = 2_500;

/**
 * It is left where it is: taking it costs more than we would pay even when fees are lowest; or it could have been taken
 * for four weeks, fees still eat it, and it is little. Only then does the channel end without it.
 */
export function isGivenUp(
  closing: Closing,
  spend: FundingSpend,
  claim: Claim,
  { height, feerates }: Env,
): boolean {
  if (!isWorthTaking(claim)) return true;
  const from = dueFrom(closing, spend, claim);
  const dear = feeratePerKw(Math.min(DEAR, feerates.background));
  return from !== null && height >= from + PATIENCE && !isWorthAt(claim, dear);
}

/** What a close leaves behind so. */
export const leftBehind = (closing: Closing, spend: FundingSpend, env: Env): Sat =>
  sat(
    claimsOf(closing, spend, env)
      .filter(
        (claim) =>
          !closing.resolved.has(outPointKey(claim.outPoint)) && isGivenUp(closing, spend, claim, env),
      )
      .reduce((sum, { amount }) => sum + amount, 0n),
  );
