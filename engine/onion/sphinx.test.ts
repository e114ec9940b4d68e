import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { publicKey, tryEcdh } from '../crypto/secp256k1.ts';
import vector from './fixtures/payment-onion.json' with { type: 'json' };
import { peelOnion } from './peel.ts';
import { buildOnion, LARGE_MESSAGE_PAYLOADS_LENGTH, shiftSize } from './sphinx.ts';

const hops = vector.hops.map((hop) => ({ nodeId: fromHex(hop.nodeId), payload: fromHex(hop.payload) }));
const sessionKey = fromHex(vector.sessionKey);
const associatedData = fromHex(vector.associatedData);
const built = () => {
  const onion = buildOnion(sessionKey, hops, associatedData);
  if (!onion.ok) throw new Error('too long');
  return onion.value;
};
const ecdhOf = (secret: Uint8Array) => (point: Uint8Array) => tryEcdh(secret, point);
const firstHop = ecdhOf(fromHex(vector.hops[0]?.nodeSecret ?? ''));

describe('sphinx', () => {
  it('builds the packet of BOLT 4', () => {
    expect(toHex(built().packet)).toBe(vector.onion);
  });

  it('peels it hop by hop, with the secrets that the sender has', () => {
    const { sharedSecrets } = built();
    let packet = fromHex(vector.onion);
    vector.hops.forEach((hop, i) => {
      const peeled = peelOnion(packet, associatedData, ecdhOf(fromHex(hop.nodeSecret)));
      if (!peeled.ok) throw new Error(JSON.stringify(peeled.error));
      expect(toHex(peeled.value.payload)).toBe(hop.payload);
      expect(peeled.value.sharedSecret).toEqual(sharedSecrets[i]);
      expect(peeled.value.next === null).toBe(i === vector.hops.length - 1);
      packet = peeled.value.next ?? packet;
      expect(packet.length).toBe(1366);
    });
  });

  it('refuses another version', () => {
    const packet = fromHex(vector.onion);
    packet[0] = 1;
    expect(peelOnion(packet, associatedData, firstHop)).toMatchObject({
      error: { tag: 'malformed', name: 'invalid_onion_version' },
    });
  });

  it('refuses an ephemeral key that is no point', () => {
    const packet = fromHex(vector.onion);
    packet[1] = 5;
    expect(peelOnion(packet, associatedData, firstHop)).toMatchObject({
      error: { tag: 'malformed', name: 'invalid_onion_key' },
    });
  });

  // BOLT 2 §update_add_htlc: "MUST use `payment_hash` as `associated_data`."
  it('refuses other associated data, and any changed byte after the key', () => {
    const wrong = { error: { tag: 'malformed', name: 'invalid_onion_hmac' } };
    expect(peelOnion(fromHex(vector.onion), new Uint8Array(32), firstHop)).toMatchObject(wrong);
    for (const at of [34, 700, 1333, 1334, 1365]) {
      const packet = fromHex(vector.onion);
      packet[at] = (packet[at] ?? 0) ^ 1;
      expect(peelOnion(packet, associatedData, firstHop)).toMatchObject(wrong);
    }
  });

  it('never throws at a packet of any length or content', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(peelOnion(bytes, associatedData, firstHop).ok).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('says how much room is missing', () => {
    const payload = new Uint8Array(1300 - 3 - 32);
    const [hop] = hops;
    if (hop === undefined) throw new Error('no hop');
    expect(buildOnion(sessionKey, [{ ...hop, payload }], associatedData).ok).toBe(true);
    expect(
      buildOnion(sessionKey, [{ ...hop, payload: new Uint8Array(1300 - 3 - 31) }], associatedData),
    ).toEqual({ ok: false, error: { code: 'onion-too-long', needed: 1301, room: 1300 } });
  });

  it('carries any payloads that fit, at any packet size, to the hops they are for', () => {
    const secret = (seed: number) => fromHex(seed.toString(16).padStart(64, '0'));
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 2, maxLength: 300 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(1300, 3000, LARGE_MESSAGE_PAYLOADS_LENGTH),
        (payloads, size) => {
          const needed = payloads.reduce((sum, { length }) => sum + shiftSize(length), 0);
          const secrets = payloads.map((_, i) => secret(i + 1));
          const onion = buildOnion(
            secret(77),
            payloads.map((payload, i) => ({ nodeId: publicKey(secrets[i] ?? secret(1)), payload })),
            associatedData,
            size,
          );
          expect(onion.ok).toBe(needed <= size);
          if (!onion.ok) return;
          let packet: Uint8Array | null = onion.value.packet;
          for (const [i, payload] of payloads.entries()) {
            if (packet === null) throw new Error('ended early');
            const peeled = peelOnion(packet, associatedData, ecdhOf(secrets[i] ?? secret(1)));
            if (!peeled.ok) throw new Error(peeled.error.tag);
            expect(peeled.value.payload).toEqual(payload);
            packet = peeled.value.next;
          }
          expect(packet).toBeNull();
        },
      ),
      { numRuns: 12 },
    );
  });
});
