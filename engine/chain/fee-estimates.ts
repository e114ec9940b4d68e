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

/** Servers that are farther apart than that: one of them lies, or is broken. */
const FAR_APART = 10;
/** What one of two may raise the other's by. */
const MOST_RAISED = 3;

/** What each server has for a target, inside the band, lowest first. */
const answersFor = (answers: readonly Estimates[], blocks: number): readonly FeeratePerKw[] =>
  answers
    .flatMap((answer) => estimateFor(answer, blocks) ?? [])
    .map(perKw)
    .sort((a, b) => a - b);

/** The two in the middle, which are one and the same of an odd number. */
function middle(sorted: readonly FeeratePerKw[]): readonly [number, number] | null {
  const high = sorted[Math.floor(sorted.length / 2)];
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  return high === undefined || low === undefined ? null : [low, high];
}

const mean = (low: number, high: number): FeeratePerKw => feeratePerKw(Math.round((low + high) / 2));

/** Whether servers are so far apart about what is taken soon that the person has to know. */
export const estimatesDisagree = (answers: readonly Estimates[]): boolean =>
  [TARGETS.urgent, TARGETS.normal].some((blocks) => {
    const sorted = answersFor(answers, blocks);
    const [low, high] = [sorted[0], sorted.at(-1)];
    return low !== undefined && high !== undefined && high > low * FAR_APART;
  });

/**
 * One rate per purpose: the median over the servers, inside a sane band, and never cheaper for what is more urgent. Of
 * two that are far apart nobody knows which lies: at half of a ceiling all would be burnt that has a deadline, so what is
 * paid begins near the lower of them, and reaches what both say together when the deadline does (`dearer`). Null when no
 * server has an estimate.
 */
export function combineEstimates(answers: readonly Estimates[]): Feerates | null {
  const rate = (blocks: number): FeeratePerKw | null => {
    const found = middle(answersFor(answers, blocks));
    return found === null ? null : feeratePerKw(Math.min(mean(...found), found[0] * MOST_RAISED));
  };
  const minimum = rate(TARGETS.minimum);
  const background = rate(TARGETS.background);
  const normal = rate(TARGETS.normal);
  const soon = rate(TARGETS.urgent);
  if (minimum === null || background === null || normal === null || soon === null) return null;
  const least = Math.min(minimum, background);
  const slow = Math.max(background, least);
  const usual = Math.max(normal, slow);
  const urgent = feeratePerKw(Math.max(soon, usual));
  const [low, high] = middle(answersFor(answers, TARGETS.urgent)) ?? [urgent, urgent];
  const together = mean(low, high);
  return {
    minimum: feeratePerKw(least),
    background: feeratePerKw(slow),
    normal: feeratePerKw(usual),
    urgent,
    ...(together > urgent ? { dearer: together } : {}),
  };
}

const PEAK_SECONDS = 3 * 86_400;

/** The same with the highest urgent rate of the last three days, of which those of before know. */
export function withPeak(feerates: Feerates, { peak }: Feerates, now: Timestamp): Feerates {
  // A clock that was set back may have been years ahead: then it is as good as over.
  const isRecent = peak !== undefined && now >= peak.at && now - peak.at < PEAK_SECONDS;
  const rate = feerates.dearer ?? feerates.urgent;
  const lasts = isRecent && peak.rate > rate;
  return { ...feerates, peak: lasts ? peak : { rate, at: now } };
}
