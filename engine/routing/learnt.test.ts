import { describe, expect, it } from 'vitest';
import { Histories, HISTORY_BUCKETS, HISTORY_LENGTH } from './histories.ts';
import { learntChance, learntDoubt } from './learnt.ts';
import { successProbability } from './liquidity.ts';
import type { Bounds } from './bounds.ts';

/** Bounds of one directed channel in slot 1, and what its history says. */
function bounds(low: number, high: number, counts: Uint16Array | null): Bounds {
  return {
    slots: Int32Array.of(1, 2),
    low: Float64Array.of(0, low),
    high: Float64Array.of(0, high),
    told: Int32Array.of(0, counts === null ? 0 : 1),
    histories: counts === null ? null : new Histories(counts),
  };
}

/** It has lain on that side for as long as can be told: nearly all of it, nearly always. */
function alwaysFull(): Uint16Array {
  const counts = new Uint16Array(HISTORY_LENGTH);
  counts.fill(0xffff, HISTORY_BUCKETS - 8, HISTORY_BUCKETS);
  counts[HISTORY_BUCKETS] = 0xffff;
  return counts;
}

const CAPACITY = 10_000_000_000;

describe('the chance of a channel of which something was learnt', () => {
  it('is told by its history within the bounds', () => {
    const told = bounds(1_000_000, 9_999_000_000, alwaysFull());
    expect(learntChance(told, 1, 1_000_000, CAPACITY)).toBe(1);
    expect(learntChance(told, 1, 9_999_000_000, CAPACITY)).toBe(0);
    expect(learntChance(told, 1, 5_000_000_000, CAPACITY)).toBeGreaterThan(0.99);
    expect(learntChance(bounds(1_000_000, 9_999_000_000, null), 1, 5_000_000_000, CAPACITY)).toBeCloseTo(
      0.5,
      2,
    );
  });

  it('is what the prior says where a history tells the bounds not apart', () => {
    // Within its first share of the capacity, as likely at both ends of it in 24 bits.
    const [low, flow, high] = [1_000, 100_000, 400_000];
    const prior = successProbability(flow, low, high, CAPACITY);
    expect(prior).toBeCloseTo(0.75, 1);
    const told = bounds(low, high, alwaysFull());
    expect(learntChance(told, 1, flow, CAPACITY)).toBe(prior);
    expect(learntDoubt(told, 1, flow, CAPACITY)).toBe(-Math.log(prior));
  });

  it('is a chance where bounds are nearer to each other than doubles tell apart', () => {
    expect(successProbability(1_000, 1_000 - 1e-12, 1_000 + 1e-12, 1e12)).toBeCloseTo(0.5, 1);
  });
});
