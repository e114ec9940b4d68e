import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockDelta, msat, timestamp } from '../base/units.ts';
import { openingFee } from '../payment/opening-fee.ts';
import { chooseOffer } from './choose-offer.ts';
import type { OpeningFeeParams } from './opening-fee-params.ts';
import { LEAST_RECEIVED, leavesEnough, smallestPayment } from './smallest-payment.ts';

const NOW = 1_700_000_000;
const params = (change: Partial<OpeningFeeParams> = {}): OpeningFeeParams => ({
  minFee: msat(2_000_000),
  proportional: 10_000n,
  validUntil: timestamp(NOW + 3_600),
  minLifetime: 1_008,
  maxClientToSelfDelay: 2_016,
  minPayment: msat(1_000),
  maxPayment: msat(1_000_000_000),
  text: '{}',
  ...change,
});
const choose = (menu: readonly OpeningFeeParams[], amount: bigint | null) =>
  chooseOffer(menu, {
    amount: amount === null ? null : msat(amount),
    now: timestamp(NOW),
    toSelfDelay: blockDelta(144),
  });

describe('the offer that is taken', () => {
  // bLIP 52 §1: "The 0th item MAY have any parameters"; "Each succeeding item MUST, compared to the previous
  // item, obey"
  it('is the cheapest that takes the amount', () => {
    const cheap = params({ minFee: msat(1_000_000), maxPayment: msat(10_000_000) });
    const dear = params();
    expect(choose([dear, cheap], 10_000_000n)).toMatchObject({ value: { params: cheap, fee: 1_000_000n } });
    expect(choose([cheap, dear], 10_001_000n)).toMatchObject({ value: { params: dear, fee: 2_000_000n } });
  });

  // bLIP 52 §1: "when ordering the `opening_fee_params_menu` array, MUST order"
  it('is the first where the payer chooses: the LSP puts the cheapest first', () => {
    const first = params();
    expect(choose([first, params({ minFee: msat(3_000_000) })], null)).toMatchObject({
      value: { params: first, fee: null },
    });
  });

  // bLIP 52 §1: "up to which this specific `opening_fee_params` is valid"; "in which case, the client currently cannot use JIT
  // Channels with this LSP"
  // bLIP 52 §5: "The client-provided `to_self_delay` is less than or equal to the agreed-upon `max_client_to_self_delay`"
  // bLIP 52 §1: "The LSP SHOULD provide a `valid_until` time that is at"
  it('holds for some time yet, and leaves us the time to punish', () => {
    expect(choose([params({ validUntil: timestamp(NOW + 119) })], null)).toMatchObject({
      error: { code: 'no-offer', why: 'expired' },
    });
    expect(choose([params({ maxClientToSelfDelay: 143 })], null)).toMatchObject({
      error: { code: 'no-offer', why: 'safety' },
    });
    expect(choose([], null)).toMatchObject({ error: { code: 'no-offer', why: 'none' } });
  });

  // bLIP 52 §2: "The client MUST ensure that `payment_size_msat` is within the previous `min_payment_size_msat` and
  // `max_payment_size_msat` parameters"
  it('names the least and the most that all of the menu takes', () => {
    const menu = [params({ minFee: msat(5_000_000) }), params({ minPayment: msat(9_000_000) })];
    expect(choose(menu, 5_999_999n)).toMatchObject({
      error: { code: 'amount-too-small', minimum: 6_000_000n },
    });
    expect(choose(menu, 1_000_000_001n)).toMatchObject({
      error: { code: 'amount-too-large', maximum: 1_000_000_000n },
    });
  });
});

describe('the smallest payment', () => {
  it('leaves enough, and one satoshi less does not', () => {
    const amount = (max: bigint) => fc.bigInt({ min: 0n, max });
    fc.assert(
      fc.property(
        amount(10n ** 10n),
        amount(1_100_000n),
        amount(10n ** 10n),
        (minFee, proportional, least) => {
          const terms = params({
            minFee: msat(minFee),
            proportional,
            minPayment: msat(least),
            maxPayment: msat(10n ** 15n),
          });
          const smallest = smallestPayment(terms);
          if (smallest === null) {
            expect(leavesEnough(terms, msat(10n ** 12n))).toBe(false);
            return;
          }
          expect(smallest - (openingFee(terms, smallest) ?? 0n)).toBeGreaterThanOrEqual(LEAST_RECEIVED);
          expect(smallest).toBeGreaterThanOrEqual(least);
          const less = msat(smallest - 1_000n);
          expect(less < least || !leavesEnough(terms, less)).toBe(true);
        },
      ),
    );
  });

  it('is none where the LSP takes all, or takes no more than that', () => {
    expect(smallestPayment(params({ proportional: 1_000_000n }))).toBeNull();
    expect(smallestPayment(params({ maxPayment: msat(2_999_999) }))).toBeNull();
    expect(smallestPayment(params({ maxPayment: msat(3_000_000) }))).toBe(3_000_000n);
  });
});
