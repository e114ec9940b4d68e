import { equalBytes, toHex } from '../../engine/base/bytes.ts';
import { paymentHash, type PaymentHash } from '../../engine/base/ids.ts';
import { blockDelta, msat, seconds } from '../../engine/base/units.ts';
import { sha256 } from '../../engine/crypto/hash.ts';
import { signRecoverable } from '../../engine/crypto/secp256k1.ts';
import { encodeBolt11 } from '../../engine/invoice/bolt11-encode.ts';
import { systemClock } from '../../engine/platform/system-clock.ts';
import { systemRandom } from '../../engine/platform/system-random.ts';
import { DEFAULT_FEATURES, featuresFor } from '../../engine/wire/features.ts';

type Kept = { readonly preimage: Uint8Array; readonly secret: Uint8Array };

/** A payee's invoices and their preimages. */
export class InvoiceDesk {
  readonly #key: Uint8Array;
  readonly #kept = new Map<PaymentHash, Kept>();

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  invoice(amountMsat: bigint): string {
    const preimage = systemRandom(32);
    const secret = systemRandom(32);
    const hash = paymentHash(toHex(sha256(preimage)));
    this.#kept.set(hash, { preimage, secret });
    const made = encodeBolt11(
      {
        currency: 'bcrt',
        amount: msat(amountMsat),
        timestamp: systemClock.now(),
        paymentHash: hash,
        paymentSecret: secret,
        description: { tag: 'text', text: 'a real peer' },
        expiry: seconds(86_400),
        minFinalCltvExpiryDelta: blockDelta(24),
        fallbacks: [],
        routeHints: [],
        features: featuresFor('9', DEFAULT_FEATURES),
        paymentMetadata: null,
      },
      (digest) => signRecoverable(digest, this.#key),
    );
    if (!made.ok) throw new Error(made.error.detail);
    return made.value;
  }

  preimageFor(hash: PaymentHash, secret: Uint8Array | null): Uint8Array {
    const kept = this.#kept.get(hash);
    if (kept === undefined || secret === null || !equalBytes(kept.secret, secret))
      throw new Error('not one of our invoices');
    return kept.preimage;
  }
}
