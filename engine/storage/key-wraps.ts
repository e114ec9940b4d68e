import { toHex, concatBytes } from '../base/bytes.ts';
import type { Random } from '../base/ports.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { hkdfSha256 } from '../crypto/hash.ts';
import { scrypt, type ScryptCost } from '../crypto/scrypt.ts';
import { Secret } from '../crypto/secret.ts';
import { openXChaCha20Poly1305, sealXChaCha20Poly1305 } from '../crypto/xchacha20.ts';
import type { DeviceKeys } from './device-key.ts';
import type { WrapOf } from './keyring.ts';

/** Whose data key it is, and what wraps stand for. */
export type WrapContext = {
  readonly walletId: Uint8Array;
  readonly random: Random;
  /** Seconds. */
  readonly now: number;
};

/** What a passkey answered to one ceremony. `prfOutput`: 32 bytes, the PRF extension's answer to `prfSalt`. */
export type PasskeyAnswer = {
  readonly credentialId: Uint8Array;
  readonly prfSalt: Uint8Array;
  readonly prfOutput: Uint8Array;
};

/** A wrap opens only as what it is, for the wallet that it is of, with the parameters it was made with. */
const identityOf = (walletId: Uint8Array, kind: string, parameters: string): Uint8Array =>
  concatBytes(walletId, encodeUtf8(`leyden wrap 1\0${kind}\0${parameters}`));

const ofPassphrase = (walletId: Uint8Array, { logN, r, p }: ScryptCost): Uint8Array =>
  identityOf(walletId, 'passphrase', `scrypt ${logN} ${r} ${p}`);

export async function wrapWithPassphrase(
  dataKey: Secret,
  passphrase: string,
  cost: ScryptCost,
  { walletId, random, now }: WrapContext,
): Promise<WrapOf<'passphrase'>> {
  const salt = random(16);
  const key = await scrypt(passphrase, salt, cost);
  const sealed = sealXChaCha20Poly1305(key, ofPassphrase(walletId, cost), dataKey.expose(), random);
  key.fill(0);
  const { logN, r, p } = cost;
  return { kind: 'passphrase', salt, logN, r, p, createdAt: now, sealed };
}

/** Null when it is another passphrase. A guess costs an attacker what it cost here: see `ScryptCost`. */
export async function openWithPassphrase(
  wrap: WrapOf<'passphrase'>,
  passphrase: string,
  walletId: Uint8Array,
): Promise<Secret | null> {
  const key = await scrypt(passphrase, wrap.salt, wrap);
  const opened = openXChaCha20Poly1305(key, ofPassphrase(walletId, wrap), wrap.sealed);
  key.fill(0);
  return secretOf(opened);
}

/** WebAuthn's PRF output is already uniform: it only needs a purpose. */
const passkeyKey = (walletId: Uint8Array, prfOutput: Uint8Array): Uint8Array =>
  hkdfSha256(walletId, prfOutput, encodeUtf8('leyden at rest: passkey'), 32);

const ofPasskey = (walletId: Uint8Array, answer: Omit<PasskeyAnswer, 'prfOutput'>): Uint8Array =>
  identityOf(walletId, 'passkey', `${toHex(answer.credentialId)} ${toHex(answer.prfSalt)}`);

export function wrapWithPasskey(
  dataKey: Secret,
  answer: PasskeyAnswer,
  label: string,
  { walletId, random, now }: WrapContext,
): WrapOf<'passkey'> {
  const { credentialId, prfSalt } = answer;
  const key = passkeyKey(walletId, answer.prfOutput);
  const sealed = sealXChaCha20Poly1305(key, ofPasskey(walletId, answer), dataKey.expose(), random);
  key.fill(0);
  return { kind: 'passkey', credentialId, prfSalt, label, createdAt: now, sealed };
}

/** Null when it is another passkey. */
export function openWithPasskey(
  wrap: WrapOf<'passkey'>,
  prfOutput: Uint8Array,
  walletId: Uint8Array,
): Secret | null {
  const key = passkeyKey(walletId, prfOutput);
  const opened = openXChaCha20Poly1305(key, ofPasskey(walletId, wrap), wrap.sealed);
  key.fill(0);
  return secretOf(opened);
}

export async function wrapWithDevice(
  dataKey: Secret,
  keys: DeviceKeys,
  { walletId, random, now }: WrapContext,
): Promise<WrapOf<'device'>> {
  const keyName = toHex(random(16));
  const sealed = await keys.seal(keyName, identityOf(walletId, 'device', keyName), dataKey.expose());
  return { kind: 'device', keyName, createdAt: now, sealed };
}

/** Null when the browser has lost its key, or has another one. */
export async function openWithDevice(
  wrap: WrapOf<'device'>,
  keys: DeviceKeys,
  walletId: Uint8Array,
): Promise<Secret | null> {
  const { keyName, sealed } = wrap;
  return secretOf(await keys.open(keyName, identityOf(walletId, 'device', keyName), sealed));
}

function secretOf(opened: Uint8Array | null): Secret | null {
  if (opened === null) return null;
  const secret = new Secret(opened);
  opened.fill(0);
  return secret;
}
