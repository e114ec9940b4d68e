import { sat, type FeeratePerKw, type Sat, type Weight } from '../base/units.ts';
import { FEERATE_FLOOR, feeAtLeast } from '../bitcoin/fee.ts';
import type { Feerates } from '../bitcoin/watch.ts';
import { closingWeight } from '../commitment/closing.ts';
import { mostFeeFor } from './claim-worth.ts';
import { closingFeeAt, type ClosingScripts } from './phases/shutdown/simple-offer.ts';

/**
 * Closing with a peer that sends no `fee_range`: both come closer by turns, and who has no step left has nothing to say.
 * LND comes down by a tenth of its own fee each time that it hears from us, until it is within a third of ours: so many
 * steps of ours reach from eight hundred times as much.
 */
export const HAGGLING_STEPS = 64n;

/**
 * The most that is paid then: `max`, but no less than a satoshi a step above what we find fair. It is said in the
 * `fee_range` of each answer to such a peer, and nothing is signed beyond it.
 */
export const haggledMax = (max: Sat, fair: Sat): Sat =>
  max > fair + HAGGLING_STEPS ? max : sat(fair + HAGGLING_STEPS);

/**
 * The least that is signed then, where `min` is all that we find fair: a satoshi for each virtual byte, which is what
 * is relayed. Our own floor is a hundredth above it, LND's is not.
 */
export const haggledMin = (min: Sat, weightUnits: Weight): Sat => {
  const relayed = sat(Math.ceil(weightUnits / 4));
  return min < relayed ? min : relayed;
};

/** Satoshis. LDK adds as much (`force_close_avoidance_max_fee_satoshis`). */
const AVOIDS_CLOSING_ALONE = 1_000n;
/** Of a fee, its part that whoever reckons the transaction some bytes larger may add. */
const LARGER = 8n;

/**
 * As opener: what we find fair at the rate that the close was asked for with, and the most that we pay. That is what is
 * urgent, but no less than twice what is normal, where that is 1,000 satoshis more at most: on a quiet day all estimates are
 * the same, and whoever reckons the transaction some bytes larger would find no room; Electrum closes alone then, which
 * costs more than this. A rate that is dearer was chosen, and has room for those bytes alone: LDK takes all that it may
 * where it is not the one who pays. Whatever estimates are by then, it is no more than half of the balance beside what was
 * asked for.
 * @param balance what is ours in the channel
 */
export function openerFees(
  rate: FeeratePerKw,
  { normal, urgent }: Pick<Feerates, 'normal' | 'urgent'>,
  scripts: ClosingScripts,
  balance: Sat,
): { readonly fair: Sat; readonly max: Sat } {
  const fair = closingFeeAt(rate, scripts);
  const usual = closingFeeAt(normal, scripts);
  const room = most(closingFeeAt(urgent, scripts), withRoom(usual, usual), withRoom(fair, fair / LARGER));
  const bound = most(fair, askedMax(balance, closingWeight([scripts.localScript, scripts.remoteScript])));
  return { fair, max: room < bound ? room : bound };
}

const withRoom = (fee: Sat, room: bigint): Sat =>
  sat(fee + (room < AVOIDS_CLOSING_ALONE ? room : AVOIDS_CLOSING_ALONE));

export const most = (...fees: readonly Sat[]): Sat => fees.reduce((a, b) => (b > a ? b : a));

/**
 * The most that we pay for a close that the peer asked for, or beyond what we asked for: nobody here saw a fee, and estimates
 * may be of a spike, or lies.
 * As for what is claimed after a force close, half of what it brings; but no less than what is relayed at all.
 */
export function askedMax(balance: Sat, weightUnits: Weight): Sat {
  const half = mostFeeFor(balance);
  const relayed = feeAtLeast(FEERATE_FLOOR, weightUnits);
  return half > relayed ? half : relayed;
}
