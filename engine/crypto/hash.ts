import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { ripemd160 as nobleRipemd160 } from '@noble/hashes/legacy.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../base/bytes.ts';

export const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);

/** SHA256 twice: transaction and block ids, signature hashes before taproot. */
export const sha256d = (bytes: Uint8Array): Uint8Array => nobleSha256(nobleSha256(bytes));

export const ripemd160 = (bytes: Uint8Array): Uint8Array => nobleRipemd160(bytes);

/** RIPEMD160(SHA256(bytes)): public key and script hashes. */
export const hash160 = (bytes: Uint8Array): Uint8Array => nobleRipemd160(nobleSha256(bytes));

export const hmacSha256 = (key: Uint8Array, bytes: Uint8Array): Uint8Array => hmac(nobleSha256, key, bytes);

/** `hmacSha256` under one key, for many texts: the key's share of the work is done once. */
export function hmacSha256Under(key: Uint8Array): (bytes: Uint8Array) => Uint8Array {
  const keyed = hmac.create(nobleSha256, key);
  return (bytes) => keyed.clone().update(bytes).digest();
}

/** RFC 5869. `length` in bytes, at most 8,160. */
export const hkdfSha256 = (salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array =>
  hkdf(nobleSha256, ikm, salt, info, length);

const tagPrefixes = new Map<string, Uint8Array>();

/** BIP 340: SHA256(SHA256(tag) ‖ SHA256(tag) ‖ message). `tag` is ASCII, one of our own constants. */
export function taggedHash(tag: string, message: Uint8Array): Uint8Array {
  let prefix = tagPrefixes.get(tag);
  if (prefix === undefined) {
    const hash = nobleSha256(Uint8Array.from(tag, (character) => character.charCodeAt(0)));
    prefix = concatBytes(hash, hash);
    tagPrefixes.set(tag, prefix);
  }
  return nobleSha256.create().update(prefix).update(message).digest();
}
