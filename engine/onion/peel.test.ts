import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex } from '../base/bytes.ts';
import { hmacSha256 } from '../crypto/hash.ts';
import { publicKey, tryEcdh } from '../crypto/secp256k1.ts';
import { muKey, rhoKey } from './key.ts';
import { peelOnion } from './peel.ts';
import { session } from './session.ts';
import { obfuscate } from './stream.ts';

const secret = new Uint8Array(32).fill(7);
const ecdh = (point: Uint8Array) => tryEcdh(secret, point);
const data = new Uint8Array(32);

/** An authentic packet whose deobfuscated payloads are `plain`, filled up with zeros. */
function packetOf(plain: Uint8Array, length = 1300): Uint8Array {
  const [hop] = session(new Uint8Array(32).fill(8), [publicKey(secret)]).hops;
  if (hop === undefined) throw new Error('no hop');
  const payloads = new Uint8Array(length);
  payloads.set(plain);
  const hidden = obfuscate(rhoKey(hop.sharedSecret), payloads);
  const hmac = hmacSha256(muKey(hop.sharedSecret), concatBytes(hidden, data));
  return concatBytes(Uint8Array.of(0), hop.ephemeralKey, hidden, hmac);
}

describe('peelOnion -- the length in front of the payload', () => {
  const badPayload = { ok: false, error: { tag: 'bad-payload' } };

  it.each([
    ['0, once the legacy format', '00'],
    ['1, reserved', '01'],
    ['more than the packet', 'fd0515'],
    ['more than the packet with its hmac', 'fd04f2'],
    ['not minimal', 'fd00fc'],
    ['four bytes', 'fe00001000'],
    ['eight bytes', 'ffffffffffffffffff'],
  ])('refuses %s', (_, plain) => {
    expect(peelOnion(packetOf(fromHex(plain)), data, ecdh)).toMatchObject(badPayload);
  });

  it('accepts the largest payload that fits', () => {
    const peeled = peelOnion(packetOf(fromHex('fd04f1')), data, ecdh);
    expect(peeled.ok && peeled.value.payload.length).toBe(1265);
  });

  it('accepts two bytes, and an all-zero hmac after them ends the route', () => {
    expect(peelOnion(packetOf(fromHex('02aabb')), data, ecdh)).toMatchObject({
      ok: true,
      value: { payload: fromHex('aabb'), next: null },
    });
  });

  it('refuses a packet that is too short to hold anything', () => {
    for (const length of [0, 1, 34, 66])
      expect(peelOnion(packetOf(new Uint8Array(0), 0).subarray(0, length), data, ecdh).ok).toBe(false);
  });
});
