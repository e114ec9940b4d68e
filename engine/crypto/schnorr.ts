import { concatBytes, equalBytes } from '../base/bytes.ts';
import { taggedHash } from './hash.ts';
import type { Secp256k1 } from './secp256k1-backend.ts';
import { nobleSecp256k1 } from './secp256k1-noble.ts';

type Curve = Pick<
  Secp256k1,
  | 'isSecretKey'
  | 'publicKey'
  | 'multiplyPoint'
  | 'tweakPoint'
  | 'addSecrets'
  | 'multiplySecrets'
  | 'negateSecret'
>;

const EVEN = Uint8Array.of(2);

/**
 * BIP 340 made of the operations of a library that has no Schnorr signatures. A hash that is zero or not below n
 * (about one in 2^128) goes to noble, so that the scalars here are all valid secret keys.
 */
export function schnorrOver(curve: Curve): Pick<Secp256k1, 'signSchnorr' | 'verifySchnorr'> {
  const challenge = (r: Uint8Array, xOnly: Uint8Array, message: Uint8Array): Uint8Array =>
    taggedHash('BIP0340/challenge', concatBytes(r, xOnly, message));

  /** The secret whose point has an even y, and the x of that point. */
  const evenPair = (secret: Uint8Array): { readonly secret: Uint8Array; readonly x: Uint8Array } => {
    const point = curve.publicKey(secret);
    return { secret: point[0] === 2 ? secret : curve.negateSecret(secret), x: point.slice(1) };
  };

  return {
    signSchnorr(message, secret, aux) {
      const key = evenPair(secret);
      // BIP 340 §Default Signing: "Let t be the byte-wise xor of bytes(d) and hash_BIP0340/aux(a)"
      const masked = taggedHash('BIP0340/aux', aux);
      for (let i = 0; i < 32; i++) masked[i] = (masked[i] ?? 0) ^ (key.secret[i] ?? 0);
      const random = taggedHash('BIP0340/nonce', concatBytes(masked, key.x, message));
      if (!curve.isSecretKey(random)) return nobleSecp256k1.signSchnorr(message, secret, aux);
      const nonce = evenPair(random);
      const e = challenge(nonce.x, key.x, message);
      const product = curve.multiplySecrets(key.secret, e);
      const s = product === null ? null : curve.addSecrets(product, nonce.secret);
      if (s === null) return nobleSecp256k1.signSchnorr(message, secret, aux);
      return concatBytes(nonce.x, s);
    },

    verifySchnorr(signature, message, xOnly) {
      const r = signature.subarray(0, 32);
      const s = signature.subarray(32);
      const e = challenge(r, xOnly, message);
      if (!curve.isSecretKey(e)) return nobleSecp256k1.verifySchnorr(signature, message, xOnly);
      // BIP 340 §Verification: "Let R = s⋅G - e⋅P." A point off the curve, or s not below n, gives null.
      const product = curve.multiplyPoint(concatBytes(EVEN, xOnly), curve.negateSecret(e));
      const nonce = product === null ? null : curve.tweakPoint(product, s);
      // "Fail if is_infinite(R). Fail if not has_even_y(R). Fail if x(R) ≠ r."
      return nonce !== null && nonce[0] === 2 && equalBytes(nonce.subarray(1), r);
    },
  };
}
