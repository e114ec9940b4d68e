import { secp256k1 } from '@noble/curves/secp256k1.js';
import { assert } from '../base/assert.ts';
import { fromHex, toHex } from '../base/bytes.ts';
import { affineSum } from './affine.ts';
import { sha256, taggedHash } from './hash.ts';
import { schnorrOver } from './schnorr.ts';
import type { Secp256k1 } from './secp256k1-backend.ts';
import type { Secp256k1Wasm } from './secp256k1-wasm-exports.ts';

const { Fn } = secp256k1.Point;
const CONTEXT_SIGN_VERIFY = 0x301;
const COMPRESSED = 0x102;
const UNCOMPRESSED = 0x02;
/** Those of the channels that are busy, and what passes by. */
const REMEMBERED_POINTS = 256;
/** n - 1: multiplying by it negates. */
const MINUS_ONE = fromHex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140');

const modulo = (bytes: Uint8Array): bigint => Fn.create(BigInt(`0x${toHex(bytes)}`));

/**
 * libsecp256k1 in WebAssembly. One buffer of each kind, made once and used by every call: nothing here is re-entrant,
 * and nothing needs to be. Secrets are overwritten after use.
 * @param seed 32 random bytes, against side channels.
 */
export function wasmSecp256k1(wasm: Secp256k1Wasm, seed: Uint8Array): Secp256k1 {
  const context = wasm.contextCreate(CONTEXT_SIGN_VERIFY);
  const secretAt = wasm.malloc(64);
  const scalarAt = secretAt + 32;
  const hashAt = wasm.malloc(32);
  const bytesAt = wasm.malloc(65);
  const pubkeyAt = wasm.malloc(64);
  const signatureAt = wasm.malloc(65);
  const lengthAt = wasm.malloc(4);
  const blindAt = wasm.malloc(32);
  const unblindAt = wasm.malloc(32);
  const heap = new Uint8Array(wasm.memory.buffer);
  const words = new Uint32Array(wasm.memory.buffer);

  const put = (bytes: Uint8Array, at: number): number => {
    heap.set(bytes, at);
    return at;
  };
  const wipe = (at: number, length: number): void => {
    heap.fill(0, at, at + length);
  };
  const take = (at: number, length: number): Uint8Array => heap.slice(at, at + length);
  const serialize = (flags: number): Uint8Array => {
    const length = flags === COMPRESSED ? 33 : 65;
    words[lengthAt >> 2] = length;
    wasm.pubkeySerialize(context, bytesAt, lengthAt, pubkeyAt, flags);
    return take(bytesAt, length);
  };
  // Each point that a compressed one stands for costs a square root, and those of a channel come again and again.
  const known = new Map<string, Uint8Array>();
  const parse = (point: Uint8Array): boolean => {
    const name = String.fromCharCode(...point);
    const found = known.get(name);
    if (found !== undefined) {
      heap.set(found, pubkeyAt);
      return true;
    }
    if (wasm.pubkeyParse(context, pubkeyAt, put(point, bytesAt), 33) !== 1) return false;
    known.set(name, take(pubkeyAt, 64));
    for (const oldest of known.keys()) {
      if (known.size <= REMEMBERED_POINTS) break;
      known.delete(oldest);
    }
    return true;
  };
  const uncompressed = (point: Uint8Array): Uint8Array | null =>
    parse(point) ? serialize(UNCOMPRESSED) : null;
  const multiplied = (point: Uint8Array, scalar: Uint8Array): boolean =>
    parse(point) && wasm.pubkeyTweakMul(context, pubkeyAt, put(scalar, scalarAt)) === 1;
  const withSecret = <T>(secret: Uint8Array, use: (at: number) => T): T => {
    try {
      return use(put(secret, secretAt));
    } finally {
      wipe(secretAt, 64);
    }
  };
  const create = (secret: Uint8Array): boolean =>
    withSecret(secret, (at) => wasm.pubkeyCreate(context, pubkeyAt, at) === 1);
  const isSecretKey = (secret: Uint8Array): boolean =>
    withSecret(secret, (at) => wasm.seckeyVerify(context, at) === 1);
  /** RFC 6979 §3.2d: "bits2octets(h1)", thus modulo n, which this version leaves to its caller. */
  const reduced = (hash: Uint8Array): Uint8Array => (isSecretKey(hash) ? hash : Fn.toBytes(modulo(hash)));
  const signInto = (hash: Uint8Array, secret: Uint8Array, entropy?: Uint8Array): number => {
    put(reduced(hash), hashAt);
    const entropyAt = entropy === undefined ? 0 : put(entropy, bytesAt);
    const signed = withSecret(secret, (at) =>
      wasm.signRecoverable(context, signatureAt, hashAt, at, 0, entropyAt),
    );
    assert(signed === 1, 'not a secret key');
    wasm.recoverableSerializeCompact(context, bytesAt, lengthAt, signatureAt);
    return heap[lengthAt] ?? 0;
  };
  // This version looks at the second number only, and takes the first modulo n.
  const addSecrets = (secret: Uint8Array, scalar: Uint8Array): Uint8Array | null =>
    withSecret(secret, (at) =>
      wasm.seckeyVerify(context, at) === 1 && wasm.seckeyTweakAdd(context, at, put(scalar, scalarAt)) === 1
        ? take(at, 32)
        : null,
    );
  const multiplySecrets = (a: Uint8Array, b: Uint8Array): Uint8Array | null =>
    withSecret(a, (at) =>
      wasm.seckeyVerify(context, at) === 1 && wasm.seckeyTweakMul(context, at, put(b, scalarAt)) === 1
        ? take(at, 32)
        : null,
    );

  const square = (at: number): void => {
    heap.copyWithin(scalarAt, at, at + 32);
    wasm.seckeyTweakMul(context, at, scalarAt);
    wipe(scalarAt, 32);
  };
  /**
   * The only multiplication of a point here takes a time that depends on the number. So a secret s is split into r and
   * s·r⁻¹, both as good as random, and another pair each time: r and its inverse are squared.
   */
  const multipliedBySecret = (point: Uint8Array, secret: Uint8Array): boolean => {
    square(blindAt);
    square(unblindAt);
    return (
      parse(point) &&
      wasm.pubkeyTweakMul(context, pubkeyAt, blindAt) === 1 &&
      withSecret(
        secret,
        (at) =>
          wasm.seckeyTweakMul(context, at, unblindAt) === 1 &&
          wasm.pubkeyTweakMul(context, pubkeyAt, at) === 1,
      )
    );
  };

  assert(wasm.contextRandomize(context, put(seed, secretAt)) === 1, 'secp256k1 context');
  wipe(secretAt, 32);
  const blind = modulo(taggedHash('leyden/blinding', seed));
  put(Fn.toBytes(blind), blindAt);
  put(Fn.toBytes(Fn.inv(blind)), unblindAt);

  const ecdsa: Omit<Secp256k1, 'signSchnorr' | 'verifySchnorr'> = {
    isSecretKey,
    isPoint: parse,
    publicKey(secret) {
      assert(create(secret), 'not a secret key');
      return serialize(COMPRESSED);
    },
    signEcdsa(hash, secret, entropy) {
      signInto(hash, secret, entropy);
      return take(bytesAt, 64);
    },
    signRecoverable(hash, secret) {
      const recovery = signInto(hash, secret);
      return { signature: take(bytesAt, 64), recovery };
    },
    verifyEcdsa: (signature, hash, point) =>
      parse(point) &&
      wasm.signatureParseCompact(context, signatureAt, put(signature, bytesAt)) === 1 &&
      wasm.verify(context, signatureAt, put(hash, hashAt), pubkeyAt) === 1,
    recoverPoint: (signature, recovery, hash) =>
      wasm.recoverableParseCompact(context, signatureAt, put(signature, bytesAt), recovery) === 1 &&
      wasm.recover(context, pubkeyAt, signatureAt, put(hash, hashAt)) === 1
        ? serialize(COMPRESSED)
        : null,
    ecdh(secret, point) {
      if (!multipliedBySecret(point, secret)) return null;
      const shared = sha256(serialize(COMPRESSED));
      wipe(bytesAt, 33);
      return shared;
    },
    multiplyPoint: (point, scalar) =>
      parse(point) && withSecret(scalar, (at) => wasm.pubkeyTweakMul(context, pubkeyAt, at)) === 1
        ? serialize(COMPRESSED)
        : null,
    addPoints(a, b) {
      const p = uncompressed(a);
      const q = uncompressed(b);
      return p === null || q === null ? null : affineSum(p, q);
    },
    sumOfProducts(p, a, q, b) {
      const first = multiplied(p, a) ? serialize(UNCOMPRESSED) : null;
      // Uncompressed in between: a root less for each.
      return first !== null && multiplied(q, b) ? affineSum(first, serialize(UNCOMPRESSED)) : null;
    },
    tweakPoint(point, scalar) {
      const p = uncompressed(point);
      if (p === null) return null;
      // scalar·G and one addition take two thirds of the time of the library's own tweak.
      if (create(scalar)) return affineSum(p, serialize(UNCOMPRESSED));
      return scalar.every((byte) => byte === 0) ? point.slice() : null;
    },
    tweakedProduct(point, scalar, tweak) {
      const first = multiplied(point, scalar) ? serialize(UNCOMPRESSED) : null;
      return first !== null && create(tweak) ? affineSum(first, serialize(UNCOMPRESSED)) : null;
    },
    addSecrets,
    multiplySecrets,
    negateSecret(secret) {
      const negated = multiplySecrets(secret, MINUS_ONE);
      assert(negated !== null, 'not a secret key');
      return negated;
    },
  };
  return { ...ecdsa, ...schnorrOver(ecdsa) };
}
