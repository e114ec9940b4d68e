import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feeratePerKw, sat, weight } from '../base/units.ts';
import { LIFT_WEIGHT, liftFee } from './expected-weights.ts';

describe('what the child of a commitment pays', () => {
  it('is the least with which both of them reach the rate', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 253, max: 1_000_000 }),
        fc.integer({ min: 1_124, max: 84_000 }),
        fc.bigInt({ min: 0n, max: 10_000_000n }),
        (rate, parent, fee) => {
          const child = liftFee(feeratePerKw(rate), { weight: weight(parent), fee: sat(fee) });
          const asked = BigInt(rate) * BigInt(parent + LIFT_WEIGHT);
          expect((child + fee) * 1_000n).toBeGreaterThanOrEqual(asked);
          expect((child + fee - 1n) * 1_000n).toBeLessThan(asked);
        },
      ),
    );
  });

  it('is less than nothing where the parent pays enough for both', () => {
    const parent = { weight: weight(1_124), fee: sat(2_125) };
    expect(liftFee(feeratePerKw(1_000), parent)).toBe(-1n);
    expect(liftFee(feeratePerKw(1_001), parent)).toBe(2n);
  });
});
