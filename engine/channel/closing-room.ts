import { sat, type Sat, type Weight } from '../base/units.ts';
import { FEERATE_FLOOR, feeAtLeast } from '../bitcoin/fee.ts';
import { mostFeeFor } from './claim-worth.ts';

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

/**
 * The most that we pay as opener: what is urgent costs, but no less than twice what we find fair, where that is 1,000 satoshis more at most. On
 * a quiet day all estimates are the same, and whoever reckons the transaction some bytes larger would find no room: Electrum
 * closes alone then, which costs more than this.
 */
export function openerMax(fair: Sat, urgent: Sat): Sat {
  const roomy = sat(fair + (fair < AVOIDS_CLOSING_ALONE ? fair : AVOIDS_CLOSING_ALONE));
  return urgent > roomy ? urgent : roomy;
}

/**
 * The most that we pay for a close that the peer asked for: nobody here saw a fee, and estimates may be of a spike, or lies.
 * As for what is claimed after a force close, half of what it brings; but no less than what is relayed at all.
 */
export function askedMax(balance: Sat, weightUnits: Weight): Sat {
  const half = mostFeeFor(balance);
  const relayed = feeAtLeast(FEERATE_FLOOR, weightUnits);
  return half > relayed ? half : relayed;
}
