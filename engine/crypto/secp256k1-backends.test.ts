import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { wasmBackend } from '../testkit/wasm-backend.ts';
import { sha256 } from './hash.ts';
import type { Secp256k1 } from './secp256k1-backend.ts';
import { nobleSecp256k1 as noble } from './secp256k1-noble.ts';
import { wasmSecp256k1 } from './secp256k1-wasm.ts';
import { readExports } from './secp256k1-wasm-exports.ts';

let wasm: Secp256k1;
beforeAll(async () => {
  wasm = await wasmBackend();
});

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const ofNumber = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, '0'));
const N = BigInt('0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');
const P = 2n ** 256n - 2n ** 32n - 977n;

/** Any 32 bytes, often at an edge: 0, 1, around n/2, n, p and 2^256. */
const scalar = fc.oneof(
  { weight: 3, arbitrary: bytes(32) },
  fc
    .constantFrom(0n, 1n, 2n, N / 2n, N / 2n + 1n, N - 2n, N - 1n, N, N + 1n, P - 1n, P, 2n ** 256n - 1n)
    .map(ofNumber),
);
const secret = scalar.filter((candidate) => noble.isSecretKey(candidate));
const goodPoint = fc.tuple(secret, fc.boolean()).map(([key, flip]) => {
  const point = noble.publicKey(key).slice();
  if (flip) point[0] = (point[0] ?? 0) ^ 1;
  return point;
});
/** Mostly points; else a wrong prefix, an x that is no curve point or not below p, or noise. */
const point = fc.oneof(
  { weight: 4, arbitrary: goodPoint },
  fc.tuple(goodPoint, fc.constantFrom(0, 1, 4, 5, 6, 7, 255)).map(([good, prefix]) => {
    const wrong = good.slice();
    wrong[0] = prefix;
    return wrong;
  }),
  fc.tuple(fc.constantFrom(2, 3), scalar).map(([prefix, x]) => Uint8Array.of(prefix, ...x)),
  bytes(33),
);

/** Both give the same for every input. */
function agree<Inputs extends unknown[]>(
  inputs: { readonly [I in keyof Inputs]: fc.Arbitrary<Inputs[I]> },
  run: (curve: Secp256k1, ...input: Inputs) => unknown,
  numRuns = 25,
): void {
  fc.assert(
    fc.property(fc.tuple<Inputs>(...inputs), (input) => {
      expect(run(wasm, ...input)).toEqual(run(noble, ...input));
    }),
    { numRuns },
  );
}

describe('WebAssembly and noble give the same', () => {
  it('isSecretKey', () => agree([scalar], (curve, key) => curve.isSecretKey(key)));
  it('isPoint', () => agree([point], (curve, p) => curve.isPoint(p), 200));
  it('publicKey', () => agree([secret], (curve, key) => curve.publicKey(key)));
  it('signEcdsa', () => agree([scalar, secret], (curve, hash, key) => curve.signEcdsa(hash, key)));
  it('signEcdsa with entropy', () =>
    agree([scalar, secret, bytes(32)], (curve, hash, key, entropy) => curve.signEcdsa(hash, key, entropy)));
  it('signRecoverable', () =>
    agree([scalar, secret], (curve, hash, key) => curve.signRecoverable(hash, key)));

  it('verifyEcdsa, of true signatures and of those with one byte changed', () =>
    agree(
      [scalar, secret, fc.nat(63), fc.constantFrom(0, 0, 1, 0x80, 0xff)],
      (curve, hash, key, at, change) => {
        const signature = noble.signEcdsa(hash, key).slice();
        signature[at] = (signature[at] ?? 0) ^ change;
        return curve.verifyEcdsa(signature, hash, noble.publicKey(key));
      },
    ));
  it('verifyEcdsa, of any r and s and point', () =>
    agree([scalar, scalar, scalar, point], (curve, r, s, hash, p) =>
      curve.verifyEcdsa(Uint8Array.of(...r, ...s), hash, p),
    ));
  it('recoverPoint', () =>
    agree([scalar, scalar, fc.nat(3), scalar], (curve, r, s, recovery, hash) =>
      curve.recoverPoint(Uint8Array.of(...r, ...s), recovery, hash),
    ));

  it('ecdh', () => agree([secret, point], (curve, key, p) => curve.ecdh(key, p)));
  it('multiplyPoint', () => agree([point, scalar], (curve, p, k) => curve.multiplyPoint(p, k)));
  it('addPoints', () => agree([point, point], (curve, a, b) => curve.addPoints(a, b)));
  it('addPoints, doubling and cancelling', () =>
    agree([goodPoint, fc.boolean()], (curve, p, cancel) => {
      const q = p.slice();
      if (cancel) q[0] = (q[0] ?? 0) ^ 1;
      return curve.addPoints(p, q);
    }));
  it('sumOfProducts', () =>
    agree([point, scalar, point, scalar], (curve, p, a, q, b) => curve.sumOfProducts(p, a, q, b)));
  it('sumOfProducts, doubling and cancelling', () =>
    agree([goodPoint, secret, fc.boolean()], (curve, p, a, cancel) =>
      curve.sumOfProducts(p, a, p, cancel ? noble.negateSecret(a) : a),
    ));
  it('tweakPoint', () => agree([point, scalar], (curve, p, t) => curve.tweakPoint(p, t)));
  it('tweakPoint to infinity and to the double', () =>
    agree([secret, fc.boolean()], (curve, key, cancel) =>
      curve.tweakPoint(noble.publicKey(key), cancel ? noble.negateSecret(key) : key),
    ));
  it('tweakedProduct', () =>
    agree([point, scalar, secret], (curve, p, k, t) => curve.tweakedProduct(p, k, t)));
  it('tweakedProduct, doubling and cancelling', () =>
    agree([secret, fc.boolean()], (curve, key, cancel) =>
      curve.tweakedProduct(noble.publicKey(key), ofNumber(1n), cancel ? noble.negateSecret(key) : key),
    ));
  it('addSecrets', () => agree([scalar, scalar], (curve, a, b) => curve.addSecrets(a, b)));
  it('addSecrets to zero', () =>
    agree([secret], (curve, key) => curve.addSecrets(key, noble.negateSecret(key))));
  it('multiplySecrets', () => agree([scalar, scalar], (curve, a, b) => curve.multiplySecrets(a, b)));
  it('negateSecret', () => agree([secret], (curve, key) => curve.negateSecret(key)));

  it('signSchnorr', () =>
    agree(
      [fc.oneof({ weight: 3, arbitrary: scalar }, fc.uint8Array({ maxLength: 70 })), secret, scalar],
      (curve, message, key, aux) => curve.signSchnorr(message, key, aux),
      30,
    ));
  it('verifySchnorr, of true signatures and of those with one byte changed', () =>
    agree(
      [fc.oneof(bytes(32), bytes(33)), secret, fc.nat(63), fc.constantFrom(0, 0, 1, 0xff)],
      (curve, message, key, at, change) => {
        const signature = wasm.signSchnorr(message, key, new Uint8Array(32)).slice();
        signature[at] = (signature[at] ?? 0) ^ change;
        return curve.verifySchnorr(signature, message, noble.publicKey(key).subarray(1));
      },
    ));
  it('verifySchnorr, of any r, s and key', () =>
    agree([scalar, scalar, scalar, bytes(32)], (curve, r, s, x, message) =>
      curve.verifySchnorr(Uint8Array.of(...r, ...s), message, x),
    ));
});

describe('a null and a secret leave nothing behind', () => {
  it('answers the same after a refused input', () => {
    const key = ofNumber(N - 5n);
    const before = wasm.publicKey(key);
    expect(wasm.multiplyPoint(new Uint8Array(33), key)).toBeNull();
    expect(wasm.tweakPoint(before, ofNumber(N))).toBeNull();
    expect(wasm.publicKey(key)).toEqual(before);
  });

  it('overwrites each secret in its memory, in whatever form the library has it', async () => {
    const exports = readExports(await instantiateSecp256k1());
    if (exports === null) throw new Error('exports');
    const curve = wasmSecp256k1(exports, ofNumber(77n));
    const memory = Buffer.from(exports.memory.buffer);
    const key = sha256(ofNumber(3n));
    const other = sha256(ofNumber(4n));
    const p = noble.publicKey(sha256(ofNumber(5n)));
    const shared = noble.ecdh(key, p) ?? new Uint8Array();
    const product = noble.multiplyPoint(p, key) ?? new Uint8Array();
    const sum = noble.addSecrets(key, other) ?? new Uint8Array();
    const calls = [
      () => curve.isSecretKey(key),
      () => curve.publicKey(key),
      () => curve.signEcdsa(ofNumber(1n), key, ofNumber(2n)),
      () => curve.signRecoverable(ofNumber(1n), key),
      () => curve.ecdh(key, p),
      () => curve.multiplyPoint(p, key),
      () => curve.tweakPoint(p, key),
      () => curve.addSecrets(key, other),
      () => curve.multiplySecrets(other, key),
      () => curve.negateSecret(key),
      () => curve.signSchnorr(ofNumber(1n), key, ofNumber(2n)),
      () => curve.tweakedProduct(p, other, key),
    ];
    for (const call of calls) {
      call();
      // A scalar is kept as eight words, the least first: its bytes the other way round.
      for (const secret of [key, other, sum, noble.negateSecret(key), shared])
        for (const form of [Buffer.from(secret), Buffer.from(secret).reverse()])
          expect({ call: String(call), at: memory.indexOf(form.subarray(0, 16)) }).toEqual({
            call: String(call),
            at: -1,
          });
    }
    // What was multiplied by a secret is no secret of ours, but for ECDH, where it is.
    curve.publicKey(ofNumber(1n));
    curve.ecdh(key, p);
    for (const form of [Buffer.from(product.subarray(1)), Buffer.from(product.subarray(1)).reverse()])
      expect(memory.includes(form)).toBe(false);
  });
});
