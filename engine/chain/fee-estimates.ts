import type { Network } from '../base/network.ts';
import { feeratePerKw, type FeeratePerKw, type Timestamp } from '../base/units.ts';
import { FEERATE_FLOOR, MOST_RAISED } from '../bitcoin/fee.ts';
import type { Feerates } from '../bitcoin/watch.ts';

/** sat/vB by confirmation target in blocks, as one server answers. */
export type Estimates = ReadonlyMap<string, number>;

/** 1,000 sat/vB: past anything that was ever needed, so what is above it is a mistake or a lie. */
export const CEILING = feeratePerKw(250_000);

/** Blocks until confirmation that each rate aims at. */
const TARGETS = { urgent: 2, normal: 6, background: 144, minimum: 1_008 } as const;
export type FeeTargets = typeof TARGETS;

/** Blocks within which what pays this rate should be in one, by these estimates. */
export function blocksAt(rate: FeeratePerKw, feerates: Feerates): number {
  const reached = (['urgent', 'normal', 'background'] as const).find((purpose) => rate >= feerates[purpose]);
  return TARGETS[reached ?? 'minimum'];
}

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

/**
 * The estimate for the longest target that is not longer than `blocks`, else the shortest there is. Who waits longer pays
 * no more than who does not: what a server says against that is not believed.
 */
function estimateFor(estimates: Estimates, blocks: number): number | null {
  const targets = [...estimates]
    .map(([key, rate]) => [Number(key), rate] as const)
    .filter(([target]) => Number.isInteger(target) && target > 0)
    .sort(([a], [b]) => a - b);
  const within = targets.filter(([target]) => target <= blocks);
  const rates = (within.length > 0 ? within : targets.slice(0, 1)).map(([, rate]) => rate);
  return rates.length > 0 ? Math.min(...rates) : null;
}

/** 400 sat/vB: of two that are far apart the dearer is not believed beyond, which mempools asked for for hours alone. */
const MOST_BELIEVED = 100_000;

/** What those in the middle have for a target, inside the band; one has both of an odd number. */
function middle(answers: readonly Estimates[], blocks: number): readonly [number, number] | null {
  const sorted = answers
    .flatMap((answer) => estimateFor(answer, blocks) ?? [])
    .map(perKw)
    .sort((a, b) => a - b);
  const high = sorted[Math.floor(sorted.length / 2)];
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  return high === undefined || low === undefined ? null : [low, high];
}

/** As a server would say it. */
export const estimatesOf = ({ urgent, normal, background, minimum }: Feerates): Estimates =>
  new Map(
    Object.entries({ urgent, normal, background, minimum }).map(([purpose, rate]) => [
      String(TARGETS[purpose as keyof typeof TARGETS]),
      rate / 250,
    ]),
  );

/**
 * One rate per purpose: the median over the servers, inside a sane band, and never cheaper for what is more urgent. Of
 * two that are far apart nobody knows which is right: at half of a ceiling all would be burnt that has a deadline, and
 * at the floor nothing is mined. So what is paid begins near the lower of them, and reaches the other in time for the
 * deadline (`dearer`). Null when no server has an estimate.
 */
export function combineEstimates(answers: readonly Estimates[]): Feerates | null {
  const [minimum, background, normal, urgent] = (['minimum', 'background', 'normal', 'urgent'] as const).map(
    (purpose) => middle(answers, TARGETS[purpose]),
  );
  if (!minimum || !background || !normal || !urgent) return null;
  const pairs = [minimum, background, normal, urgent];
  const near = ordered(pairs.map(([low, high]) => Math.min(mean(low, high), low * MOST_RAISED)));
  if (pairs.every(([low, high]) => mean(low, high) <= low * MOST_RAISED)) return near;
  const believed = (low: number, high: number): number => Math.max(low, Math.min(high, MOST_BELIEVED));
  const between = ordered(pairs.map(([low, high]) => mean(low, believed(low, high))));
  return {
    ...near,
    dearer: {
      urgent: feeratePerKw(Math.max(near.urgent, ...pairs.map(([low, high]) => believed(low, high)))),
      background: between.background,
      minimum: between.minimum,
    },
  };
}

const mean = (low: number, high: number): number => Math.round((low + high) / 2);

/** None cheaper than one that is less urgent; what mempools take at all is no dearer than a day's. */
function ordered([minimum = 0, background = 0, normal = 0, urgent = 0]: readonly number[]): Omit<
  Feerates,
  'dearer' | 'peak'
> {
  const usual = Math.max(normal, background);
  return {
    minimum: feeratePerKw(Math.min(minimum, background)),
    background: feeratePerKw(background),
    normal: feeratePerKw(usual),
    urgent: feeratePerKw(Math.max(urgent, usual)),
  };
}

const PEAK_SECONDS = 3 * 86_400;

/** The same with the highest urgent rate of the last three days, of which those of before know. */
export function withPeak(feerates: Feerates, { peak }: Feerates, now: Timestamp): Feerates {
  // A clock that was set back may have been years ahead: then it is as good as over.
  const isRecent = peak !== undefined && now >= peak.at && now - peak.at < PEAK_SECONDS;
  const rate = (feerates.dearer ?? feerates).urgent;
  const lasts = isRecent && peak.rate > rate;
  return { ...feerates, peak: lasts ? peak : { rate, at: now } };
}
