import { secp256k1 } from '@noble/curves/secp256k1.js';
import { assert } from '../base/assert.ts';
import { toHex } from '../base/bytes.ts';
import { rememberedPoints } from './remembered-points.ts';
import type { Secp256k1 } from './secp256k1-backend.ts';
import { nobleSecp256k1 } from './secp256k1-noble.ts';
import type { Secp256k1Wasm } from './secp256k1-wasm-exports.ts';

const { Fn } = secp256k1.Point;
const CONTEXT_SIGN_VERIFY = 0x301;
const COMPRESSED = 0x102;

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
  const bytesAt = wasm.malloc(64);
  const pubkeyAt = wasm.malloc(64);
  const firstAt = wasm.malloc(64);
  const secondAt = wasm.malloc(64);
  const bothAt = wasm.malloc(8);
  const signatureAt = wasm.malloc(65);
  const keypairAt = wasm.malloc(96);
  const numberAt = wasm.malloc(4);
  const heap = new Uint8Array(wasm.memory.buffer);
  const words = new Uint32Array(wasm.memory.buffer);
  words.set([firstAt, secondAt], bothAt >> 2);

  const put = (bytes: Uint8Array, at: number): number => {
    heap.set(bytes, at);
    return at;
  };
  const take = (at: number, length: number): Uint8Array => heap.slice(at, at + length);
  const serialize = (): Uint8Array => {
    words[numberAt >> 2] = 33;
    wasm.pubkeySerialize(context, bytesAt, numberAt, pubkeyAt, COMPRESSED);
    return take(bytesAt, 33);
  };
  const parse = rememberedPoints(
    wasm.malloc,
    (at, point) => wasm.pubkeyParse(context, at, put(point, bytesAt), 33) === 1,
  );
  /** Where the library's functions change what they are given. */
  const parseInto = (at: number, point: Uint8Array): boolean => {
    const parsedAt = parse(point);
    if (parsedAt !== 0) heap.copyWithin(at, parsedAt, parsedAt + 64);
    return parsedAt !== 0;
  };
  const multiplied = (at: number, point: Uint8Array, scalar: Uint8Array): boolean =>
    parseInto(at, point) &&
    withSecret(scalar, (factorAt) => wasm.pubkeyTweakMul(context, at, factorAt) === 1);
  /** Of the first and the second; the library clears its output before it reads. */
  const sum = (): Uint8Array | null =>
    wasm.pubkeyCombine(context, pubkeyAt, bothAt, 2) === 1 ? serialize() : null;
  const withSecret = <T>(secret: Uint8Array, use: (at: number) => T): T => {
    try {
      return use(put(secret, secretAt));
    } finally {
      heap.fill(0, secretAt, secretAt + 64);
      wasm.wipeStack();
    }
  };
  const create = (at: number, secret: Uint8Array): boolean =>
    withSecret(secret, (secretKeyAt) => wasm.pubkeyCreate(context, at, secretKeyAt) === 1);
  const isSecretKey = (secret: Uint8Array): boolean =>
    withSecret(secret, (at) => wasm.seckeyVerify(context, at) === 1);
  /** RFC 6979 §3.2d: "bits2octets(h1)", thus modulo n, which this version leaves to its caller. */
  const reduced = (hash: Uint8Array): Uint8Array =>
    isSecretKey(hash) ? hash : Fn.toBytes(Fn.create(BigInt(`0x${toHex(hash)}`)));
  const signInto = (hash: Uint8Array, secret: Uint8Array, entropy?: Uint8Array): number => {
    put(reduced(hash), hashAt);
    const entropyAt = entropy === undefined ? 0 : put(entropy, bytesAt);
    const signed = withSecret(secret, (at) =>
      wasm.signRecoverable(context, signatureAt, hashAt, at, 0, entropyAt),
    );
    assert(signed === 1, 'not a secret key');
    wasm.recoverableSerializeCompact(context, bytesAt, numberAt, signatureAt);
    return heap[numberAt] ?? 0;
  };
  const changedSecret = (secret: Uint8Array, change: (at: number) => number): Uint8Array | null =>
    withSecret(secret, (at) => (change(at) === 1 ? take(at, 32) : null));

  withSecret(seed, (at) => assert(wasm.contextRandomize(context, at) === 1, 'secp256k1 context'));

  return {
    isSecretKey,
    isPoint: (point) => parse(point) !== 0,
    publicKey(secret) {
      assert(create(pubkeyAt, secret), 'not a secret key');
      return serialize();
    },
    signEcdsa(hash, secret, entropy) {
      signInto(hash, secret, entropy);
      return take(bytesAt, 64);
    },
    signRecoverable(hash, secret) {
      const recovery = signInto(hash, secret);
      return { signature: take(bytesAt, 64), recovery };
    },
    verifyEcdsa(signature, hash, point) {
      const parsedAt = parse(point);
      return (
        parsedAt !== 0 &&
        wasm.signatureParseCompact(context, signatureAt, put(signature, bytesAt)) === 1 &&
        wasm.verify(context, signatureAt, put(hash, hashAt), parsedAt) === 1
      );
    },
    // Another recovery id is no answer of the library's, but a trap.
    recoverPoint: (signature, recovery, hash) =>
      (recovery & 3) === recovery &&
      wasm.recoverableParseCompact(context, signatureAt, put(signature, bytesAt), recovery) === 1 &&
      wasm.recover(context, pubkeyAt, signatureAt, put(hash, hashAt)) === 1
        ? serialize()
        : null,
    ecdh(secret, point) {
      const parsedAt = parse(point);
      return parsedAt === 0
        ? null
        : changedSecret(secret, (at) => wasm.ecdh(context, at, parsedAt, at, 0, 0));
    },
    multiplyPoint: (point, scalar) => (multiplied(pubkeyAt, point, scalar) ? serialize() : null),
    addPoints: (a, b) => (parseInto(firstAt, a) && parseInto(secondAt, b) ? sum() : null),
    sumOfProducts: (p, a, q, b) => (multiplied(firstAt, p, a) && multiplied(secondAt, q, b) ? sum() : null),
    tweakPoint(point, scalar) {
      if (!parseInto(firstAt, point)) return null;
      // The library's own tweak takes a sixth longer than scalar·G and a sum.
      if (create(secondAt, scalar)) return sum();
      return scalar.every((byte) => byte === 0) ? point.slice() : null;
    },
    tweakedProduct(point, scalar, tweak) {
      if (!multiplied(firstAt, point, scalar)) return null;
      assert(create(secondAt, tweak), 'not a secret key');
      return sum();
    },
    addSecrets: (secret, scalar) =>
      changedSecret(secret, (at) => wasm.seckeyTweakAdd(context, at, put(scalar, scalarAt))),
    multiplySecrets: (a, b) => changedSecret(a, (at) => wasm.seckeyTweakMul(context, at, put(b, scalarAt))),
    negateSecret(secret) {
      const negated = changedSecret(secret, (at) => wasm.seckeyNegate(context, at));
      assert(negated !== null, 'not a secret key');
      return negated;
    },
    signSchnorr(message, secret, aux) {
      // This version signs hashes alone; of transactions nothing else is signed.
      if (message.length !== 32) return nobleSecp256k1.signSchnorr(message, secret, aux);
      try {
        const signed = withSecret(
          secret,
          (at) =>
            wasm.keypairCreate(context, keypairAt, at) === 1 &&
            wasm.schnorrSign(context, signatureAt, put(message, hashAt), keypairAt, 0, put(aux, bytesAt)) ===
              1,
        );
        assert(signed, 'not a secret key');
        return take(signatureAt, 64);
      } finally {
        heap.fill(0, keypairAt, keypairAt + 96);
      }
    },
    verifySchnorr: (signature, message, xOnly) =>
      message.length === 32
        ? wasm.xonlyParse(context, pubkeyAt, put(xOnly, bytesAt)) === 1 &&
          wasm.schnorrVerify(context, put(signature, signatureAt), put(message, hashAt), pubkeyAt) === 1
        : nobleSecp256k1.verifySchnorr(signature, message, xOnly),
  };
}
