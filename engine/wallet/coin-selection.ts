import type { FeeratePerKw, Sat } from '../base/units.ts';
import { sat, weight } from '../base/units.ts';
import { feeAtLeast } from '../bitcoin/fee.ts';

/** What selection needs to know of a coin. */
export type Candidate = { readonly amount: Sat; readonly weight: number; readonly confirmed: boolean };

export type SelectionTarget = {
  /** What the coins must cover besides the fee; negative when inputs that are set already bring more. */
  readonly amount: bigint;
  /** Of the transaction without the coins and without change. */
  readonly baseWeight: number;
  readonly feerate: FeeratePerKw;
  /** Added to the fee by weight: what a parent lacks, or what replacing another costs. */
  readonly extraFee: Sat;
  readonly changeWeight: number;
  /** Change below this is not made: it goes to the fee. */
  readonly leastChange: Sat;
};

export type Selection = {
  /** Into the candidates. */
  readonly indices: readonly number[];
  readonly fee: Sat;
  /** Null when what is left over is worth less than an output for it. */
  readonly change: Sat | null;
};

/** Tries of the exact search; enough for dozens of coins, and bounded for thousands. */
const TRIES = 20_000;
/** The exact search looks at so many coins: it recurses once for each. */
const EXACT_COINS = 100;

/**
 * Coins that cover the target: without change when some fit closely (branch and bound, as Bitcoin Core), else the
 * smallest that suffices alone, else the largest until it is enough. Confirmed coins come first. Deterministic. Null
 * when all of them together are too little.
 */
export function selectCoins(candidates: readonly Candidate[], target: SelectionTarget): Selection | null {
  if (needed(target) <= 0n) return settle(candidates, [], target);
  const confirmed = candidates.map(({ confirmed }) => confirmed);
  const cheapest = (accepts: (i: number) => boolean): Selection | null => {
    const useful = candidates
      .map((candidate, index) => ({ index, value: effectiveValue(candidate, target.feerate) }))
      .filter(({ index, value }) => value > 0n && accepts(index))
      .sort((a, b) => (a.value === b.value ? a.index - b.index : a.value > b.value ? -1 : 1));
    const indices = exactly(useful, target) ?? single(useful, target) ?? largest(useful, target);
    return indices && settle(candidates, indices, target);
  };
  return cheapest((i) => confirmed[i] === true) ?? cheapest(() => true);
}

/** What spending a coin leaves of it. */
export const effectiveValue = (coin: Candidate, feerate: FeeratePerKw): bigint =>
  coin.amount - feeAtLeast(feerate, weight(coin.weight));

/** Fee and change for coins that are chosen; null when they do not cover the target. */
export function settle(
  candidates: readonly Candidate[],
  indices: readonly number[],
  target: SelectionTarget,
): Selection | null {
  const chosen = indices.map((index) => candidates[index]).filter((coin) => coin !== undefined);
  const total = chosen.reduce((sum, { amount }) => sum + amount, 0n);
  const units = chosen.reduce((sum, coin) => sum + coin.weight, target.baseWeight);
  const fee = feeAtLeast(target.feerate, weight(units)) + target.extraFee;
  const rest = total - target.amount - fee;
  if (rest < 0n) return null;
  const changeFee = feeAtLeast(target.feerate, weight(units + target.changeWeight)) + target.extraFee;
  const change = total - target.amount - changeFee;
  return change >= target.leastChange
    ? { indices, fee: sat(changeFee), change: sat(change) }
    : { indices, fee: sat(fee + rest), change: null };
}

type Valued = { readonly index: number; readonly value: bigint };

const needed = (target: SelectionTarget): bigint =>
  target.amount + feeAtLeast(target.feerate, weight(target.baseWeight)) + target.extraFee;

/** Depth first over "with" and "without" each coin, largest first; the closest fit wins. */
function exactly(all: readonly Valued[], target: SelectionTarget): readonly number[] | null {
  const least = needed(target);
  const most = comfortable(target);
  const coins = all.filter(({ value }) => value < most).slice(0, EXACT_COINS);
  const remaining = Array.from<bigint>({ length: coins.length + 1 }).fill(0n);
  for (let i = coins.length - 1; i >= 0; i--)
    remaining[i] = (remaining[i + 1] ?? 0n) + (coins[i]?.value ?? 0n);
  let best: { readonly sum: bigint; readonly indices: readonly number[] } | null = null;
  let tries = TRIES;
  const chosen: number[] = [];
  const visit = (i: number, sum: bigint): void => {
    if (tries-- <= 0 || sum >= most || sum + (remaining[i] ?? 0n) < least) return;
    if (sum >= least) {
      if (best === null || sum < best.sum) best = { sum, indices: [...chosen] };
      return;
    }
    const coin = coins[i];
    if (coin === undefined) return;
    chosen.push(coin.index);
    visit(i + 1, sum + coin.value);
    chosen.pop();
    visit(i + 1, sum);
  };
  visit(0, 0n);
  return (best as { readonly indices: readonly number[] } | null)?.indices ?? null;
}

/** Enough for the target and for change that is worth making. */
const comfortable = (target: SelectionTarget): bigint =>
  needed(target) + feeAtLeast(target.feerate, weight(target.changeWeight)) + target.leastChange;

function single(coins: readonly Valued[], target: SelectionTarget): readonly number[] | null {
  const coin = coins.findLast(({ value }) => value >= comfortable(target));
  return coin === undefined ? null : [coin.index];
}

function largest(coins: readonly Valued[], target: SelectionTarget): readonly number[] {
  const indices: number[] = [];
  let sum = 0n;
  for (const { index, value } of coins) {
    if (sum >= comfortable(target)) break;
    indices.push(index);
    sum += value;
  }
  // When these are all there are, `settle` has the last word: the fee of the whole rounds up once.
  return indices;
}
