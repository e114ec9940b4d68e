import type { TxId } from '../../base/ids.ts';
import { feeratePerKw, type BlockHeight, type FeeratePerKw } from '../../base/units.ts';
import { feerateOf, FEERATE_FLOOR } from '../../bitcoin/fee.ts';
import { txIdOf, weightOf } from '../../bitcoin/tx.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import { CEILING } from '../../chain/fee-estimates.ts';
import { feerateOfAttempt } from './attempt.ts';
import type { Group } from './group.ts';

/** More blocks than this to a deadline: no hurry at all. */
const RELAXED = 144;
/** From here on the rate goes from normal to urgent, */
const NEAR = 18;
/** and from here on beyond, by a quarter with each block: as if estimates were too low. */
const CLOSE = 6;
const PER_BLOCK = 1.25;
/** From here on what was not taken at the lower of two servers' rates goes to the dearer's. */
const DOUBTED = 12;
/** A replacement pays more by a tenth at least. */
const WORTH = 1.1;
/** Past the deadline it is a race; no need to count further. */
const MOST_STEPS = 12;

/**
 * What a claim with this deadline should pay now. It follows from the height and the estimates alone, so that a restart
 * asks for the same; with the same estimates it never falls as blocks come.
 */
export function feerateFor(
  deadline: BlockHeight | null,
  height: BlockHeight,
  { background, normal, urgent, dearer }: Feerates,
): FeeratePerKw {
  if (deadline === null) return normal;
  const left = deadline - height;
  if (left > RELAXED) return background;
  if (left >= NEAR) return normal;
  const beyond = PER_BLOCK ** Math.max(0, Math.min(MOST_STEPS, CLOSE - left));
  const usual =
    left >= CLOSE ? normal * (urgent / normal) ** ((NEAR - left) / (NEAR - CLOSE)) : urgent * beyond;
  if (dearer === undefined || !isDoubted(deadline, height)) return rate(usual);
  const share = Math.min(1, (DOUBTED - left) / (DOUBTED - CLOSE));
  return rate(Math.max(usual, urgent * (dearer.urgent / urgent) ** share * beyond));
}

/** So near that what servers say of fees may be what stands in the way: then anything is tried. */
export const isDoubted = (deadline: BlockHeight | null, height: BlockHeight): boolean =>
  deadline !== null && deadline - height < DOUBTED;

const rate = (value: number): FeeratePerKw => feeratePerKw(Math.min(CEILING, Math.ceil(value)));

export type Market = {
  readonly height: BlockHeight;
  readonly feerates: Feerates;
  /** Servers refuse these for their fee. */
  readonly tooLow: Pick<ReadonlySet<TxId>, 'has'>;
  /** The user wants this group to pay at least so much. */
  readonly wish?: FeeratePerKw;
};

/** What a new transaction should pay, and what it has to pay at least to be worth its while. */
export type Price = {
  readonly feerate: FeeratePerKw;
  readonly least: FeeratePerKw;
  /** Where coins do not reach for `feerate`, what they reach will do, down to `least`. */
  readonly withinReach?: true;
};

/**
 * Null when what is on its way is good, or nothing is wanted.
 * BOLT 5 §Failing a Channel: "SHOULD use replace-by-fee or other mechanism on the spending transaction if it proves
 * insufficient for timely inclusion in a block."
 */
export function priceOf(group: Group, market: Market): Price | null {
  const wish = market.wish ?? feeratePerKw(0);
  const wanted = feeratePerKw(Math.max(wish, scheduled(group, market)));
  const { current, lift } = group;
  if (current === null) {
    // Whatever estimates say: no server takes it as it is, so that the least which is taken is found by trying.
    if (lift !== null && market.tooLow.has(txIdOf(lift.parent))) {
      const paid = feerateOf(lift.fee, weightOf(lift.parent));
      return { feerate: rate(Math.max(wanted, paid * PER_BLOCK)), least: rate(paid * WORTH) };
    }
    // BOLT 5 §Failing a Channel: "MUST spend any `to_local_anchor` output, providing sufficient fees as incentive to
    // include the commitment transaction in a block."
    // DIVERGES from BOLT 5 §Failing a Channel: because a commitment that pays enough by itself needs no child.
    if (wanted === 0 || (lift !== null && feerateOf(lift.fee, weightOf(lift.parent)) >= wanted)) return null;
    return { feerate: wanted, least: FEERATE_FLOOR };
  }
  const paid = feerateOfAttempt(current, lift);
  if (market.tooLow.has(current.id) && mayOutbid(group))
    return { feerate: rate(Math.max(wanted, paid * PER_BLOCK)), least: rate(paid * WORTH) };
  // Each replacement costs a relay fee of its own: it has to be worth it, less so when time is short.
  const worth = market.wish !== undefined || group.deadline !== null ? WORTH : PER_BLOCK;
  return wanted > paid * worth ? { feerate: wanted, least: rate(paid * worth) } : null;
}

function scheduled({ deadline, lift }: Group, { height, feerates }: Market): FeeratePerKw {
  if (lift === null || deadline !== null) return feerateFor(deadline, height, feerates);
  // Nothing but money that waits anyway: the peer's commitment is the peer's to hurry.
  return lift.owner === 'local' ? feerates.background : feeratePerKw(0);
}

/**
 * A payment that the peer takes with its preimage while ours waits has reached whom it was for: ours stays as it is, in
 * case that the other never confirms.
 */
const mayOutbid = ({ claims, current }: Group): boolean =>
  !claims.some(
    ({ claim, spent }) =>
      (claim.kind === 'htlc-timeout' || claim.kind === 'claim-htlc-timeout') &&
      spent !== null &&
      spent.txId !== current?.id,
  );
