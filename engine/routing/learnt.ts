import { asDoubt, successProbability } from './liquidity.ts';
import type { Bounds } from './bounds.ts';

/**
 * How likely the directed channel at `slot` can carry `flow`: within its bounds, and, where others told of its past, by
 * that in place of the prior. `capacity` and `flow` in millisatoshis.
 */
export function learntChance(
  { low, high, told, histories }: Bounds,
  slot: number,
  flow: number,
  capacity: number,
): number {
  const least = low[slot] ?? 0;
  const most = Math.min(capacity, high[slot] ?? 0);
  const directed = (told[slot] ?? 0) - 1;
  if (directed < 0 || histories === null) return successProbability(flow, least, most, capacity);
  if (flow <= least) return 1;
  if (flow >= most) return 0;
  const rest = histories.chance(directed, most / capacity);
  const span = histories.chance(directed, least / capacity) - rest;
  // A channel that always lay the same has no more to say of what lies between bounds so close.
  return span > 0
    ? (histories.chance(directed, flow / capacity) - rest) / span
    : successProbability(flow, least, most, capacity);
}

/** The same as −ln, for adding up. */
export const learntDoubt = (bounds: Bounds, slot: number, flow: number, capacity: number): number =>
  asDoubt(learntChance(bounds, slot, flow, capacity));
