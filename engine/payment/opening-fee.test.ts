import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { msat } from '../base/units.ts';
import { openingFee } from './opening-fee.ts';

const fee = (minFee: bigint, proportional: bigint, payment: bigint): bigint | null =>
  openingFee({ minFee: msat(minFee), proportional }, msat(payment));
const U64_MAX = 2n ** 64n - 1n;

describe('the fee for opening a channel', () => {
  // bLIP 52 §1: "both client and LSP MUST compute the `opening_fee` (in millisatoshis)"; "Integer division MUST round down"
  it('is the share of the payment, rounded up, and the least fee at least', () => {
    expect(fee(546_000n, 1_200n, 42_000n)).toBe(546_000n);
    expect(fee(0n, 1_200n, 1n)).toBe(1n);
    expect(fee(0n, 1_000_000n, 77n)).toBe(77n);
    expect(fee(0n, 10_000n, 100_000_000n)).toBe(1_000_000n);
    expect(fee(0n, 10_000n, 100_000_001n)).toBe(1_000_001n);
    expect(fee(5n, 0n, U64_MAX)).toBe(5n);
  });

  // bLIP 52 §1: "All numbers MUST be computed in unsigned 64-bit integers"; "Arithmetic overflow MUST cause the computation to
  // fail"; "The check MUST be done on EACH addition and multiplication operation"; "Clients and LSPs MAY use arbitrary-precision
  // integers"
  it('is none where the arithmetic leaves 64 bits', () => {
    expect(fee(0n, 2n, U64_MAX)).toBeNull();
    expect(fee(0n, 1n, U64_MAX)).toBeNull();
    expect(fee(0n, 1n, U64_MAX - 999_999n)).toBe((U64_MAX + 999_999n - 999_999n) / 1_000_000n);
    expect(fee(0n, 1n, U64_MAX - 999_998n)).toBeNull();
  });

  it('never falls when the payment rises', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 12n });
    const rate = fc.bigInt({ min: 0n, max: 2n ** 20n });
    fc.assert(
      fc.property(amount, rate, amount, amount, (least, share, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(fee(least, share, low) ?? 0n).toBeLessThanOrEqual(fee(least, share, high) ?? 0n);
      }),
    );
  });
});
