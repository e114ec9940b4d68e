import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { blockHeight, msat } from '../base/units.ts';
import {
  BADONION,
  decodeFailure,
  encodeFailure,
  FAILURE_CODES,
  failureCode,
  isPermanent,
  NODE,
  PERM,
  UPDATE,
  type Failure,
} from './failure.ts';

const sha256OfOnion = new Uint8Array(32).fill(3);
const channelUpdate = fromHex('0102aabb');
const ALL: readonly Failure[] = [
  { name: 'temporary_node_failure' },
  { name: 'permanent_node_failure' },
  { name: 'required_node_feature_missing' },
  { name: 'invalid_onion_version', sha256OfOnion },
  { name: 'invalid_onion_hmac', sha256OfOnion },
  { name: 'invalid_onion_key', sha256OfOnion },
  { name: 'temporary_channel_failure', channelUpdate },
  { name: 'permanent_channel_failure' },
  { name: 'required_channel_feature_missing' },
  { name: 'unknown_next_peer' },
  { name: 'amount_below_minimum', htlcAmount: msat(1000), channelUpdate },
  { name: 'fee_insufficient', htlcAmount: msat(1001), channelUpdate },
  { name: 'incorrect_cltv_expiry', cltvExpiry: blockHeight(800_000), channelUpdate },
  { name: 'expiry_too_soon', channelUpdate },
  { name: 'incorrect_or_unknown_payment_details', htlcAmount: msat(100), height: blockHeight(800_000) },
  { name: 'final_incorrect_cltv_expiry', cltvExpiry: blockHeight(7) },
  { name: 'final_incorrect_htlc_amount', incomingHtlcAmount: msat(2n ** 63n) },
  { name: 'channel_disabled', disabledFlags: 0, channelUpdate },
  { name: 'expiry_too_far' },
  { name: 'invalid_onion_payload', type: 5_482_373_484n, offset: 17 },
  { name: 'mpp_timeout' },
  { name: 'invalid_onion_blinding', sha256OfOnion },
];
const HEX = [
  '2002',
  '6002',
  '6003',
  `c004${'03'.repeat(32)}`,
  `c005${'03'.repeat(32)}`,
  `c006${'03'.repeat(32)}`,
  '100700040102aabb',
  '4008',
  '4009',
  '400a',
  '100b00000000000003e800040102aabb',
  '100c00000000000003e900040102aabb',
  '100d000c350000040102aabb',
  '100e00040102aabb',
  '400f0000000000000064000c3500',
  '001200000007',
  '00138000000000000000',
  '1014000000040102aabb',
  '0015',
  '4016ff0000000146c6616c0011',
  '0017',
  `c018${'03'.repeat(32)}`,
];

describe('failure messages', () => {
  it('covers every code of BOLT 4', () => {
    expect(ALL.map(({ name }) => name)).toEqual(Object.keys(FAILURE_CODES));
  });

  it.each(ALL.map((failure, i) => [failure.name, failure, HEX[i] ?? ''] as const))(
    '%s has its own bytes',
    (_, failure, hex) => {
      expect(toHex(encodeFailure(failure))).toBe(hex);
      expect(decodeFailure(fromHex(hex))).toEqual(failure);
      // "MUST ignore any extra bytes in failuremsg."
      expect(decodeFailure(fromHex(`${hex}fd84d10180`))).toEqual(failure);
    },
  );

  it('keeps the code of a message that is cut off', () => {
    for (const hex of HEX) {
      const { length } = fromHex(hex);
      for (let cut = 2; cut < length; cut++) {
        const message = fromHex(hex).slice(0, cut);
        expect(decodeFailure(message)).toEqual({
          name: 'unknown',
          code: parseInt(hex.slice(0, 4), 16),
          data: message.slice(2),
        });
      }
    }
  });

  it('keeps a code that it does not know, and its data', () => {
    const failure = decodeFailure(fromHex('601b0102'));
    expect(failure).toEqual({ name: 'unknown', code: 0x601b, data: fromHex('0102') });
    expect(toHex(encodeFailure(failure))).toBe('601b0102');
    expect(decodeFailure(new Uint8Array(0))).toEqual({ name: 'unknown', code: 0, data: new Uint8Array(0) });
  });

  it('has the flags where BOLT 4 has them', () => {
    const flagged = (flag: number) => ALL.filter((failure) => (failureCode(failure) & flag) !== 0).length;
    expect([flagged(BADONION), flagged(PERM), flagged(NODE), flagged(UPDATE)]).toEqual([4, 11, 3, 6]);
    expect(isPermanent(FAILURE_CODES.unknown_next_peer)).toBe(true);
    expect(isPermanent(FAILURE_CODES.mpp_timeout)).toBe(false);
  });
});
