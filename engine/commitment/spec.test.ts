import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paymentHash } from '../base/ids.ts';
import { blockHeight, feeratePerKw, msat } from '../base/units.ts';
import { applyChanges, type Change, type CommitmentSpec } from './spec.ts';

const empty: CommitmentSpec = {
  htlcs: [],
  feerate: feeratePerKw(1000),
  toLocal: msat(5_000_000),
  toRemote: msat(3_000_000),
};
const add = (id: number, amount: number): Change => ({
  name: 'update_add_htlc',
  id: BigInt(id),
  amount: msat(amount),
  paymentHash: paymentHash('00'.repeat(32)),
  cltvExpiry: blockHeight(500),
});
const settle = (
  id: number,
  name: 'update_fulfill_htlc' | 'update_fail_htlc' | 'update_fail_malformed_htlc' = 'update_fulfill_htlc',
): Change => ({ name, id: BigInt(id) });
const after = (spec: CommitmentSpec, local: readonly Change[], remote: readonly Change[]): CommitmentSpec => {
  const result = applyChanges(spec, local, remote);
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
};
const balances = ({ toLocal, toRemote }: CommitmentSpec): number[] => [Number(toLocal), Number(toRemote)];

describe('applyChanges', () => {
  const busy = after(empty, [add(0, 1000), add(1, 2000)], [add(0, 4000)]);

  it('takes additions from the side that offers', () => {
    expect(balances(busy)).toEqual([4_997_000, 2_996_000]);
    expect(busy.htlcs.map(({ direction, id }) => [direction, id])).toEqual([
      ['outgoing', 0n],
      ['outgoing', 1n],
      ['incoming', 0n],
    ]);
  });
  it('gives a fulfilled HTLC to the side that had the preimage', () => {
    expect(balances(after(busy, [], [settle(1)]))).toEqual([4_997_000, 2_998_000]);
    expect(balances(after(busy, [settle(0)], []))).toEqual([5_001_000, 2_996_000]);
  });
  it.each(['update_fail_htlc', 'update_fail_malformed_htlc'] as const)('gives back what %s names', (name) => {
    const spec = after(busy, [settle(0, name)], [settle(0, name)]);
    expect(balances(spec)).toEqual([4_998_000, 3_000_000]);
    expect(spec.htlcs.map(({ id }) => id)).toEqual([1n]);
  });
  it('takes the last fee of either side', () => {
    const fee = (rate: number): Change => ({ name: 'update_fee', feeratePerKw: feeratePerKw(rate) });
    expect(after(empty, [fee(2000), fee(3000)], []).feerate).toBe(3000);
    expect(after(empty, [], [fee(4000)]).feerate).toBe(4000);
  });
  it('lets one batch spend what it gains', () => {
    const poor = { ...busy, toLocal: msat(0) };
    expect(balances(after(poor, [add(2, 4000), settle(0)], []))).toEqual([0, 2_996_000]);
  });
  it('does not let a side offer more than it has', () => {
    expect(applyChanges(empty, [add(0, 5_000_001)], [])).toEqual({
      ok: false,
      error: { code: 'insufficient-balance', side: 'local' },
    });
    expect(applyChanges(empty, [], [add(0, 3_000_001)])).toMatchObject({ error: { side: 'remote' } });
    expect(applyChanges(empty, [], [{ ...add(0, 0), amount: msat(2n ** 64n - 1n) } as Change]).ok).toBe(
      false,
    );
  });
  it.each([
    ['of nobody', [settle(7)], [], 'local', 7n],
    ['of the side that offered it', [settle(1)], [], 'local', 1n],
    ['twice', [], [settle(0), settle(0, 'update_fail_htlc')], 'remote', 0n],
  ])('does not settle an HTLC %s', (_, local, remote, side, id) => {
    expect(applyChanges(busy, local, remote)).toEqual({
      ok: false,
      error: { code: 'unknown-htlc', side, id },
    });
  });
  it('leaves its arguments alone', () => {
    expect(busy.htlcs.length).toBe(3);
    after(busy, [settle(0)], [settle(0)]);
    expect(busy.htlcs.length).toBe(3);
  });
  it('loses and makes no money', () => {
    const total = (spec: CommitmentSpec): bigint =>
      spec.toLocal + spec.toRemote + spec.htlcs.reduce((sum, { amount }) => sum + amount, 0n);
    const changes = fc.array(
      fc.oneof(
        fc.record({ add: fc.nat(2_000_000) }),
        fc.record({
          settle: fc.nat(4),
          how: fc.constantFrom('update_fulfill_htlc' as const, 'update_fail_htlc' as const),
        }),
      ),
      { maxLength: 6 },
    );
    const asChanges = (items: readonly ({ add: number } | { settle: number; how: Change['name'] })[]) =>
      items.map((item, id) =>
        'add' in item ? add(id + 10, item.add) : ({ name: item.how, id: BigInt(item.settle) } as Change),
      );
    fc.assert(
      fc.property(changes, changes, (local, remote) => {
        const result = applyChanges(busy, asChanges(local), asChanges(remote));
        if (result.ok) expect(total(result.value)).toBe(total(empty));
        else expect(['insufficient-balance', 'unknown-htlc']).toContain(result.error.code);
      }),
    );
  });
});
