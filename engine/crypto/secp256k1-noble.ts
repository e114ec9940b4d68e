import { schnorr, secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Secp256k1 } from './secp256k1-backend.ts';

const { Point } = secp256k1;
const { Fn } = Point;
type CurvePoint = ReturnType<typeof Point.fromBytes>;

const COMPACT = { prehash: false, lowS: true, format: 'compact' } as const;

function parsePoint(bytes: Uint8Array): CurvePoint | null {
  if (bytes.length !== 33) return null;
  try {
    return Point.fromBytes(bytes);
  } catch {
    return null;
  }
}

/** Null when it is not below n. */
function parseScalar(bytes: Uint8Array): bigint | null {
  try {
    return Fn.fromBytes(bytes);
  } catch {
    return null;
  }
}

const serialize = (point: CurvePoint): Uint8Array | null => (point.is0() ? null : point.toBytes(true));

function product(point: Uint8Array, scalar: Uint8Array): CurvePoint | null {
  const p = parsePoint(point);
  const k = parseScalar(scalar);
  return p === null || k === null || k === 0n ? null : p.multiply(k);
}

const multiply = (point: Uint8Array, scalar: Uint8Array): Uint8Array | null =>
  product(point, scalar)?.toBytes(true) ?? null;

/** Pure TypeScript: always there, slower than WebAssembly. */
export const nobleSecp256k1: Secp256k1 = {
  isSecretKey: (secret) => secp256k1.utils.isValidSecretKey(secret),

  isPoint: (point) => parsePoint(point) !== null,

  publicKey: (secret) => secp256k1.getPublicKey(secret, true),

  signEcdsa: (hash, secret, entropy) =>
    secp256k1.sign(hash, secret, entropy === undefined ? COMPACT : { ...COMPACT, extraEntropy: entropy }),

  verifyEcdsa(signature, hash, point) {
    try {
      return secp256k1.verify(signature, hash, point, COMPACT);
    } catch {
      return false;
    }
  },

  signRecoverable(hash, secret) {
    const bytes = secp256k1.sign(hash, secret, { prehash: false, lowS: true, format: 'recovered' });
    return { signature: bytes.slice(1), recovery: bytes[0] ?? 0 };
  },

  recoverPoint(signature, recovery, hash) {
    try {
      return secp256k1.Signature.fromBytes(signature, 'compact')
        .addRecoveryBit(recovery)
        .recoverPublicKey(hash)
        .toBytes(true);
    } catch {
      return null;
    }
  },

  ecdh(secret, point) {
    const shared = multiply(point, secret);
    return shared === null ? null : sha256(shared);
  },

  multiplyPoint: multiply,

  addPoints(a, b) {
    const p = parsePoint(a);
    const q = parsePoint(b);
    return p === null || q === null ? null : serialize(p.add(q));
  },

  sumOfProducts(p, a, q, b) {
    const first = product(p, a);
    const second = product(q, b);
    return first === null || second === null ? null : serialize(first.add(second));
  },

  tweakPoint(point, scalar) {
    const p = parsePoint(point);
    const t = parseScalar(scalar);
    if (p === null || t === null) return null;
    return serialize(t === 0n ? p : p.add(Point.BASE.multiply(t)));
  },

  tweakedProduct(point, scalar, tweak) {
    const first = product(point, scalar);
    return first === null ? null : serialize(first.add(Point.BASE.multiply(Fn.fromBytes(tweak))));
  },

  addSecrets(secret, scalar) {
    const a = parseScalar(secret);
    const b = parseScalar(scalar);
    if (a === null || b === null || a === 0n) return null;
    const sum = Fn.add(a, b);
    return sum === 0n ? null : Fn.toBytes(sum);
  },

  multiplySecrets(a, b) {
    const x = parseScalar(a);
    const y = parseScalar(b);
    return x === null || y === null || x === 0n || y === 0n ? null : Fn.toBytes(Fn.mul(x, y));
  },

  negateSecret: (secret) => Fn.toBytes(Fn.neg(Fn.fromBytes(secret))),

  signSchnorr: (message, secret, aux) => schnorr.sign(message, secret, aux),

  verifySchnorr(signature, message, xOnly) {
    try {
      return schnorr.verify(signature, message, xOnly);
    } catch {
      return false;
    }
  },
};
