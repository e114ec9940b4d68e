import { encodeUtf8 } from '../base/utf8.ts';
import { toHex } from '../base/bytes.ts';
import { channelSecrets } from '../commitment/channel-keys.ts';
import { memorySigner } from '../commitment/memory-signer.ts';
import type { ChannelSigner } from '../commitment/signer.ts';
import { hmacSha256 } from '../crypto/hash.ts';
import { Secret } from '../crypto/secret.ts';
import { STATIC_PAYMENT_KEYS, type KeyTree } from '../wallet/key-tree.ts';

/**
 * The signers of channels, each made once from the wallet's words and the channel's own random key id. Not from a
 * counter: after a restore from words alone it would begin again, and a peer that knows the revoked secrets of an old
 * channel would know those of a new one.
 */
export class ChannelSigners {
  readonly #keys: KeyTree;
  readonly #signers = new Map<string, ChannelSigner>();

  constructor(keys: KeyTree) {
    this.#keys = keys;
  }

  /** `keyId`: 32 random bytes, kept with the channel. */
  of(keyId: Uint8Array): ChannelSigner {
    const name = toHex(keyId);
    const known = this.#signers.get(name);
    if (known !== undefined) return known;
    const seed = new Secret(hmacSha256(this.#keys.channelSeed(0).expose(), keyId));
    // A restore from words alone tries every one of these keys, so there are only so many.
    const payment = this.#keys.staticPaymentKey(
      ((keyId[0] ?? 0) * 256 + (keyId[1] ?? 0)) % STATIC_PAYMENT_KEYS,
    );
    const signer = memorySigner(channelSecrets(seed, payment));
    this.#signers.set(name, signer);
    return signer;
  }

  /** Of whatever channel had this static payment key: it signs for outputs to that key, and for nothing else. */
  ofPaymentKey(index: number): Pick<ChannelSigner, 'signClaims'> {
    const none = new Secret(hmacSha256(this.#keys.channelSeed(0).expose(), encodeUtf8('no channel')));
    return memorySigner(channelSecrets(none, this.#keys.staticPaymentKey(index)));
  }
}
