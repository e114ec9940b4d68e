import { fromHex } from '../../../engine/base/bytes.ts';
import { paymentHash } from '../../../engine/base/ids.ts';
import { blockDelta, msat, seconds, timestamp } from '../../../engine/base/units.ts';
import { signRecoverable } from '../../../engine/crypto/secp256k1.ts';
import { encodeBolt11 } from '../../../engine/invoice/bolt11-encode.ts';

/** A regtest invoice with a valid signature whose hour was over long ago. */
export function expiredInvoice(): string {
  const secret = fromHex('11'.repeat(32));
  const encoded = encodeBolt11(
    {
      currency: 'bcrt',
      amount: msat(1_000_000n),
      timestamp: timestamp(1_700_000_000),
      paymentHash: paymentHash('22'.repeat(32)),
      paymentSecret: fromHex('33'.repeat(32)),
      description: { tag: 'text', text: 'Too late' },
      expiry: seconds(3600),
      minFinalCltvExpiryDelta: blockDelta(18),
      fallbacks: [],
      routeHints: [],
      features: fromHex('4100'),
      paymentMetadata: null,
    },
    (hash) => signRecoverable(hash, secret),
  );
  if (!encoded.ok) throw new Error(encoded.error.code);
  return encoded.value;
}
