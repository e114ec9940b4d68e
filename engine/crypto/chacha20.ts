import { chacha20 as nobleChaCha20, chacha20poly1305 } from '@noble/ciphers/chacha.js';

/** Bytes that ChaCha20-Poly1305 adds to what it seals. */
export const TAG_LENGTH = 16;

/**
 * RFC 8439 ChaCha20 from block 0: `key` 32 bytes, `nonce` 12. Encrypts or decrypts.
 * @param output Where to write: as long as `bytes`, or `bytes` itself. Both are fastest at a multiple of 4.
 */
export const chacha20 = (
  key: Uint8Array,
  nonce: Uint8Array,
  bytes: Uint8Array,
  output?: Uint8Array,
): Uint8Array => nobleChaCha20(key, nonce, bytes, output);

/**
 * RFC 8439 §2.8: `key` 32 bytes, `nonce` 12.
 * @param output Where to write: exactly 16 bytes longer than `plain`. Fastest when it starts at a multiple of 4.
 * @returns the ciphertext and its 16-byte tag.
 */
export const sealChaCha20Poly1305 = (
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  plain: Uint8Array,
  output?: Uint8Array,
): Uint8Array => chacha20poly1305(key, nonce, aad).encrypt(plain, output);

/** Null when the tag is wrong or missing. */
export function openChaCha20Poly1305(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  if (sealed.length < TAG_LENGTH) return null;
  const cipher = chacha20poly1305(key, nonce, aad);
  try {
    return cipher.decrypt(sealed);
  } catch {
    return null;
  }
}
