import { concatBytes, toHex } from '../base/bytes.ts';
import type { NodeId } from '../base/ids.ts';
import { NETWORKS, type Network } from '../base/network.ts';
import { err, ok, type Result } from '../base/result.ts';
import { timestamp } from '../base/units.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { sha256 } from '../crypto/hash.ts';
import { recoverPoint, verifyEcdsa } from '../crypto/secp256k1.ts';
import { combined, featuresFor, missingDependency, unmetRequirement, withBits } from '../wire/features.ts';
import { decodeBech32 } from './bech32.ts';
import { BOLT11_BLINDED_PATH } from './blinded-field.ts';
import type { Bolt11Invoice } from './bolt11.ts';
import { readFields } from './bolt11-fields.ts';
import { readInvoiceAmount } from './invoice-amount.ts';
import type { InvoiceFault, InvoiceRefusal } from './invoice-refusal.ts';
import { bytesOfWords, numberOfWords, paddedBytesOfWords } from './words.ts';

/** What the largest QR code holds. */
export const LONGEST_INVOICE = 7089;
const TIMESTAMP_WORDS = 7;
const SIGNATURE_WORDS = 104;

/** What we can do with an invoice: an even bit beyond these is refused. */
const KNOWN_FEATURES = combined(
  featuresFor('9', {
    var_onion_optin: 'required',
    payment_secret: 'required',
    basic_mpp: 'optional',
    option_payment_metadata: 'optional',
    option_attribution_data: 'optional',
    option_route_blinding: 'optional',
  }),
  withBits([BOLT11_BLINDED_PATH + 1]),
);

const fault = (detail: InvoiceFault) => err<InvoiceRefusal>({ code: 'invalid-invoice', detail });

/** The bytes that an invoice's signature signs, hashed. BOLT 11 §Data Part. */
export const invoiceHash = (hrp: string, words: Uint8Array): Uint8Array =>
  sha256(concatBytes(encodeUtf8(hrp), paddedBytesOfWords(words)));

/**
 * Reads and verifies a BOLT 11 invoice. One signature operation; linear in the length of `text`.
 * @param text either case, without a scheme.
 */
export function decodeBolt11(text: string, network: Network): Result<Bolt11Invoice, InvoiceRefusal> {
  if (text.length > LONGEST_INVOICE)
    return err({ code: 'input-too-long', length: text.length, limit: LONGEST_INVOICE });
  const decoded = decodeBech32(text);
  if (!decoded.ok) return decoded.error.code === 'bad-checksum' ? err(decoded.error) : fault('malformed');
  const { hrp, words } = decoded.value;
  const [, currency, amountText = ''] = /^ln([a-z]+)([0-9].*)?$/.exec(hrp) ?? [];
  if (currency === undefined) return fault('not-an-invoice');

  // "if it does NOT understand the prefix: MUST fail the payment."
  const { invoiceCurrency } = NETWORKS[network];
  if (currency !== invoiceCurrency) {
    const found = Object.values(NETWORKS).find((params) => params.invoiceCurrency === currency);
    return err({ code: 'wrong-network', found: found?.network ?? currency.slice(0, 8), expected: network });
  }
  const amount = readInvoiceAmount(amountText);
  if (typeof amount === 'string') return fault(amount);

  const end = words.length - SIGNATURE_WORDS;
  if (end < TIMESTAMP_WORDS) return fault('too-short');
  const fields = readFields(words.subarray(TIMESTAMP_WORDS, end));
  if (!fields.ok) return fault(fields.error);
  const { payee: named, blindedPaths = [], ...content } = fields.value;

  // "if the 9 field contains unknown even bits that are non-zero: MUST fail the payment. SHOULD indicate the unknown bit"
  const bit = unmetRequirement(content.features, KNOWN_FEATURES);
  if (bit !== null) return err({ code: 'unsupported-feature', bit });
  // "if the feature vector does not set all known, transitive feature dependencies: MUST NOT attempt the payment."
  if (missingDependency(content.features) !== null) return fault('feature-dependency');
  // Of several paths we take those that ask for nothing more.
  const unmet = blindedPaths.map(({ features }) => unmetRequirement(features, KNOWN_FEATURES));
  const [path, ...otherPaths] = blindedPaths.filter((_, i) => unmet[i] === null);
  const [asked = null] = unmet;
  if (path === undefined && asked !== null) return err({ code: 'unsupported-feature', bit: asked });

  const signed = invoiceHash(hrp, words.subarray(0, end));
  const payee = signerOf(signed, bytesOfWords(words.subarray(end)), named);
  if (payee === null) return fault('signature');
  return ok({
    currency: invoiceCurrency,
    amount,
    timestamp: timestamp(numberOfWords(words.subarray(0, TIMESTAMP_WORDS))),
    ...content,
    ...(path === undefined ? {} : { blindedPaths: [path, ...otherPaths] as const }),
    payee: toHex(payee) as NodeId,
    text: text.toLowerCase(),
  });
}

function signerOf(hash: Uint8Array, signature: Uint8Array, named: Uint8Array | null): Uint8Array | null {
  const compact = signature.subarray(0, 64);
  const recovery = signature[64] ?? 0xff;
  if (recovery > 3) return null;
  // "MUST use the n field to validate the signature instead of performing public-key recovery. If the signature is not
  // compliant with the low-S standard rule: MUST fail the payment"
  if (named !== null) return verifyEcdsa(compact, hash, named) ? named : null;
  // "MUST perform ECDSA public-key recovery and accept both high-S and low-S signatures."
  return recoverPoint(compact, recovery, hash);
}
