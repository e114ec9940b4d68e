import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { ripemd160 as nobleRipemd160 } from '@noble/hashes/legacy.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../base/bytes.ts';

/** What a state of a hash, or of a MAC, makes of the rest of its text. */
type Resumable<H> = {
  _cloneInto: (to?: H) => H;
  update: (bytes: Uint8Array) => H;
  digest: () => Uint8Array;
};

/**
 * What `begun`, which stays as it is, makes of each text after what it has heard. The buffers of a hash object cost as much
 * to make as a short text takes to hash: one object is set to `begun` and used again. No call begins inside of another.
 */
function resuming<H extends Resumable<H>>(begun: H): (bytes: Uint8Array) => Uint8Array {
  const spare = begun._cloneInto();
  return (bytes) => begun._cloneInto(spare).update(bytes).digest();
}

export const sha256 = resuming(nobleSha256.create());

/** SHA256 twice: transaction and block ids, signature hashes before taproot. */
export const sha256d = (bytes: Uint8Array): Uint8Array => sha256(sha256(bytes));

export const ripemd160 = resuming(nobleRipemd160.create());

/** RIPEMD160(SHA256(bytes)): public key and script hashes. */
export const hash160 = (bytes: Uint8Array): Uint8Array => ripemd160(sha256(bytes));

export const hmacSha256 = (key: Uint8Array, bytes: Uint8Array): Uint8Array => hmac(nobleSha256, key, bytes);

/** `hmacSha256` under one key, for many texts: the key's share of the work is done once. */
export const hmacSha256Under = (key: Uint8Array): ((bytes: Uint8Array) => Uint8Array) =>
  resuming(hmac.create(nobleSha256, key));

/** RFC 5869. `length` in bytes, at most 8,160. */
export const hkdfSha256 = (salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array =>
  hkdf(nobleSha256, ikm, salt, info, length);

const tagged = new Map<string, (message: Uint8Array) => Uint8Array>();

/** BIP 340: SHA256(SHA256(tag) ‖ SHA256(tag) ‖ message). `tag` is ASCII, one of our own constants. */
export function taggedHash(tag: string, message: Uint8Array): Uint8Array {
  let hash = tagged.get(tag);
  if (hash === undefined) {
    const prefix = sha256(Uint8Array.from(tag, (character) => character.charCodeAt(0)));
    hash = resuming(nobleSha256.create().update(concatBytes(prefix, prefix)));
    tagged.set(tag, hash);
  }
  return hash(message);
}
