import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { tryEcdh } from '../crypto/secp256k1.ts';
import { blindedNodeSecret, blindPath, openRecipientData } from './blinding.ts';
import message from './fixtures/onion-message.json' with { type: 'json' };
import vector from './fixtures/route-blinding.json' with { type: 'json' };
import { peelOnion } from './peel.ts';
import { decodeRecipientData, encodeRecipientData } from './recipient-data.ts';
import { session } from './session.ts';
import { buildOnion } from './sphinx.ts';

const ecdhOf = (secret: string) => (point: Uint8Array) => tryEcdh(fromHex(secret), point);

type VectorHop = {
  nodeId: string;
  data: string;
  pathKey: string;
  encryptedData: string;
  blindedNodeId: string;
};
const pathOf = (secret: string, hops: readonly VectorHop[]) =>
  blindPath(
    fromHex(secret),
    hops.map((hop) => ({ nodeId: fromHex(hop.nodeId), data: fromHex(hop.data) })),
  );

describe('route blinding', () => {
  it('makes the two paths of BOLT 4, which its vector joins by an override', () => {
    const [bob, carol, dave, eve] = vector.hops;
    if (!bob || !carol || !dave || !eve) throw new Error('four hops');
    for (const hops of [
      [bob, carol],
      [dave, eve],
    ]) {
      const { path, nextPathKey } = pathOf(hops[0]?.pathSecret ?? '', hops);
      expect(toHex(path.firstPathKey)).toBe(hops[0]?.pathKey);
      expect(toHex(path.firstNodeId)).toBe(hops[0]?.nodeId);
      expect(path.hops.map((hop) => toHex(hop.blindedNodeId))).toEqual(hops.map((hop) => hop.blindedNodeId));
      expect(path.hops.map((hop) => toHex(hop.encryptedRecipientData))).toEqual(
        hops.map((hop) => hop.encryptedData),
      );
      expect(toHex(nextPathKey)).toBe(hops[1]?.nextPathKey);
    }
  });

  it('lets each node read its part and derive the next key', () => {
    for (const hop of vector.hops) {
      const opened = openRecipientData(
        ecdhOf(hop.nodeSecret),
        fromHex(hop.pathKey),
        fromHex(hop.encryptedData),
      );
      if (opened === null) throw new Error('not opened');
      expect(toHex(opened.data)).toBe(hop.data);
      expect(toHex(opened.nextPathKey)).toBe(hop.nextPathKey);
      expect(toHex(blindedNodeSecret(fromHex(hop.nodeSecret), fromHex(hop.sharedSecret)))).toBe(
        hop.blindedSecret,
      );
      const override = decodeRecipientData(opened.data)?.nextPathKeyOverride;
      expect(override && toHex(override)).toBe(hop.nextPathKeyOverride);
    }
  });

  it('reads what the data say, and writes them again as they were but for unknown records', () => {
    const data = decodeRecipientData(fromHex(vector.hops[1]?.data ?? ''));
    expect(data).toMatchObject({
      shortChannelId: 1105n,
      paymentRelay: { cltvExpiryDelta: 48, feeProportionalMillionths: 100, feeBase: 500n },
      paymentConstraints: { maxCltvExpiry: 747_969, htlcMinimum: 1500n },
    });
    expect(data && toHex(encodeRecipientData(data))).toBe(vector.hops[1]?.data);
  });

  it('opens nothing for another node, another key, or changed data', () => {
    const hop = vector.hops[0];
    if (hop === undefined) throw new Error('no hop');
    const encrypted = fromHex(hop.encryptedData);
    const pathKey = fromHex(hop.pathKey);
    expect(openRecipientData(ecdhOf('43'.repeat(32)), pathKey, encrypted)).toBeNull();
    expect(openRecipientData(ecdhOf(hop.nodeSecret), fromHex(hop.nextPathKey), encrypted)).toBeNull();
    encrypted[3] = (encrypted[3] ?? 0) ^ 1;
    expect(openRecipientData(ecdhOf(hop.nodeSecret), pathKey, encrypted)).toBeNull();
    expect(openRecipientData(ecdhOf(hop.nodeSecret), new Uint8Array(33), encrypted)).toBeNull();
  });

  it('refuses data with an unknown even record', () => {
    expect(decodeRecipientData(fromHex('020800000000000000014e0100'))).toBeNull();
  });
});

describe('onion messages', () => {
  /** onionmsg_tlv: `encrypted_recipient_data` is record 4. */
  const payloadOf = (encrypted: string, before = '') =>
    fromHex(`${before}04${(encrypted.length / 2).toString(16).padStart(2, '0')}${encrypted}`);

  it('builds the packet of BOLT 4 to blinded ids, without associated data', () => {
    const hops = message.hops.map((hop, i) => ({
      nodeId: fromHex(hop.blindedNodeId),
      payload: payloadOf(hop.encryptedData, i === 3 ? `0105${message.hello}` : ''),
    }));
    const onion = buildOnion(fromHex(message.sessionKey), hops, new Uint8Array(0));
    expect(onion.ok && toHex(onion.value.packet)).toBe(message.packet);
  });

  // BOLT 2 §update_add_htlc: "MUST use `path_key` (if specified)."
  it('is peeled with the path key that comes beside it, hop by hop', () => {
    message.hops.forEach((hop, i) => {
      const ecdh = ecdhOf(hop.nodeSecret);
      const peeled = peelOnion(fromHex(hop.packet), new Uint8Array(0), ecdh, fromHex(hop.pathKey));
      if (!peeled.ok) throw new Error(JSON.stringify(peeled.error));
      expect(toHex(peeled.value.payload)).toBe(
        toHex(payloadOf(hop.encryptedData, i === 3 ? `0105${message.hello}` : '')),
      );
      const next = message.hops[i + 1];
      expect(peeled.value.next && toHex(peeled.value.next)).toBe(next?.packet ?? null);
      const opened = openRecipientData(ecdh, fromHex(hop.pathKey), fromHex(hop.encryptedData));
      const data = opened && decodeRecipientData(opened.data);
      expect(opened && toHex(opened.data)).toBe(hop.data);
      if (next !== undefined)
        expect(toHex(data?.nextPathKeyOverride ?? opened?.nextPathKey ?? new Uint8Array())).toBe(
          next.pathKey,
        );
    });
  });

  it('derives each shared secret from the path secret', () => {
    const [, bob, carol, dave] = message.hops;
    if (!bob || !carol || !dave) throw new Error('hops');
    const { hops } = session(
      fromHex(bob.pathKeySecret),
      [bob, carol, dave].map((hop) => fromHex(hop.nodeId)),
    );
    expect(hops.map((hop) => toHex(hop.sharedSecret))).toEqual([
      bob.sharedSecret,
      carol.sharedSecret,
      dave.sharedSecret,
    ]);
  });
});
