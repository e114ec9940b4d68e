import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CloseReason } from './close-reason.ts';
import { failuresAfter, reconnectDelayMs, STABLE_MS } from './reconnect.ts';

const ended: CloseReason = { code: 'ended', socket: { code: 'reset', detail: '' } };

describe('reconnectDelayMs', () => {
  it('doubles from half a second to a minute', () => {
    expect([1, 2, 3, 7, 8, 9, 1_000_000].map((failures) => reconnectDelayMs(failures, 1))).toEqual([
      500, 1_000, 2_000, 32_000, 60_000, 60_000, 60_000,
    ]);
  });

  it('is spread over the upper half', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (failures, jitter) => {
          const delay = reconnectDelayMs(failures, jitter);
          const longest = reconnectDelayMs(failures, 1);
          expect(delay).toBeGreaterThanOrEqual(longest / 2);
          expect(delay).toBeLessThanOrEqual(longest);
        },
      ),
    );
  });
});

describe('failuresAfter', () => {
  it('starts over after a connection that lasted', () => {
    expect(failuresAfter(5, ended, STABLE_MS)).toBe(1);
    expect(failuresAfter(5, ended, STABLE_MS - 1)).toBe(6);
    expect(failuresAfter(0, ended, null)).toBe(1);
  });

  it('goes straight to the longest wait when the peer is incompatible', () => {
    const violation = { severity: 'disconnect', rule: '', detail: '' } as const;
    expect(failuresAfter(0, { code: 'incompatible', violation }, null)).toBe(8);
    expect(failuresAfter(20, { code: 'incompatible', violation }, null)).toBe(21);
  });
});
