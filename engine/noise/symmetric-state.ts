import { concatBytes } from '../base/bytes.ts';
import { openChaCha20Poly1305, sealChaCha20Poly1305 } from '../crypto/chacha20.ts';
import { hkdfSha256, sha256 } from '../crypto/hash.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

export const EMPTY = new Uint8Array(0);

// BOLT 8 §Handshake State Initialization: "h = SHA-256(protocolName)", "ck = h", "h = SHA-256(h || prologue)"
const PROTOCOL_HASH = sha256(ascii('Noise_XK_secp256k1_ChaChaPoly_SHA256'));
const PROLOGUE_HASH = sha256(concatBytes(PROTOCOL_HASH, ascii('lightning')));

/** What both sides of a handshake know so far. */
export type SymmetricState = {
  /** ck: accumulates the shared secrets. */
  readonly chainingKey: Uint8Array;
  /** h: accumulates what was sent and received. */
  readonly hash: Uint8Array;
  /** temp_k1, temp_k2, temp_k3 in turn. */
  readonly key: Uint8Array;
};

export const initialState = (responderStatic: Uint8Array): SymmetricState =>
  mixHash({ chainingKey: PROTOCOL_HASH, hash: PROLOGUE_HASH, key: EMPTY }, responderStatic);

export const mixHash = (state: SymmetricState, bytes: Uint8Array): SymmetricState => ({
  ...state,
  hash: sha256(concatBytes(state.hash, bytes)),
});

/** BOLT 8 `HKDF(salt, ikm)`: two keys of 32 bytes. */
export function hkdf(salt: Uint8Array, ikm: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const both = hkdfSha256(salt, ikm, EMPTY, 64);
  return [both.slice(0, 32), both.slice(32)];
}

export function mixKey(state: SymmetricState, sharedSecret: Uint8Array): SymmetricState {
  const [chainingKey, key] = hkdf(state.chainingKey, sharedSecret);
  return { chainingKey, hash: state.hash, key };
}

// BOLT 8: "nonce n encoded as 32 zero bits, followed by a little-endian 64-bit value"
export const nonceBytes = (nonce: 0 | 1): Uint8Array => Uint8Array.of(0, 0, 0, 0, nonce, 0, 0, 0, 0, 0, 0, 0);

export function encryptAndHash(
  state: SymmetricState,
  nonce: 0 | 1,
  plain: Uint8Array,
): { readonly next: SymmetricState; readonly sealed: Uint8Array } {
  const sealed = sealChaCha20Poly1305(state.key, nonceBytes(nonce), state.hash, plain);
  return { next: mixHash(state, sealed), sealed };
}

/** Null when the tag is wrong. */
export function decryptAndHash(
  state: SymmetricState,
  nonce: 0 | 1,
  sealed: Uint8Array,
): { readonly next: SymmetricState; readonly plain: Uint8Array } | null {
  const plain = openChaCha20Poly1305(state.key, nonceBytes(nonce), state.hash, sealed);
  return plain === null ? null : { next: mixHash(state, sealed), plain };
}
