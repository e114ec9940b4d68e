import { describe, expect, it } from 'vitest';
import { blockDelta, blockHeight, msat } from '../base/units.ts';
import { finalFailure, forwardFailure, relayFee, unknownPayment } from './htlc-check.ts';

const htlc = { amount: msat(1000), cltvExpiry: blockHeight(118) };
const height = blockHeight(100);
const delta = blockDelta(18);

describe('finalFailure', () => {
  const asked = { amount: msat(1000), cltvExpiry: blockHeight(118) };

  it('accepts what the payer wrote, and more', () => {
    expect(finalFailure(htlc, asked, height, delta)).toBeNull();
    expect(
      finalFailure({ amount: msat(1001), cltvExpiry: blockHeight(119) }, asked, height, delta),
    ).toBeNull();
  });

  it('final_incorrect_cltv_expiry when the HTLC expires before the onion says', () => {
    expect(finalFailure(htlc, { ...asked, cltvExpiry: blockHeight(119) }, height, delta)).toEqual({
      name: 'final_incorrect_cltv_expiry',
      cltvExpiry: 118,
    });
  });

  it('final_incorrect_htlc_amount when the HTLC brings less than the onion says', () => {
    const more = { ...asked, amount: msat(1001) };
    expect(finalFailure(htlc, more, height, delta)).toEqual({
      name: 'final_incorrect_htlc_amount',
      incomingHtlcAmount: 1000n,
    });
    expect(finalFailure(htlc, more, height, delta, msat(1))).toBeNull();
  });

  it('incorrect_or_unknown_payment_details when the expiry is too near', () => {
    expect(finalFailure(htlc, asked, blockHeight(101), delta)).toEqual(
      unknownPayment(htlc, blockHeight(101)),
    );
  });
});

describe('forwardFailure', () => {
  const policy = {
    feeBase: msat(10),
    feeProportionalMillionths: 10_000,
    cltvExpiryDelta: blockDelta(10),
    htlcMinimum: msat(900),
  };
  const asked = { amount: msat(980), cltvExpiry: blockHeight(108) };
  const fails = (over: Partial<typeof asked>, change: Partial<typeof policy> = {}, at = height) =>
    forwardFailure(htlc, { ...asked, ...over }, { ...policy, ...change }, at)?.name;

  it('accepts exactly the fee and the delta', () => {
    expect(relayFee(policy, msat(980))).toBe(19n);
    expect(fails({})).toBeUndefined();
    expect(fails({ amount: msat(981) })).toBeUndefined();
  });

  it.each([
    ['amount_below_minimum', { amount: msat(899) }, {}],
    ['fee_insufficient', { amount: msat(982) }, {}],
    ['fee_insufficient', { amount: msat(1000) }, { feeBase: msat(1), feeProportionalMillionths: 0 }],
    ['incorrect_cltv_expiry', { cltvExpiry: blockHeight(109) }, {}],
  ] as const)('%s', (name, over, change) => {
    expect(fails(over, change)).toBe(name);
  });

  it('expiry_too_soon within three blocks', () => {
    expect(fails({}, {}, blockHeight(104))).toBeUndefined();
    expect(fails({}, {}, blockHeight(105))).toBe('expiry_too_soon');
  });

  it('expiry_too_far beyond two weeks', () => {
    const far = { amount: msat(1000), cltvExpiry: blockHeight(100 + 2017) };
    const out = { amount: msat(980), cltvExpiry: blockHeight(100 + 2007) };
    expect(forwardFailure(far, out, policy, height)?.name).toBe('expiry_too_far');
    expect(
      forwardFailure(
        { ...far, cltvExpiry: blockHeight(2116) },
        { ...out, cltvExpiry: blockHeight(2106) },
        policy,
        height,
      ),
    ).toBeNull();
  });

  it('selects the first of several', () => {
    expect(fails({ amount: msat(899), cltvExpiry: blockHeight(117) }, {}, blockHeight(117))).toBe(
      'amount_below_minimum',
    );
  });
});
