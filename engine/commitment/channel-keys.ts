import { encodeUtf8 } from '../base/utf8.ts';
import { hkdfSha256 } from '../crypto/hash.ts';
import { Secret } from '../crypto/secret.ts';

/** All secrets of one channel. */
export type ChannelSecrets = {
  /** Of the funding key with this index: 0 first, counted up by splices. */
  readonly funding: (keyIndex: number) => Secret;
  readonly revocation: Secret;
  readonly payment: Secret;
  readonly delayedPayment: Secret;
  readonly htlc: Secret;
  /** Of our per-commitment secrets (BOLT 3 §Per-commitment Secret Requirements). */
  readonly shachainSeed: Secret;
};

const SALT = encodeUtf8('leyden channel keys 1');

/**
 * Everything from one 32-byte seed that no other channel has, each secret by HKDF with its purpose. Never change a
 * purpose: money of open channels depends on it.
 * @param payment the secret of our payment basepoint. It comes from the wallet's words by a path that a restore can
 * walk without knowing the channel, so that a to_remote output is found from the words alone.
 */
export function channelSecrets(seed: Secret, payment: Secret): ChannelSecrets {
  const purpose = (name: string): Secret => new Secret(hkdfSha256(SALT, seed.expose(), encodeUtf8(name), 32));
  return {
    funding: (keyIndex) => purpose(`funding ${keyIndex}`),
    revocation: purpose('revocation'),
    payment,
    delayedPayment: purpose('delayed payment'),
    htlc: purpose('htlc'),
    shachainSeed: purpose('shachain'),
  };
}
