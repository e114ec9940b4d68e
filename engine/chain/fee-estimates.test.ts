import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feeratePerKw, timestamp } from '../base/units.ts';
import { FEERATE_FLOOR } from '../bitcoin/fee.ts';
import type { Feerates } from '../bitcoin/watch.ts';
import { blocksAt, CEILING, combineEstimates, fallbackFeerates, withPeak } from './fee-estimates.ts';
import { feerateWrite, loadFeerates } from './fee-record.ts';

const estimates = (values: Readonly<Record<string, number>>): ReadonlyMap<string, number> =>
  new Map(Object.entries(values));

describe('fee rates', () => {
  it('come from the longest target within reach, in sat/kw', () => {
    expect(combineEstimates([estimates({ 1: 40, 2: 30, 6: 12, 144: 4, 504: 3, 1008: 2 })])).toEqual({
      urgent: 7_500,
      normal: 3_000,
      background: 1_000,
      minimum: 500,
    });
  });

  it('one server of three cannot move them', () => {
    const honest = { 2: 10, 6: 10, 144: 10, 1008: 10 };
    const liar = { 2: 900, 6: 900, 144: 900, 1008: 900 };
    expect(combineEstimates([estimates(honest), estimates(liar), estimates(honest)])?.urgent).toBe(2_500);
  });

  it('one of two moves them three times up at most; what the other says is kept for when time is short', () => {
    const all = (rate: number) => estimates({ 2: rate, 6: rate, 144: rate, 1008: rate });
    const combined = (...rates: readonly number[]) => {
      const found = combineEstimates(rates.map(all));
      return [found?.urgent, found?.dearer];
    };
    expect(combined(10, 1e9)).toEqual([7_500, { urgent: 100_000, background: 51_250, minimum: 51_250 }]);
    expect(combined(100, 1e-9)).toEqual([759, { urgent: 25_000, background: 12_627, minimum: 12_627 }]);
    expect(combined(10, 20)).toEqual([3_750, undefined]);
    expect(combined(10, 10, 1e9)).toEqual([2_500, undefined]);
  });

  it.each(['144', '1008'])(
    'one of two that lies about what is due in %s blocks alone moves nothing',
    (target) => {
      const honest = { 2: 20, 6: 15, 144: 12, 1008: 11 };
      const known = combineEstimates([estimates(honest)]);
      // A longer target that costs more than a shorter one is no mempool's.
      expect(combineEstimates([estimates(honest), estimates({ ...honest, [target]: 1e9 })])).toMatchObject({
        urgent: known?.urgent,
        normal: known?.normal,
      });
      expect(combineEstimates([estimates(honest), estimates({ ...honest, [target]: 1e9 })])?.dearer).toBe(
        undefined,
      );
      // Too low: the others stand as they are, and it shows that the two are far apart.
      const low = combineEstimates([estimates(honest), estimates({ ...honest, [target]: 1e-9 })]);
      expect(low).toMatchObject({
        urgent: known?.urgent,
        normal: known?.normal,
        dearer: { urgent: known?.urgent },
      });
    },
  );

  it('are unknown when no server knows', () => {
    expect(combineEstimates([])).toBeNull();
    expect(combineEstimates([estimates({})])).toBeNull();
    expect(combineEstimates([estimates({ soon: 5 })])).toBeNull();
  });

  it('stay in the band and in order, whatever servers say', () => {
    const server = fc.dictionary(
      fc.oneof(fc.integer({ min: 1, max: 1_008 }).map(String), fc.string()),
      fc.double({ min: 1e-9, max: 1e12, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(server, { maxLength: 4 }), (servers) => {
        const rates = combineEstimates(servers.map(estimates));
        if (rates === null) return;
        const ordered = [FEERATE_FLOOR, rates.minimum, rates.background, rates.normal, rates.urgent, CEILING];
        expect(ordered).toEqual([...ordered].sort((a, b) => a - b));
      }),
    );
  });
});

it.each([
  [9_000, 2],
  [8_000, 2],
  [7_999, 6],
  [4_000, 6],
  [3_999, 144],
  [1_000, 144],
  [999, 1_008],
])(
  '%d sat/kw is mined within what was asked for at the dearest rate that it reaches: %d blocks',
  (rate, blocks) => {
    const of = (perKw: number) => feeratePerKw(perKw);
    const feerates = { urgent: of(8_000), normal: of(4_000), background: of(1_000), minimum: of(253) };
    expect(blocksAt(of(rate), feerates)).toBe(blocks);
  },
);

it('the highest urgent rate of the last three days is known, and no longer', () => {
  const day = 86_400;
  const at = (urgent: number) => ({ ...fallbackFeerates('mainnet'), urgent: feeratePerKw(urgent) });
  const spike = withPeak(at(40_000), at(5_000), timestamp(0));
  expect(spike.peak).toEqual({ rate: 40_000, at: 0 });
  const later = withPeak(at(6_000), spike, timestamp(2 * day));
  expect(later).toMatchObject({ urgent: 6_000, peak: { rate: 40_000, at: 0 } });
  const [urgent, background, minimum] = [50_000, 5_000, 2_500].map(feeratePerKw);
  const dearer = { urgent, background, minimum } as Feerates;
  const apart = withPeak({ ...at(5_000), dearer }, later, timestamp(2 * day));
  expect(apart.peak).toEqual({ rate: 50_000, at: 2 * day });
  for (const kept of [
    { feerates: apart, saidAt: timestamp(5) },
    { feerates: later, saidAt: timestamp(6), alone: { seconds: 600, at: timestamp(7) } },
    { feerates: later, saidAt: null },
  ]) {
    const row = feerateWrite(kept);
    expect(row.op === 'put' && loadFeerates([[row.key, row.value]])).toEqual(kept);
  }
  expect(withPeak(at(5_000), later, timestamp(3 * day)).peak).toEqual({ rate: 5_000, at: 3 * day });
  // Seen while the clock was years ahead.
  const ahead = withPeak(at(40_000), at(5_000), timestamp(900 * day));
  expect(withPeak(at(5_000), ahead, timestamp(day)).peak).toEqual({ rate: 5_000, at: day });
});
