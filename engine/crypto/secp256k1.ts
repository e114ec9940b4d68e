import { assert } from '../base/assert.ts';
import type { Point } from '../base/ids.ts';
import { sha256 } from './hash.ts';
import type { Secp256k1 } from './secp256k1-backend.ts';
import { nobleSecp256k1 } from './secp256k1-noble.ts';

let backend: Secp256k1 = nobleSecp256k1;

/** Signs and verifies with another implementation from now on. Only `loadSecp256k1`, which checks it first, calls this. */
export function installSecp256k1(checked: Secp256k1): void {
  backend = checked;
}

function assertSecret(secret: Uint8Array): void {
  assert(isSecretKey(secret), 'not a secret key');
}

/** True for 32 bytes that are a number in 1 … n-1. */
export const isSecretKey = (secret: Uint8Array): boolean =>
  secret.length === 32 && backend.isSecretKey(secret);

/** True for a compressed point of the curve, 33 bytes. */
export const isPoint = (point: Uint8Array): point is Point => point.length === 33 && backend.isPoint(point);

/** @throws {Bug} when `secret` is not a secret key. */
export function publicKey(secret: Uint8Array): Point {
  assertSecret(secret);
  return backend.publicKey(secret);
}

/**
 * Deterministic (RFC 6979), low S.
 * @returns r ‖ s, 64 bytes.
 * @throws {Bug} when `hash` is not 32 bytes or `secret` is not a secret key.
 */
export function signEcdsa(hash: Uint8Array, secret: Uint8Array): Uint8Array {
  assert(hash.length === 32, 'not a hash');
  assertSecret(secret);
  return backend.signEcdsa(hash, secret);
}

/**
 * As `signEcdsa`, and r is below 2^255, so that the DER form never needs 71 bytes: on-chain weights become exact.
 * Grinds as Bitcoin Core's CKey::Sign does: the first try without extra data, then a little-endian counter from 1.
 * @throws {Bug} when `hash` is not 32 bytes or `secret` is not a secret key.
 */
export function signEcdsaLowR(hash: Uint8Array, secret: Uint8Array): Uint8Array {
  let signature = signEcdsa(hash, secret);
  const entropy = new Uint8Array(32);
  const counter = new DataView(entropy.buffer);
  for (let i = 1; (signature[0] ?? 0) >= 0x80; i++) {
    counter.setUint32(0, i, true);
    signature = backend.signEcdsa(hash, secret, entropy);
  }
  return signature;
}

/** Accepts low S only, as libsecp256k1 does. False for anything malformed. */
export const verifyEcdsa = (signature: Uint8Array, hash: Uint8Array, point: Uint8Array): boolean =>
  signature.length === 64 &&
  hash.length === 32 &&
  point.length === 33 &&
  backend.verifyEcdsa(signature, hash, point);

/**
 * @returns r ‖ s and the recovery id, 0 … 3.
 * @throws {Bug} when `hash` is not 32 bytes or `secret` is not a secret key.
 */
export function signRecoverable(
  hash: Uint8Array,
  secret: Uint8Array,
): { readonly signature: Uint8Array; readonly recovery: number } {
  assert(hash.length === 32, 'not a hash');
  assertSecret(secret);
  return backend.signRecoverable(hash, secret);
}

/** The point under which the signature (low or high S) is valid; null when there is none. */
export const recoverPoint = (signature: Uint8Array, recovery: number, hash: Uint8Array): Point | null =>
  signature.length === 64 &&
  hash.length === 32 &&
  Number.isInteger(recovery) &&
  recovery >= 0 &&
  recovery <= 3
    ? backend.recoverPoint(signature, recovery, hash)
    : null;

/**
 * BOLT 8 §Handshake State: "ECDH(k, rk)… the returned value is the SHA256 of the compressed format of the generated
 * point".
 * @throws {Bug} when `secret` or `point` is invalid; for a point from outside, see `tryEcdh`.
 */
export function ecdh(secret: Uint8Array, point: Uint8Array): Uint8Array {
  const shared = tryEcdh(secret, point);
  assert(shared !== null, 'not a point');
  return shared;
}

/**
 * As `ecdh`, but null when `point` is not one.
 * @throws {Bug} when `secret` is not a secret key.
 */
export function tryEcdh(secret: Uint8Array, point: Uint8Array): Uint8Array | null {
  assertSecret(secret);
  return point.length === 33 ? backend.ecdh(secret, point) : null;
}

/**
 * As `tryEcdh`, in half the time, which may depend on `secret`: for one that is used for a single onion.
 * @throws {Bug} when `secret` is not a secret key.
 */
export function tryEcdhOnce(secret: Uint8Array, point: Uint8Array): Uint8Array | null {
  assertSecret(secret);
  const product = multiplyPoint(point, secret);
  return product === null ? null : sha256(product);
}

/** `scalar`·`point`; null when `point` is not one, or `scalar` is zero or not below n. */
export const multiplyPoint = (point: Uint8Array, scalar: Uint8Array): Point | null =>
  point.length === 33 && scalar.length === 32 ? backend.multiplyPoint(point, scalar) : null;

/** Null when one of them is not a point, or when they cancel out. */
export const addPoints = (a: Uint8Array, b: Uint8Array): Point | null =>
  a.length === 33 && b.length === 33 ? backend.addPoints(a, b) : null;

/**
 * `a`·`p` + `b`·`q` for scalars that are public; null when `p` or `q` is not a point, a scalar is zero or not below n,
 * or the products cancel out.
 */
export const sumOfProducts = (p: Uint8Array, a: Uint8Array, q: Uint8Array, b: Uint8Array): Point | null =>
  p.length === 33 && a.length === 32 && q.length === 33 && b.length === 32
    ? backend.sumOfProducts(p, a, q, b)
    : null;

/** `point` + `scalar`·G; null when `point` is not one, `scalar` is not below n, or the sum is infinity. */
export const tweakPoint = (point: Uint8Array, scalar: Uint8Array): Point | null =>
  point.length === 33 && scalar.length === 32 ? backend.tweakPoint(point, scalar) : null;

/**
 * `scalar`·`point` + `tweak`·G, for a scalar that is public; null when `point` is not one, `scalar` is zero or not below
 * n, or the two cancel out.
 * @throws {Bug} when `tweak` is not a secret key.
 */
export function tweakedProduct(point: Uint8Array, scalar: Uint8Array, tweak: Uint8Array): Point | null {
  assertSecret(tweak);
  return point.length === 33 && scalar.length === 32 ? backend.tweakedProduct(point, scalar, tweak) : null;
}

/** a + b mod n; null when `a` is not a secret key, `b` is not below n, or the sum is zero. */
export const addSecrets = (a: Uint8Array, b: Uint8Array): Uint8Array | null =>
  a.length === 32 && b.length === 32 ? backend.addSecrets(a, b) : null;

/** a · b mod n; null when one of them is not a secret key. */
export const multiplySecrets = (a: Uint8Array, b: Uint8Array): Uint8Array | null =>
  a.length === 32 && b.length === 32 ? backend.multiplySecrets(a, b) : null;

/** n - secret. @throws {Bug} when `secret` is not a secret key. */
export function negateSecret(secret: Uint8Array): Uint8Array {
  assertSecret(secret);
  return backend.negateSecret(secret);
}

/** @throws {Bug} when `point` is not one. */
export function negatePoint(point: Uint8Array): Point {
  assert(isPoint(point), 'not a point');
  const negated = point.slice();
  negated[0] = (point[0] ?? 0) ^ 1;
  return negated;
}

const NO_AUX = new Uint8Array(32);

/**
 * BIP 340. `message` of any length; without `aux` (32 random bytes) the nonce is deterministic.
 * @throws {Bug} when `secret` is not a secret key, or `aux` not 32 bytes.
 */
export function signSchnorr(message: Uint8Array, secret: Uint8Array, aux: Uint8Array = NO_AUX): Uint8Array {
  assert(aux.length === 32, 'aux is not 32 bytes');
  assertSecret(secret);
  return backend.signSchnorr(message, secret, aux);
}

/** BIP 340. False for anything malformed. */
export const verifySchnorr = (signature: Uint8Array, message: Uint8Array, xOnly: Uint8Array): boolean =>
  signature.length === 64 && xOnly.length === 32 && backend.verifySchnorr(signature, message, xOnly);
