import { describe, expect, it } from 'vitest';
import { feeratePerKw, sat, weight } from '../base/units.ts';
import { feeAtLeast, feerateFromSatPerVb, feerateOf, feerateToSatPerVb } from './fee.ts';

describe('fee rates', () => {
  it.each([
    [1, 253],
    [0, 253],
    [0.5, 253],
    [1.012, 253],
    [1.013, 254],
    [2, 500],
    [10.004, 2501],
  ])('%d sat/vB is %i sat/kw', (satPerVb, perKw) => {
    expect(feerateFromSatPerVb(satPerVb)).toBe(perKw);
  });
  it('are shown in sat/vB', () => {
    expect(feerateToSatPerVb(feeratePerKw(500))).toBe(2);
  });
  it('are reached by the fee, which rounds up', () => {
    expect(feeAtLeast(feeratePerKw(253), weight(1000))).toBe(253n);
    expect(feeAtLeast(feeratePerKw(253), weight(1001))).toBe(254n);
    expect(feerateOf(sat(254), weight(1001))).toBe(253);
  });
});
