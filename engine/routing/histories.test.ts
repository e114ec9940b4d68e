import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histories, HISTORY_BUCKETS, HISTORY_LENGTH } from './histories.ts';
import { successProbability } from './liquidity.ts';

/** One channel: by bucket, how often (32 is once) each bound stood there. */
function history(least: Record<number, number>, lessThanAll: Record<number, number>): Histories {
  const counts = new Uint16Array(HISTORY_LENGTH);
  for (const [bucket, count] of Object.entries(least)) counts[Number(bucket)] = count;
  for (const [bucket, count] of Object.entries(lessThanAll)) counts[HISTORY_BUCKETS + Number(bucket)] = count;
  return new Histories(counts);
}
const shares = [0.0001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.9999];
const prior = (share: number): number => successProbability(share, 0, 1, 1);

describe('histories of channels', () => {
  it('are the prior where there are none', () => {
    const none = history({}, {});
    expect(none.has(0)).toBe(false);
    // Between the edges of the buckets the line is straight.
    for (const share of shares) expect(none.chance(0, share)).toBeCloseTo(prior(share), 1);
  });

  it('tell that money lay on one side, to each direction its own', () => {
    const full = history({ 28: 320 }, { 0: 320 });
    expect(full.has(0)).toBe(true);
    expect(full.chance(0, 0.9)).toBeGreaterThan(0.9);
    expect(full.chance(1, 0.1)).toBeLessThan(0.1);
  });

  it('count refusals of less and less as one thing: the highest bound', () => {
    const refused = history({ 0: 96 }, { 12: 32, 20: 32, 28: 32 });
    const once = history({ 0: 32 }, { 28: 32 });
    expect(refused.chance(0, 0.01)).toBeLessThan(once.chance(0, 0.01));
    expect(refused.chance(0, 0.01)).toBeGreaterThan(0);
  });

  it('weigh by how often', () => {
    const mostlyFull = history({ 0: 32, 28: 320 }, { 0: 320, 28: 32 });
    const mostlyEmpty = history({ 0: 320, 28: 32 }, { 0: 32, 28: 320 });
    for (const share of [0.1, 0.25, 0.5])
      expect(mostlyFull.chance(0, share)).toBeGreaterThan(mostlyEmpty.chance(0, share));
  });

  it('never rise with the amount, stay between none and all, and rule nothing out, whatever was told', () => {
    const bucket = fc.oneof(fc.constant(0), fc.nat({ max: 0xffff }));
    fc.assert(
      fc.property(
        fc.array(bucket, { minLength: HISTORY_LENGTH, maxLength: HISTORY_LENGTH }),
        fc.constantFrom(0, 1),
        (counts, direction) => {
          const histories = new Histories(Uint16Array.from(counts));
          const chances = [0, ...shares, 1].map((share) => histories.chance(direction, share));
          expect(chances[0]).toBe(1);
          expect(chances.at(-1)).toBe(0);
          for (const [i, chance] of chances.slice(1, -1).entries()) {
            expect(chance).toBeLessThanOrEqual(chances[i]! + 1e-6);
            expect(chance).toBeGreaterThan(0);
          }
        },
      ),
    );
  });

  it('are kept apart for many channels', () => {
    const counts = new Uint16Array(200 * HISTORY_LENGTH);
    for (let channel = 0; channel < 200; channel += 2) {
      counts[HISTORY_LENGTH * channel + 28] = 320;
      counts[HISTORY_LENGTH * channel + HISTORY_BUCKETS] = 320;
    }
    const histories = new Histories(counts);
    for (let channel = 0; channel < 200; channel++)
      expect(histories.chance(2 * channel, 0.9) > 0.9).toBe(channel % 2 === 0);
  });
});
