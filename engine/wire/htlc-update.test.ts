import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import { channelId, paymentHash } from '../base/ids.ts';
import { blockHeight, msat } from '../base/units.ts';
import { ONION_LENGTH } from './htlc-update.ts';
import { decodeMessage, encodeMessage, type WireMessage } from './wire-message.ts';

const ADD: WireMessage = {
  name: 'update_add_htlc',
  channelId: channelId('11'.repeat(32)),
  id: 0n,
  amount: msat(48_000_000),
  paymentHash: paymentHash('22'.repeat(32)),
  cltvExpiry: blockHeight(150),
  onion: new Uint8Array(ONION_LENGTH),
};

// bLIP 25: "type: 65537 (`extra_fee`)"
// bLIP 52 §5: "The `extra_fee` TLV MUST have a length of 8, and the value is a big-endian 64-bit number"
describe('extra_fee of an HTLC', () => {
  it('is a record of type 65537 and eight bytes', () => {
    const bytes = encodeMessage({ ...ADD, extraFee: msat(2_000_000) });
    expect(toHex(bytes.subarray(encodeMessage(ADD).length))).toBe('fe000100010800000000001e8480');
    expect(decodeMessage(bytes)).toEqual({ ok: true, value: { ...ADD, extraFee: 2_000_000n } });
  });

  it.each([
    ['seven bytes', 'fe0001000107000000001e8480'],
    ['nine bytes', 'fe00010001090000000000001e8480'],
    ['no byte', 'fe0001000100'],
  ])('is not of %s', (_, record) => {
    expect(decodeMessage(concatBytes(encodeMessage(ADD), fromHex(record))).ok).toBe(false);
  });
});
