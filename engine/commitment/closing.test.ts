import { describe, expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { sat } from '../base/units.ts';
import { witnessProgram } from '../bitcoin/script.ts';
import { weightOf } from '../bitcoin/tx.ts';
import { channelPair } from '../testkit/commitment-pair.ts';
import { closingTransaction, closingWeight, simpleClosingTransaction, type ClosingTerms } from './closing.ts';
import { assembleFundingSpend, verifyFundingSignature } from './funding.ts';

const { alice, bob } = channelPair('anchors-zero-fee');
const aliceScript = witnessProgram(0, new Uint8Array(20).fill(0xaa));
const bobScript = witnessProgram(1, new Uint8Array(32).fill(0xbb));
const terms: ClosingTerms = {
  funding: alice.params.funding,
  local: { amount: sat(6_000_000), script: aliceScript },
  remote: { amount: sat(4_000_000), script: bobScript },
  fee: sat(500),
  feePayer: 'local',
};
const built = (result: ReturnType<typeof closingTransaction>) => {
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
};

describe('BOLT 3 §Legacy Closing Transaction', () => {
  it('takes the fee from the funder and sorts the outputs', () => {
    const { tx, localOutput, remoteOutput } = built(closingTransaction(terms, sat(354)));
    expect(tx).toEqual({
      version: 2,
      inputs: [
        {
          outPoint: alice.params.funding.outPoint,
          sequence: 0xffffffff,
          scriptSig: fromHex(''),
          witness: [],
        },
      ],
      outputs: [
        { amount: 4_000_000n, script: bobScript },
        { amount: 5_999_500n, script: aliceScript },
      ],
      lockTime: 0,
    });
    expect([localOutput, remoteOutput]).toEqual([1, 0]);
  });

  it('is the same from both ends, and needs both signatures', () => {
    const { tx } = built(closingTransaction(terms, sat(354)));
    const atBob = built(
      closingTransaction(
        { ...terms, local: terms.remote, remote: terms.local, feePayer: 'remote' },
        sat(354),
      ),
    );
    expect(atBob.tx).toEqual(tx);
    expect([atBob.localOutput, atBob.remoteOutput]).toEqual([0, 1]);
    const ours = alice.signer.signFundingSpend(tx, 0, alice.params.funding);
    const theirs = bob.signer.signFundingSpend(tx, 0, bob.params.funding);
    expect(verifyFundingSignature(tx, 0, alice.params.funding, theirs)).toBe(true);
    expect(verifyFundingSignature(tx, 0, alice.params.funding, ours)).toBe(false);
    expect(verifyFundingSignature(tx, 0, bob.params.funding, ours)).toBe(true);
    const signed = assembleFundingSpend(tx, 0, alice.params.funding, ours, theirs);
    expect(assembleFundingSpend(tx, 0, bob.params.funding, theirs, ours)).toEqual(signed);
    const most = closingWeight([aliceScript, bobScript]);
    expect(weightOf(signed)).toBeLessThanOrEqual(most);
    expect(weightOf(signed)).toBeGreaterThanOrEqual(most - 4);
  });

  it('leaves out what is below the dust limit, and what its owner gives up', () => {
    const small = { ...terms, remote: { ...terms.remote, amount: sat(353) } };
    expect(built(closingTransaction(small, sat(354)))).toMatchObject({ localOutput: 0, remoteOutput: null });
    expect(built(closingTransaction(small, sat(353)))).toMatchObject({ localOutput: 1, remoteOutput: 0 });
    expect(built(closingTransaction(terms, sat(354), 'remote'))).toMatchObject({ remoteOutput: null });
    expect(built(closingTransaction(terms, sat(354), 'local'))).toMatchObject({ localOutput: null });
    const none = { ...terms, remote: { ...terms.remote, amount: sat(0) } };
    expect(built(closingTransaction(none, sat(0)))).toMatchObject({ remoteOutput: null });
  });

  it('cannot cost more than the funder has, or pay nobody', () => {
    expect(closingTransaction({ ...terms, fee: sat(6_000_001) }, sat(354))).toEqual({
      ok: false,
      error: { code: 'fee-too-high', available: 6_000_000n },
    });
    const whole = { ...terms, fee: sat(6_000_000) };
    expect(built(closingTransaction(whole, sat(354)))).toMatchObject({ localOutput: null, remoteOutput: 0 });
    expect(closingTransaction(whole, sat(354), 'remote')).toEqual({
      ok: false,
      error: { code: 'no-outputs' },
    });
  });
});

describe('BOLT 3 §Closing Transaction', () => {
  it('is replaceable, has the lock time of closing_complete, and keeps small outputs', () => {
    const small = { ...terms, remote: { ...terms.remote, amount: sat(100) } };
    const { tx, remoteOutput } = built(simpleClosingTransaction(small, 123));
    expect(tx.inputs[0]!.sequence).toBe(0xfffffffd);
    expect(tx.lockTime).toBe(123);
    expect(remoteOutput).toBe(0);
    expect(built(simpleClosingTransaction(terms, 0, 'remote')).tx.outputs).toEqual([
      { amount: 5_999_500n, script: aliceScript },
    ]);
  });
  it('pays nothing to OP_RETURN', () => {
    const burned = { ...terms, local: { ...terms.local, script: fromHex('6a06010203040506') } };
    expect(built(simpleClosingTransaction(burned, 0)).tx.outputs[0]!.amount).toBe(0n);
    expect(simpleClosingTransaction({ ...terms, fee: sat(7_000_000) }, 0).ok).toBe(false);
  });
});
