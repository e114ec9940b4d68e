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
      const { spendableMsat, pending, aside } = balanceParts(one);
      expect([...pending, ...aside].reduce((sum, { msat }) => sum + msat, spendableMsat)).toBe(one.totalMsat);
    }
  });

  it('does not say of what is kept that it is on its way', () => {
    const { pending, aside } = balanceParts(balances({ onchain: 500_000n, kept: 25_000n }));
    expect(pending).toEqual([]);
    expect(aside).toEqual([{ part: 'kept', msat: 25_000_000n }]);
  });

  it('leaves out what is nothing', () => {
    expect(balanceParts(balances({ onchain: 1n }))).toMatchObject({ pending: [], aside: [] });
  });
});
