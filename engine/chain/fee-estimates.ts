import type { Network } from '../base/network.ts';
import { feeratePerKw, type FeeratePerKw, type Timestamp } from '../base/units.ts';
import { FEERATE_FLOOR } from '../bitcoin/fee.ts';
import type { Feerates } from '../bitcoin/watch.ts';

/** sat/vB by confirmation target in blocks, as one server answers. */
export type Estimates = ReadonlyMap<string, number>;

/** 1,000 sat/vB: past anything that was ever needed, so what is above it is a mistake or a lie. */
export const CEILING = feeratePerKw(250_000);

/** Blocks until confirmation that each rate aims at. */
const TARGETS = { urgent: 2, normal: 6, background: 144, minimum: 1_008 } as const;

const rates = (urgent: number, normal: number, background: number): Feerates => ({
  urgent: feeratePerKw(urgent),
  normal: feeratePerKw(normal),
  background: feeratePerKw(background),
  minimum: FEERATE_FLOOR,
});

/** While no server has an estimate: a fresh chain answers `{}`. */
export const fallbackFeerates = (network: Network): Feerates =>
  network === 'mainnet' ? rates(5_000, 2_500, 1_000) : rates(2_500, 1_250, 500);

const perKw = (satPerVb: number): FeeratePerKw =>
  feeratePerKw(Math.round(Math.min(CEILING, Math.max(FEERATE_FLOOR, satPerVb * 250))));

/** The estimate for the longest target that is not longer than `blocks`, else the shortest there is. */
function estimateFor(estimates: Estimates, blocks: number): number | null {
  const targets = [...estimates]
    .map(([key, rate]) => [Number(key), rate] as const)
    .filter(([target]) => Number.isInteger(target) && target > 0)
    .sort(([a], [b]) => a - b);
  return (targets.findLast(([target]) => target <= blocks) ?? targets[0])?.[1] ?? null;
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const high = sorted[Math.floor(sorted.length / 2)];
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  return high === undefined || low === undefined ? null : (low + high) / 2;
}

/**
 * One rate per purpose: the median over the servers, inside a sane band, and never cheaper for what is more urgent.
 * Null when no server has an estimate.
 */
export function combineEstimates(answers: readonly Estimates[]): Feerates | null {
  const rate = (blocks: number): FeeratePerKw | null => {
    const found = median(answers.flatMap((answer) => estimateFor(answer, blocks) ?? []));
    return found === null ? null : perKw(found);
  };
  const minimum = rate(TARGETS.minimum);
  const background = rate(TARGETS.background);
  const normal = rate(TARGETS.normal);
  const urgent = rate(TARGETS.urgent);
  if (minimum === null || background === null || normal === null || urgent === null) return null;
  const least = Math.min(minimum, background);
  const slow = Math.max(background, least);
  const middle = Math.max(normal, slow);
  return {
    minimum: feeratePerKw(least),
    background: feeratePerKw(slow),
    normal: feeratePerKw(middle),
    urgent: feeratePerKw(Math.max(urgent, middle)),
  };
}

const PEAK_SECONDS = 3 * 86_400;

/** The same with the highest urgent rate of the last three days, of which those of before know. */
export function withPeak(feerates: Feerates, { peak }: Feerates, now: Timestamp): Feerates {
  // A clock that was set back may have been years ahead: then it is as good as over.
  const isRecent = peak !== undefined && now >= peak.at && now - peak.at < PEAK_SECONDS;
  const lasts = isRecent && peak.rate > feerates.urgent;
  return { ...feerates, peak: lasts ? peak : { rate: feerates.urgent, at: now } };
}
