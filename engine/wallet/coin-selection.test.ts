import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feeratePerKw, sat, weight } from '../base/units.ts';
import { feeAtLeast } from '../bitcoin/fee.ts';
import { selectCoins, type Candidate, type SelectionTarget } from './coin-selection.ts';

const coin = (amount: number | bigint, confirmed = true): Candidate => ({
  amount: sat(amount),
  weight: 271,
  confirmed,
});
const target = (amount: number, more: Partial<SelectionTarget> = {}): SelectionTarget => ({
  amount: BigInt(amount),
  baseWeight: 170,
  feerate: feeratePerKw(1_000),
  extraFee: sat(0),
  changeWeight: 124,
  leastChange: sat(300),
  ...more,
});

describe('coin selection', () => {
  it('takes a close fit and makes no change', () => {
    const coins = [coin(100_000), coin(30_000), coin(20_000), coin(7_000)];
    expect(selectCoins(coins, target(50_000 - 170 - 2 * 271))).toEqual({
      indices: [1, 2],
      fee: 170n + 2n * 271n,
      change: null,
    });
  });

  it('gives what is left to the fee when it is worth less than change', () => {
    expect(selectCoins([coin(10_000)], target(9_300))).toMatchObject({ fee: 700n, change: null });
  });

  it('else takes the smallest that suffices alone', () => {
    const coins = [coin(100_000), coin(60_000), coin(40_000)];
    expect(selectCoins(coins, target(50_000))).toEqual({
      indices: [1],
      fee: 170n + 271n + 124n,
      change: 60_000n - 50_000n - 565n,
    });
  });

  it('prefers confirmed coins', () => {
    const coins = [coin(51_000, false), coin(200_000)];
    expect(selectCoins(coins, target(50_000))?.indices).toEqual([1]);
    expect(selectCoins(coins, target(240_000))?.indices).toEqual([1, 0]);
  });

  it('leaves coins alone that cost more than they are worth', () => {
    const coins = [...Array.from({ length: 50 }, () => coin(200)), coin(10_000)];
    expect(selectCoins(coins, target(5_000))?.indices).toEqual([50]);
    expect(selectCoins(coins.slice(0, 50), target(1_000))).toBeNull();
  });

  it('is bounded for thousands of coins', () => {
    const coins = Array.from({ length: 5_000 }, (_, i) => coin(10_000 + i));
    expect(selectCoins(coins, target(40_000_000))?.indices.length).toBeGreaterThan(2_700);
  });

  const scene = fc.record({
    coins: fc.array(
      fc.record({
        amount: fc.bigInt({ min: 1n, max: 10_000_000n }).map(sat),
        weight: fc.constantFrom(230, 271),
        confirmed: fc.boolean(),
      }),
      { maxLength: 40 },
    ),
    amount: fc.bigInt({ min: -1_000_000n, max: 20_000_000n }),
    feerate: fc.integer({ min: 253, max: 50_000 }).map(feeratePerKw),
    extraFee: fc.bigInt({ min: 0n, max: 10_000n }).map(sat),
    leastChange: fc.bigInt({ min: 294n, max: 20_000n }).map(sat),
  });

  it('conserves value, pays at least the rate, and never more than change would have cost', () => {
    fc.assert(
      fc.property(scene, ({ coins, amount, feerate, extraFee, leastChange }) => {
        const asked = { amount, baseWeight: 200, feerate, extraFee, changeWeight: 124, leastChange };
        const selection = selectCoins(coins, asked);
        if (selection === null) return;
        const { indices, fee, change } = selection;
        expect(new Set(indices).size).toBe(indices.length);
        const total = indices.reduce((sum, i) => sum + coins[i]!.amount, 0n);
        expect(total).toBe(amount + fee + (change ?? 0n));
        const units = indices.reduce((sum, i) => sum + coins[i]!.weight, 200) + (change === null ? 0 : 124);
        const byRate = feeAtLeast(feerate, weight(units)) + extraFee;
        if (change === null) {
          expect(fee >= byRate).toBe(true);
          const withChange = feeAtLeast(feerate, weight(units + 124)) + extraFee;
          expect(fee < withChange + leastChange).toBe(true);
        } else {
          expect(fee).toBe(byRate);
          expect(change >= leastChange).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('finds a way whenever all worthwhile coins together are enough', () => {
    fc.assert(
      fc.property(scene, ({ coins, amount, feerate, extraFee, leastChange }) => {
        const asked = { amount, baseWeight: 200, feerate, extraFee, changeWeight: 124, leastChange };
        const useful = coins.map((one) => one.amount - feeAtLeast(feerate, weight(one.weight)));
        const worth = useful.reduce((sum, each) => (each > 0n ? sum + each : sum), 0n);
        const enough = worth >= amount + feeAtLeast(feerate, weight(200)) + extraFee;
        if (enough) expect(selectCoins(coins, asked)).not.toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});
