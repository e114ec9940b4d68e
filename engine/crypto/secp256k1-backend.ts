import type { Point } from '../base/ids.ts';

/**
 * The curve operations that a library must offer, on plain bytes. Every implementation gives the same bytes for the
 * same input, so that one can take another's place while the program runs. Lengths are the caller's promise
 * (secp256k1.ts checks them); contents are not.
 */
export type Secp256k1 = {
  /** 32 bytes, big-endian, in 1 … n-1. */
  readonly isSecretKey: (secret: Uint8Array) => boolean;
  /** 33 bytes, compressed, on the curve. */
  readonly isPoint: (point: Uint8Array) => boolean;
  /** `secret` is valid. */
  readonly publicKey: (secret: Uint8Array) => Point;
  /** `secret` is valid. 64 bytes r ‖ s, low S; `entropy` is the additional data k' of RFC 6979 §3.6. */
  readonly signEcdsa: (hash: Uint8Array, secret: Uint8Array, entropy?: Uint8Array) => Uint8Array;
  readonly verifyEcdsa: (signature: Uint8Array, hash: Uint8Array, point: Uint8Array) => boolean;
  /** `secret` is valid. */
  readonly signRecoverable: (
    hash: Uint8Array,
    secret: Uint8Array,
  ) => { readonly signature: Uint8Array; readonly recovery: number };
  readonly recoverPoint: (signature: Uint8Array, recovery: number, hash: Uint8Array) => Point | null;
  /** `secret` is valid. SHA256 of the compressed product; null when `point` is not one. */
  readonly ecdh: (secret: Uint8Array, point: Uint8Array) => Uint8Array | null;
  /** Null when `point` is not one, or when the scalar is zero or not below n. */
  readonly multiplyPoint: (point: Uint8Array, scalar: Uint8Array) => Point | null;
  /** Null when one of them is not a point, or when they cancel out. */
  readonly addPoints: (a: Uint8Array, b: Uint8Array) => Point | null;
  /** `a`·`p` + `b`·`q`. Null when one is not a point, a scalar is zero or not below n, or the sum is infinity. */
  readonly sumOfProducts: (p: Uint8Array, a: Uint8Array, q: Uint8Array, b: Uint8Array) => Point | null;
  /** `point` + `scalar`·G. Null when `point` is not one, the scalar is not below n, or the sum is infinity. */
  readonly tweakPoint: (point: Uint8Array, scalar: Uint8Array) => Point | null;
  /** `scalar`·`point` + `tweak`·G; `tweak` is valid. Null when `point` is not one, `scalar` is not valid, or they cancel out. */
  readonly tweakedProduct: (point: Uint8Array, scalar: Uint8Array, tweak: Uint8Array) => Point | null;
  /** Modulo n; null when `secret` is invalid, `scalar` is not below n, or the sum is zero. */
  readonly addSecrets: (secret: Uint8Array, scalar: Uint8Array) => Uint8Array | null;
  /** Modulo n; null when one of them is invalid (zero or not below n). */
  readonly multiplySecrets: (a: Uint8Array, b: Uint8Array) => Uint8Array | null;
  /** `secret` is valid. n - secret. */
  readonly negateSecret: (secret: Uint8Array) => Uint8Array;
  /** `secret` is valid, `aux` 32 bytes. BIP 340, any message length. */
  readonly signSchnorr: (message: Uint8Array, secret: Uint8Array, aux: Uint8Array) => Uint8Array;
  readonly verifySchnorr: (signature: Uint8Array, message: Uint8Array, xOnly: Uint8Array) => boolean;
};
