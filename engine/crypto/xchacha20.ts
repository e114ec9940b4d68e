import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concatBytes } from '../base/bytes.ts';
import type { Random } from '../base/ports.ts';

const NONCE_LENGTH = 24;

/** Bytes that `sealXChaCha20Poly1305` adds: the nonce before and the tag after. */
export const SEAL_LENGTH = NONCE_LENGTH + 16;

/**
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): `key` 32 bytes. The nonce is drawn here: 24 random bytes never meet
 * again, however often one key is used.
 * @returns nonce ‖ ciphertext ‖ tag.
 */
export function sealXChaCha20Poly1305(
  key: Uint8Array,
  aad: Uint8Array,
  plain: Uint8Array,
  random: Random,
): Uint8Array {
  const nonce = random(NONCE_LENGTH);
  return concatBytes(nonce, xchacha20poly1305(key, nonce, aad).encrypt(plain));
}

/** What was sealed, in a buffer of its own; null when one bit of it, of `aad` or of the key is another. */
export function openXChaCha20Poly1305(
  key: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  if (sealed.length < SEAL_LENGTH) return null;
  const cipher = xchacha20poly1305(key, sealed.subarray(0, NONCE_LENGTH), aad);
  try {
    return cipher.decrypt(sealed.subarray(NONCE_LENGTH));
  } catch {
    return null;
  }
}
