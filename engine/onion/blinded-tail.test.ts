import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { blockDelta, blockHeight, msat, type Scid } from '../base/units.ts';
import { publicKey } from '../crypto/secp256k1.ts';
import { blindedHops, blindForPayment } from './blinded-tail.ts';
import vector from './fixtures/blinded-payment-onion.json' with { type: 'json' };
import { decodePayload } from './payload.ts';

const node = (seed: number): Uint8Array => publicKey(new Uint8Array(32).fill(seed));
const relay = (seed: number, feeBase: number, feeProportionalMillionths: number, delta: number) => ({
  nodeId: node(seed),
  scid: BigInt(seed) as Scid,
  policy: {
    feeBase: msat(feeBase),
    feeProportionalMillionths,
    cltvExpiryDelta: blockDelta(delta),
    htlcMinimum: msat(10 * seed),
  },
  htlcMaximum: msat(1_000_000 - seed),
});
const payee = { nodeId: node(9), pathId: Uint8Array.of(1, 2, 3), minFinalCltvExpiryDelta: blockDelta(0) };

describe('a blinded path for payments', () => {
  it('asks for what its nodes ask for together, as in the example of BOLT 4', () => {
    const relays = [relay(5, 10_000, 0, 50), relay(6, 100, 150, 75), relay(7, 0, 100, 25)];
    const { payInfo, path } = blindForPayment(
      new Uint8Array(32).fill(1),
      relays,
      payee,
      blockHeight(750_000),
    );
    expect(payInfo).toEqual({
      feeBase: 10_100n,
      feeProportionalMillionths: 251,
      cltvExpiryDelta: 150,
      htlcMinimum: 70n,
      htlcMaximum: 999_993n,
    });
    // Their sizes tell nothing of the nodes, not even which is the last.
    expect(new Set(path.hops.map(({ encryptedRecipientData }) => encryptedRecipientData.length)).size).toBe(
      1,
    );
    expect(toHex(path.firstNodeId)).toBe(toHex(node(5)));
    expect(path.hops).toHaveLength(4);
  });

  it('counts the payee’s own delay', () => {
    const asked = { ...payee, minFinalCltvExpiryDelta: blockDelta(18) };
    const none = blindForPayment(new Uint8Array(32).fill(1), [], asked, blockHeight(750_000));
    expect(none.payInfo).toMatchObject({ feeBase: 0n, feeProportionalMillionths: 0, cltvExpiryDelta: 18 });
    expect(none.path.hops).toHaveLength(1);
  });
});

it('the layers of a blinded payment are those of BOLT 4', () => {
  const blinded = vector.hops.slice(1);
  const payloads = blinded.map(({ payload }) => decodePayload(fromHex(payload)));
  const path = {
    firstNodeId: fromHex(blinded[0]?.nodeId ?? ''),
    firstPathKey: payloads.flatMap((one) => (one.ok ? (one.value.currentPathKey ?? []) : []))[0],
    hops: payloads.map((one, i) => ({
      blindedNodeId: fromHex(blinded[i]?.nodeId ?? ''),
      encryptedRecipientData: (one.ok ? one.value.encryptedRecipientData : undefined) ?? new Uint8Array(),
    })),
  };
  if (!(path.firstPathKey instanceof Uint8Array)) throw new Error('no path key');
  const layers = blindedHops(
    { ...path, firstPathKey: path.firstPathKey },
    { amount: msat(100_000), cltvExpiry: blockHeight(749_000), total: msat(150_000) },
  );
  expect(layers.map(({ nodeId, payload }) => [toHex(nodeId), toHex(payload)])).toEqual(
    blinded.map(({ nodeId, payload }) => [nodeId, payload]),
  );
});
