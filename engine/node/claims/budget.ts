import { outPointKey, type TxId } from '../../base/ids.ts';
import { sat, type BlockHeight, type FeeratePerKw, type Sat } from '../../base/units.ts';
import { weightOf, type Tx } from '../../bitcoin/tx.ts';
import type { ClaimDemand, Lift, OpenClaim } from '../../channel/claim-demand.ts';
import { mostFeeFor, PATIENT_BLOCKS } from '../../channel/claim-worth.ts';
import { needsFeeInputs } from '../../commitment/claim.ts';
import { liftFee } from '../../commitment/expected-weights.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import type { WalletState } from '../../wallet/wallet-state.ts';
import { claimsIn } from './attempt.ts';

/** What the wallet paid already for outputs of commitments. */
export type Spent = {
  /** Children of commitments that are in a block or may get there, by the commitment's id. */
  readonly lifts: ReadonlyMap<TxId, bigint>;
  /** HTLC transactions that are, by their own. */
  readonly firsts: ReadonlyMap<TxId, { readonly tx: Tx; readonly fee: bigint }>;
};

export function spentOn(wallet: WalletState): Spent {
  const ledger = ledgerOf(wallet);
  const lifts = new Map<TxId, bigint>();
  const firsts = new Map<TxId, { readonly tx: Tx; readonly fee: bigint }>();
  for (const [id, entry] of claimsIn(wallet)) {
    const { tx, purpose } = entry;
    if (purpose === null || !PAID_BY_COINS.has(purpose) || !ledger.isLive(id)) continue;
    const fee = ledger.feeOf(entry) ?? 0n;
    if (purpose !== 'anchor-bump') firsts.set(id, { tx, fee });
    // The anchor, and coins of the wallet, which no output of a commitment is.
    else
      for (const txId of new Set(tx.inputs.map(({ outPoint }) => outPoint.txId)))
        lifts.set(txId, (lifts.get(txId) ?? 0n) + fee);
  }
  return { lifts, firsts };
}

const PAID_BY_COINS: ReadonlySet<string> = new Set(['anchor-bump', 'htlc-success', 'htlc-timeout']);

/** Of an HTLC this is kept for what takes the output of its HTLC transaction, which can wait for low fees. */
const KEPT = 8n;
/** Satoshis: an HTLC transaction, and what follows it, when fees are lowest. Less would have it wait for ever. */
const LEAST_FIRST = 400n;
const LEAST_SECOND = 200n;

/**
 * What nobody else can take is in no hurry, and fee rates of one day, or of a server that lies, are not to eat half of it:
 * for so many blocks after it is due it pays no more than this part; nor does a child that lifts the commitment for its sake.
 */
export const PATIENT_PART = 8n;

/** `isHurried`: who owns it asks for more. */
export type Pace = { readonly height: BlockHeight; readonly isHurried: boolean };

/**
 * The most that may be paid for taking these now. A child of the commitment may cost half of what it is for, an HTLC
 * transaction half of its HTLC, and what takes its output half of that; but all three together no more than the HTLC is
 * worth, beyond what the lowest fees ask.
 */
export function budgetOf(claims: readonly OpenClaim[], { open }: ClaimDemand, spent: Spent, pace: Pace): Sat {
  return sat(
    claims.reduce((sum, one) => {
      const budget = budgetOfOne(one, open, spent);
      const patient = most(one.claim.amount / PATIENT_PART, LEAST_SECOND);
      return sum + (isPatient(one, pace) && patient < budget ? patient : budget);
    }, 0n),
  );
}

/**
 * The most that a child of a commitment may pay. A small HTLC with a deadline lets it pay no more than half of that, but
 * what else the commitment holds waits for the same block: for its sake as much as the lowest estimate asks is paid in any
 * case, as if there were no HTLC. Where nothing has a deadline all of it is patient, until the user is not.
 */
export function mostForLift(
  { parent, fee, deadline, mostFee, mostAtLeisure }: Lift,
  background: FeeratePerKw,
  isHurried: boolean,
): Sat {
  const leisure = isHurried ? mostAtLeisure : sat((mostAtLeisure * 2n) / PATIENT_PART);
  if (deadline === null) return leisure;
  const asked = liftFee(background, { weight: weightOf(parent), fee });
  return sat(most(mostFee, asked < leisure ? asked : leisure));
}

/** What waits for no block before it can be taken is not due before the commitment that holds it is in one. */
function isPatient({ claim, deadline, contested, from }: OpenClaim, { height, isHurried }: Pace): boolean {
  if (isHurried || deadline !== null || contested || from === null) return false;
  return height < from + PATIENT_BLOCKS || (claim.kind === 'remote-main' && from === 0);
}

function budgetOfOne(one: OpenClaim, open: readonly OpenClaim[], spent: Spent): bigint {
  const { amount, kind, outPoint } = one.claim;
  const half = mostFeeFor(amount);
  const within = (rest: bigint, least: bigint): bigint =>
    most(least, rest) < half ? most(least, rest) : half;
  if (needsFeeInputs(one.claim))
    // With a deadline, it is this or the HTLC: what was paid before, perhaps for another's sake, does not come back by it.
    return one.deadline !== null
      ? half
      : within(amount - liftShare(one, open, spent) - most(amount / KEPT, LEAST_SECOND), LEAST_FIRST);
  const first = kind === 'htlc-delayed' ? spent.firsts.get(outPoint.txId) : undefined;
  if (first === undefined) return half;
  const inputs = new Set(first.tx.inputs.map((input) => outPointKey(input.outPoint)));
  const beside = open.filter(({ claim }) => needsFeeInputs(claim) && inputs.has(outPointKey(claim.outPoint)));
  // BOLT 3: the output of an HTLC stands at the index of its input.
  const input = first.tx.inputs[outPoint.index];
  const own =
    input && beside.find(({ claim }) => outPointKey(claim.outPoint) === outPointKey(input.outPoint));
  if (own === undefined) return half;
  const paid = part(first.fee, amount, sumOf(beside)) + liftShare(own, open, spent);
  return within(amount - paid, LEAST_SECOND);
}

/** Whatever the child was for bears its part: what has a deadline, or where nothing has, all of it. */
function liftShare(one: OpenClaim, open: readonly OpenClaim[], { lifts }: Spent): bigint {
  const { txId } = one.claim.outPoint;
  const fee = lifts.get(txId);
  if (fee === undefined) return 0n;
  const beside = open.filter(({ claim }) => claim.outPoint.txId === txId);
  const urgent = beside.filter(({ deadline }) => deadline !== null);
  const sharers = urgent.length > 0 ? urgent : beside;
  return sharers.includes(one) ? part(fee, one.claim.amount, sumOf(sharers)) : 0n;
}

const sumOf = (open: readonly OpenClaim[]): bigint => open.reduce((sum, { claim }) => sum + claim.amount, 0n);
/** Rounded up. */
const part = (fee: bigint, amount: bigint, of: bigint): bigint => (fee * amount + of - 1n) / of;
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
