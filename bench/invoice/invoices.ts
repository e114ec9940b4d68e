import { toHex } from '../../engine/base/bytes.ts';
import { nodeId, paymentHash } from '../../engine/base/ids.ts';
import { blockDelta, msat, seconds, timestamp, type Scid } from '../../engine/base/units.ts';
import { sha256 } from '../../engine/crypto/hash.ts';
import { publicKey, signRecoverable } from '../../engine/crypto/secp256k1.ts';
import type { HintHop } from '../../engine/invoice/bolt11.ts';
import { encodeBolt11 } from '../../engine/invoice/bolt11-encode.ts';
import { DEFAULT_FEATURES, featuresFor } from '../../engine/wire/features.ts';

export type Kind = { readonly hints: number; readonly description: string };

const seeded = (kind: Kind, number: number, purpose: number): Uint8Array =>
  sha256(Uint8Array.of(kind.hints, kind.description.length, number, purpose));

const hint = (seed: Uint8Array): HintHop => ({
  nodeId: nodeId(toHex(publicKey(seed))),
  scid: ((800_000n << 40n) | (1234n << 16n) | 1n) as Scid,
  feeBase: msat(1000),
  feeProportionalMillionths: 100,
  cltvExpiryDelta: blockDelta(144),
});

/** A signed invoice of regtest; another number gives another invoice. */
export function invoiceOf(kind: Kind, number: number): string {
  const key = seeded(kind, number, 0);
  const made = encodeBolt11(
    {
      currency: 'bcrt',
      amount: msat(1_234_000 + number),
      timestamp: timestamp(1_763_000_000),
      paymentHash: paymentHash(toHex(seeded(kind, number, 1))),
      paymentSecret: seeded(kind, number, 2),
      description: { tag: 'text', text: kind.description },
      expiry: seconds(86_400),
      minFinalCltvExpiryDelta: blockDelta(24),
      fallbacks: [],
      routeHints: Array.from({ length: kind.hints }, (_, i) => [hint(seeded(kind, number, 3 + i))]),
      features: featuresFor('9', DEFAULT_FEATURES),
      paymentMetadata: null,
    },
    (hash) => signRecoverable(hash, key),
  );
  if (!made.ok) throw new Error(made.error.detail);
  return made.value;
}
