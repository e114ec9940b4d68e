import { concatBytes, equalBytes } from '../base/bytes.ts';
import { assert } from '../base/assert.ts';
import { err, type Result } from '../base/result.ts';
import { bytes, secretBytes, utf8, varBytes } from '../codec/bytes.ts';
import { isFromLater } from '../codec/decode-error.ts';
import { decode, encode, type Infer } from '../codec/field.ts';
import { u8, varInt } from '../codec/integers.ts';
import { record } from '../codec/record.ts';
import { list } from '../codec/sequences.ts';
import { struct } from '../codec/struct.ts';
import { union, variant } from '../codec/union.ts';
import { sha256 } from '../crypto/hash.ts';
import { isBearable } from '../crypto/scrypt.ts';
import type { StoreFailure } from './store.ts';

/** The data key, sealed under another key: opening any one of them opens the disk. See key-wraps.ts. */
const wrapField = union('kind', {
  passphrase: variant(
    1,
    struct({ salt: bytes(16), logN: u8, r: u8, p: u8, createdAt: varInt, sealed: secretBytes(72) }),
  ),
  passkey: variant(
    2,
    struct({
      credentialId: varBytes,
      /** What the passkey's PRF is asked about. */
      prfSalt: bytes(32),
      label: utf8,
      createdAt: varInt,
      sealed: secretBytes(72),
    }),
  ),
  /** No lock: a key of the browser's own, under this name. */
  device: variant(3, struct({ keyName: utf8, createdAt: varInt, sealed: varBytes })),
});
export type Wrap = Infer<typeof wrapField>;
export type WrapOf<K extends Wrap['kind']> = Extract<Wrap, { readonly kind: K }>;

const keyringRecord = record(1, { walletId: bytes(16), wraps: list(wrapField) });

/**
 * Stands in the clear, beside what is sealed: the ways to the data key, none of them worth anything without a secret
 * that is not on the disk (but `device`: see device-key.ts). The manifest knows which keyring belongs to it.
 */
export type Keyring = Infer<typeof keyringRecord>;

/** Tells damage from a wrong passphrase. Anybody can calculate it: who changes a disk on purpose meets the manifest. */
const CHECK_LENGTH = 8;
const checkOf = (body: Uint8Array): Uint8Array => sha256(body).subarray(0, CHECK_LENGTH);

export function encodeKeyring(keyring: Keyring): Uint8Array {
  assert(keyring.wraps.length > 0, 'a keyring without a way to the key');
  const body = encode(keyringRecord, keyring);
  return concatBytes(body, checkOf(body));
}

export function decodeKeyring(stored: Uint8Array): Result<Keyring, StoreFailure> {
  const damaged = (detail: string): Result<Keyring, StoreFailure> =>
    err({ code: 'corrupt', detail: `the keyring: ${detail}`, table: 'meta' });
  const body = stored.subarray(0, -CHECK_LENGTH);
  if (body.length === 0 || !equalBytes(checkOf(body), stored.subarray(-CHECK_LENGTH)))
    return damaged('changed since it was written');
  const keyring = decode(keyringRecord, body);
  if (keyring.ok) {
    const { wraps } = keyring.value;
    if (wraps.length === 0) return damaged('it is empty');
    // A disk must not make us take all memory there is.
    if (wraps.some((wrap) => wrap.kind === 'passphrase' && !isBearable(wrap)))
      return damaged('it asks for too much memory');
    return keyring;
  }
  return isFromLater(keyring.error.code)
    ? err({ code: 'newer-version', detail: 'the keyring' })
    : damaged(keyring.error.code);
}
