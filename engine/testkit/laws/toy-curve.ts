import { concatBytes, equalBytes, fromHex, toHex } from '../../base/bytes.ts';
import type { Point } from '../../base/ids.ts';
import { sha256 } from '../../crypto/hash.ts';
import type { Secp256k1 } from '../../crypto/secp256k1-backend.ts';

/**
 * A group with the order and the algebra of secp256k1 in which a point is its own discrete logarithm, and a signature a
 * hash of what it signs beside the key that it is by: everything that honest parties do comes out as it should, a wrong
 * signature is found out, and nothing is secret. For schedules by the ten thousand, which try what is said and saved
 * when; that signatures are real is for other tests.
 */
const N = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n;
const HALF = N >> 1n;

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);
const bytesOf = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, '0'));

function pointOf(value: bigint): Point {
  const isLow = value <= HALF;
  const point = new Uint8Array(33);
  point[0] = isLow ? 2 : 3;
  point.set(bytesOf(isLow ? value : N - value), 1);
  return point;
}

/** Null when it is not a point. Points of the real curve, which wallets derive, are taken for numbers as well. */
function logarithmOf(point: Uint8Array): bigint | null {
  const value = numberOf(point.subarray(1));
  if ((point[0] !== 2 && point[0] !== 3) || value === 0n || value >= N) return null;
  return point[0] === 2 ? value : N - value;
}

const scalarOf = (bytes: Uint8Array): bigint | null => {
  const value = numberOf(bytes);
  return value === 0n || value >= N ? null : value;
};
const pointOrNull = (value: bigint): Point | null => (value === 0n ? null : pointOf(value));

/** r is what is signed and by whom, s is the key: both low, so that sizes are what they are with real signatures. */
function signed(hash: Uint8Array, point: Uint8Array): Uint8Array {
  const r = sha256(concatBytes(hash, point));
  r[0] = (r[0] ?? 0) & 0x7f;
  return concatBytes(r, point.subarray(1));
}

export const toyCurve: Secp256k1 = {
  isSecretKey: (secret) => scalarOf(secret) !== null,
  isPoint: (point) => logarithmOf(point) !== null,
  publicKey: (secret) => pointOf(numberOf(secret)),
  signEcdsa: (hash, secret) => signed(hash, pointOf(numberOf(secret))),
  verifyEcdsa: (signature, hash, point) => equalBytes(signature, signed(hash, point)),
  signRecoverable: (hash, secret) => {
    const point = pointOf(numberOf(secret));
    return { signature: signed(hash, point), recovery: (point[0] ?? 2) - 2 };
  },
  recoverPoint: (signature, recovery, hash) => {
    const point = concatBytes(Uint8Array.of(2 + (recovery & 1)), signature.subarray(32));
    return logarithmOf(point) !== null && equalBytes(signature, signed(hash, point)) ? point : null;
  },
  ecdh: (secret, point) => {
    const value = logarithmOf(point);
    return value === null ? null : sha256(pointOf((value * numberOf(secret)) % N));
  },
  multiplyPoint: (point, scalar) => {
    const [value, factor] = [logarithmOf(point), scalarOf(scalar)];
    return value === null || factor === null ? null : pointOf((value * factor) % N);
  },
  addPoints: (a, b) => {
    const [first, second] = [logarithmOf(a), logarithmOf(b)];
    return first === null || second === null ? null : pointOrNull((first + second) % N);
  },
  sumOfProducts: (p, a, q, b) => {
    const values = [logarithmOf(p), scalarOf(a), logarithmOf(q), scalarOf(b)];
    const [x, y, z, w] = values;
    if (x == null || y == null || z == null || w == null) return null;
    return pointOrNull((x * y + z * w) % N);
  },
  tweakPoint: (point, scalar) => {
    const value = logarithmOf(point);
    const tweak = numberOf(scalar);
    return value === null || tweak >= N ? null : pointOrNull((value + tweak) % N);
  },
  tweakedProduct: (point, scalar, tweak) => {
    const [value, factor] = [logarithmOf(point), scalarOf(scalar)];
    return value === null || factor === null ? null : pointOrNull((value * factor + numberOf(tweak)) % N);
  },
  addSecrets: (secret, scalar) => {
    const [value, tweak] = [scalarOf(secret), numberOf(scalar)];
    if (value === null || tweak >= N) return null;
    const sum = (value + tweak) % N;
    return sum === 0n ? null : bytesOf(sum);
  },
  multiplySecrets: (a, b) => {
    const [first, second] = [scalarOf(a), scalarOf(b)];
    return first === null || second === null ? null : bytesOf((first * second) % N);
  },
  negateSecret: (secret) => bytesOf(N - numberOf(secret)),
  signSchnorr: (message, secret) => {
    const xOnly = pointOf(numberOf(secret)).subarray(1);
    return signed(sha256(message), concatBytes(Uint8Array.of(2), xOnly));
  },
  verifySchnorr: (signature, message, xOnly) =>
    equalBytes(signature, signed(sha256(message), concatBytes(Uint8Array.of(2), xOnly))),
};
