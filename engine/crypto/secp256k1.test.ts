import { beforeAll, describe, expect, it } from 'vitest';
import { Bug } from '../base/assert.ts';
import { fromHex, toHex } from '../base/bytes.ts';
import { ascii } from './fixtures/ascii.ts';
import bip340 from './fixtures/bip340.json' with { type: 'json' };
import { LOW_R, ORDER, RFC6979 } from './fixtures/ecdsa.ts';
import { wasmBackend } from '../testkit/wasm-backend.ts';
import { sha256 } from './hash.ts';
import * as curve from './secp256k1.ts';
import { nobleSecp256k1 } from './secp256k1-noble.ts';
import type { Secp256k1 } from './secp256k1-backend.ts';

const backends: readonly (readonly [string, () => Promise<Secp256k1>])[] = [
  ['noble', () => Promise.resolve(nobleSecp256k1)],
  ['WebAssembly', wasmBackend],
];

describe.each(backends)('secp256k1 over %s', (_name, load) => {
  beforeAll(async () => curve.installSecp256k1(await load()));

  it.each(bip340.vectors)('BIP 340 vector $index $comment', (vector) => {
    const message = fromHex(vector.message);
    const xOnly = fromHex(vector.publicKey);
    expect(curve.verifySchnorr(fromHex(vector.signature), message, xOnly)).toBe(vector.valid);
    if (vector.secret === undefined) return;
    const secret = fromHex(vector.secret);
    expect(toHex(curve.publicKey(secret).subarray(1))).toBe(vector.publicKey);
    expect(toHex(curve.signSchnorr(message, secret, fromHex(vector.aux)))).toBe(vector.signature);
  });

  it.each(RFC6979)('RFC 6979: "$message" under $secret', ({ secret, message, signature }) => {
    const hash = sha256(ascii(message));
    const key = fromHex(secret);
    expect(toHex(curve.signEcdsa(hash, key))).toBe(signature);
    expect(curve.verifyEcdsa(fromHex(signature), hash, curve.publicKey(key))).toBe(true);
    const recoverable = curve.signRecoverable(hash, key);
    expect(toHex(recoverable.signature)).toBe(signature);
    expect(curve.recoverPoint(recoverable.signature, recoverable.recovery, hash)).toEqual(
      curve.publicKey(key),
    );
  });

  it('grinds for a low r as Bitcoin Core does', () => {
    const { secret, hash, signature } = LOW_R;
    expect(toHex(curve.signEcdsaLowR(fromHex(hash), fromHex(secret)))).toBe(signature);
  });

  it('verifies low S only, recovers from high S too', () => {
    const key = fromHex('11'.repeat(32));
    const hash = sha256(ascii('high s'));
    const { signature, recovery } = curve.signRecoverable(hash, key);
    const high = signature.slice();
    high.set(curve.negateSecret(signature.subarray(32)), 32);
    expect(curve.verifyEcdsa(high, hash, curve.publicKey(key))).toBe(false);
    expect(curve.recoverPoint(high, recovery ^ 1, hash)).toEqual(curve.publicKey(key));
  });

  it('refuses an r or s that is zero or not below n', () => {
    const key = fromHex('11'.repeat(32));
    const hash = sha256(ascii('overflow'));
    const signature = curve.signEcdsa(hash, key);
    for (const value of [new Uint8Array(32), fromHex(ORDER), new Uint8Array(32).fill(0xff)])
      for (const at of [0, 32]) {
        const wrong = signature.slice();
        wrong.set(value, at);
        expect(curve.verifyEcdsa(wrong, hash, curve.publicKey(key))).toBe(false);
        expect(curve.recoverPoint(wrong, 0, hash)).toBeNull();
      }
  });

  it('shares the same secret in the time that may differ', () => {
    const key = fromHex('11'.repeat(32));
    const point = curve.publicKey(fromHex('22'.repeat(32)));
    expect(curve.tryEcdhOnce(key, point)).toEqual(curve.ecdh(key, point));
    expect(curve.ecdh(key, point)).toEqual(curve.ecdh(fromHex('22'.repeat(32)), curve.publicKey(key)));
    expect(curve.tryEcdhOnce(key, new Uint8Array(33))).toBeNull();
    expect(() => curve.tryEcdhOnce(fromHex(ORDER), point)).toThrow(Bug);
  });

  it('takes other lengths for malformed, not for a bug, where they come from outside', () => {
    const point = curve.publicKey(fromHex('11'.repeat(32)));
    const short = new Uint8Array(31);
    expect(curve.isSecretKey(short)).toBe(false);
    expect(curve.isPoint(new Uint8Array(65).fill(4))).toBe(false);
    expect(curve.verifyEcdsa(new Uint8Array(63), new Uint8Array(32), point)).toBe(false);
    expect(curve.verifyEcdsa(new Uint8Array(64), short, point)).toBe(false);
    expect(curve.verifySchnorr(new Uint8Array(65), short, point.subarray(1))).toBe(false);
    expect(curve.recoverPoint(new Uint8Array(64), 4, new Uint8Array(32))).toBeNull();
    expect(curve.multiplyPoint(point, short)).toBeNull();
    expect(curve.tweakPoint(point.subarray(1), new Uint8Array(32))).toBeNull();
    expect(curve.addPoints(point, point.subarray(1))).toBeNull();
    expect(curve.sumOfProducts(point, point.subarray(1), point, short)).toBeNull();
    expect(curve.tweakedProduct(point, short, fromHex('11'.repeat(32)))).toBeNull();
    expect(curve.tryEcdh(fromHex('11'.repeat(32)), point.subarray(1))).toBeNull();
  });

  it('throws a Bug when our own secret is none', () => {
    const hash = new Uint8Array(32);
    for (const secret of [new Uint8Array(32), fromHex(ORDER), new Uint8Array(31)]) {
      expect(() => curve.publicKey(secret)).toThrow(Bug);
      expect(() => curve.signEcdsa(hash, secret)).toThrow(Bug);
      expect(() => curve.signEcdsaLowR(hash, secret)).toThrow(Bug);
      expect(() => curve.signRecoverable(hash, secret)).toThrow(Bug);
      expect(() => curve.signSchnorr(hash, secret)).toThrow(Bug);
      expect(() => curve.negateSecret(secret)).toThrow(Bug);
      expect(() => curve.tryEcdh(secret, curve.publicKey(fromHex('11'.repeat(32))))).toThrow(Bug);
    }
    expect(() => curve.ecdh(fromHex('11'.repeat(32)), new Uint8Array(33))).toThrow(Bug);
    expect(() => curve.negatePoint(new Uint8Array(33))).toThrow(Bug);
  });

  it('adds a point to its negation and finds nothing', () => {
    const point = curve.publicKey(fromHex('11'.repeat(32)));
    expect(curve.addPoints(point, curve.negatePoint(point))).toBeNull();
  });
});
