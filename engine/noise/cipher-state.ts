import { openChaCha20Poly1305, sealChaCha20Poly1305 } from '../crypto/chacha20.ts';
import { EMPTY, hkdf } from './symmetric-state.ts';

// BOLT 8 §Lightning Message Key Rotation: "A key is to be rotated after a party encrypts or decrypts 1000 times with it"
const ROTATION = 1000;

/** One direction of a session: a key that changes as it is used. Each call must follow the one before it in the stream. */
export class CipherState {
  #key: Uint8Array;
  #chainingKey: Uint8Array;
  #count = 0;
  readonly #nonce = new Uint8Array(12);

  constructor(key: Uint8Array, chainingKey: Uint8Array) {
    this.#key = key;
    this.#chainingKey = chainingKey;
  }

  /** Writes ciphertext and tag to `output`, 16 bytes longer than `plain`. */
  seal(plain: Uint8Array, output: Uint8Array): void {
    sealChaCha20Poly1305(this.#key, this.#nonce, EMPTY, plain, output);
    this.#advance();
  }

  /** Null when the tag is wrong: the stream is lost, and must be closed. */
  open(sealed: Uint8Array): Uint8Array | null {
    const plain = openChaCha20Poly1305(this.#key, this.#nonce, EMPTY, sealed);
    if (plain !== null) this.#advance();
    return plain;
  }

  #advance(): void {
    this.#count++;
    if (this.#count === ROTATION) {
      // BOLT 8: "ck', k' = HKDF(ck, k)", "Reset the nonce for the key to n = 0."
      [this.#chainingKey, this.#key] = hkdf(this.#chainingKey, this.#key);
      this.#count = 0;
    }
    this.#nonce[4] = this.#count & 0xff;
    this.#nonce[5] = this.#count >> 8;
  }
}
