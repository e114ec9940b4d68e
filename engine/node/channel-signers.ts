import { encodeUtf8 } from '../base/utf8.ts';
import { toHex } from '../base/bytes.ts';
import { channelSecrets } from '../commitment/channel-keys.ts';
import { memorySigner } from '../commitment/memory-signer.ts';
import type { ChannelSigner } from '../commitment/signer.ts';
import { hmacSha256 } from '../crypto/hash.ts';
import { Secret } from '../crypto/secret.ts';
import { STATIC_PAYMENT_KEYS, type KeyTree } from '../wallet/key-tree.ts';

/** More channels than a wallet has; without an end, each channel that a peer asks for and gives up would keep its keys. */
const MOST_KEPT = 100;

/**
 * The signers of channels, made from the wallet's words and the channel's own random key id; those used last are kept.
 * Not from a counter: after a restore from words alone it would begin again, and a peer that knows the revoked secrets of
 * an old channel would know those of a new one.
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
    const signer = this.#signers.get(name) ?? this.#make(keyId);
    this.#signers.delete(name);
    this.#signers.set(name, signer);
    const [oldest] = this.#signers.keys();
    if (this.#signers.size > MOST_KEPT && oldest !== undefined) this.#signers.delete(oldest);
    return signer;
  }

  #make(keyId: Uint8Array): ChannelSigner {
    const seed = new Secret(hmacSha256(this.#keys.channelSeed(0).expose(), keyId));
    // A restore from words alone tries every one of these keys, so there are only so many.
    const payment = this.#keys.staticPaymentKey(
      ((keyId[0] ?? 0) * 256 + (keyId[1] ?? 0)) % STATIC_PAYMENT_KEYS,
    );
    return memorySigner(channelSecrets(seed, payment));
  }

  /** Of whatever channel had this static payment key: it signs for outputs to that key, and for nothing else. */
  ofPaymentKey(index: number): Pick<ChannelSigner, 'signClaims'> {
    const none = new Secret(hmacSha256(this.#keys.channelSeed(0).expose(), encodeUtf8('no channel')));
    return memorySigner(channelSecrets(none, this.#keys.staticPaymentKey(index)));
  }
}
