import { chacha20 } from '../crypto/chacha20.ts';

// BOLT 4 §Conventions: "a fixed 96-bit null-nonce (0x000000000000000000000000) is used"
const NULL_NONCE = new Uint8Array(12);

/** BOLT 4 §Pseudo Random Byte Stream, applied to `bytes` with XOR. @returns a new array. */
export const obfuscate = (key: Uint8Array, bytes: Uint8Array): Uint8Array => chacha20(key, NULL_NONCE, bytes);

/** `obfuscate`, written over `bytes`. Fastest where they start at a multiple of 4. */
export function obfuscateHere(key: Uint8Array, bytes: Uint8Array): void {
  chacha20(key, NULL_NONCE, bytes, bytes);
}

/** The first `length` bytes of the stream itself. */
export const streamOf = (key: Uint8Array, length: number): Uint8Array =>
  chacha20(key, NULL_NONCE, new Uint8Array(length));
