import { describe, expect, it } from 'vitest';
import { balances } from '../testkit/snapshots.ts';
import { balanceParts } from './balance.ts';

describe('the balance', () => {
  it('shows every satoshi of the total once', () => {
    const plain = balances({
      onchain: 500_000n,
      kept: 25_000n,
      incoming: 20_000n,
      lightning: 300_000n,
      opening: 100_000n,
      closing: 7_000n,
      inFlight: 1_500n,
    });
    const withReserved = {
      ...plain,
      onchain: { ...plain.onchain, reservedSat: 40_000n },
      totalMsat: plain.totalMsat + 40_000_000n,
    };
    for (const one of [plain, withReserved]) {
      const { spendableMsat, pending } = balanceParts(one);
      expect(pending.reduce((sum, { msat }) => sum + msat, spendableMsat)).toBe(one.totalMsat);
    }
  });

  it('leaves out what is nothing', () => {
    expect(balanceParts(balances({ onchain: 1n })).pending).toEqual([]);
  });
});
