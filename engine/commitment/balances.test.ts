import { describe, expect, it } from 'vitest';
import { feeratePerKw, msat, sat } from '../base/units.ts';
import { channelPair, seenFromOtherEnd, specWith } from '../testkit/commitment-pair.ts';
import { balancesOf, isTrimmed } from './balances.ts';
import { buildCommitment } from './commitment.ts';
import type { CommitmentSpec } from './spec.ts';

const CAPACITY = 10_000_000;
const offered = { direction: 'outgoing', amount: msat(5_000_000) } as const;

describe('the example of BOLT 3 §Fee Calculation', () => {
  const { alice } = channelPair('static-remotekey', { dustLimit: 546 });
  const spec = specWith(CAPACITY, { outgoing: [5000, 1000], incoming: [7000, 800] }, 5000);
  it('has a base fee of 5340 and trims two HTLCs', () => {
    const balances = balancesOf(alice.params, 'local', spec);
    expect(balances).toMatchObject({ fee: 5340n, htlcOutputs: 2, trimmed: 1_800_000n, anchorCost: 0n });
    const { tx } = buildCommitment(alice.params, 'local', 0, alice.signer.point(0), spec);
    expect(CAPACITY - Number(tx.outputs.reduce((sum, { amount }) => sum + amount, 0n))).toBe(7140);
  });
});

describe('trimming', () => {
  const legacy = channelPair('static-remotekey', { dustLimit: 546 }).alice.params;
  const anchors = channelPair('anchors-zero-fee', { dustLimit: 546 }).alice.params;
  const at = (amount: number) => ({ ...offered, amount: msat(amount) });
  const rate = feeratePerKw(1000);
  it('counts the fee of the HTLC transaction, which differs by direction', () => {
    expect(isTrimmed(legacy, 'local', rate, at(1_208_999))).toBe(true);
    expect(isTrimmed(legacy, 'local', rate, at(1_209_000))).toBe(false);
    expect(isTrimmed(legacy, 'remote', rate, at(1_248_999))).toBe(true);
    expect(isTrimmed(legacy, 'remote', rate, at(1_249_000))).toBe(false);
  });
  it('with anchors is by the dust limit alone', () => {
    expect(isTrimmed(anchors, 'local', rate, at(545_999))).toBe(true);
    expect(isTrimmed(anchors, 'local', rate, at(546_000))).toBe(false);
  });
  it('is by the dust limit of the owner', () => {
    const uneven = { ...anchors, remote: { ...anchors.remote, dustLimit: sat(1000) } };
    expect(isTrimmed(uneven, 'local', rate, at(700_000))).toBe(false);
    expect(isTrimmed(uneven, 'remote', rate, at(700_000))).toBe(true);
  });
});

describe('balances', () => {
  const { alice, bob } = channelPair('anchors-zero-fee');
  const spec: CommitmentSpec = specWith(CAPACITY, { outgoing: [], incoming: [] }, 253);
  it('are less by fee and anchors for the opener', () => {
    const fee = Math.floor((253 * 1124) / 1000);
    expect(balancesOf(alice.params, 'local', spec)).toEqual({
      local: spec.toLocal - BigInt(fee + 660) * 1000n,
      remote: spec.toRemote,
      fee: BigInt(fee),
      anchorCost: 660n,
      htlcOutputs: 0,
      trimmed: 0n,
    });
    const atBob = balancesOf(bob.params, 'remote', seenFromOtherEnd(spec));
    expect(atBob.remote).toBe(balancesOf(alice.params, 'local', spec).local);
  });
  it('are negative when the opener cannot pay', () => {
    const poor = { ...spec, toLocal: msat(0) };
    expect(balancesOf(alice.params, 'remote', poor).local).toBeLessThan(0n);
    const { outputs } = buildCommitment(alice.params, 'local', 0, alice.signer.point(0), poor);
    // BOLT 3: "if to_local exists or there are untrimmed HTLCs, add a to_local_anchor output"
    expect(outputs.map(({ role }) => role)).toEqual(['other-anchor', 'other']);
  });
});
