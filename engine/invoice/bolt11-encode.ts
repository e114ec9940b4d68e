import { assert } from '../base/assert.ts';
import { concatBytes, fromHex } from '../base/bytes.ts';
import { err, ok, type Result } from '../base/result.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { encodeBech32 } from './bech32.ts';
import { wordsOfBlindedEntry } from './blinded-field.ts';
import { DEFAULT_EXPIRY, DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA, FIELD, type Bolt11Content } from './bolt11.ts';
import { invoiceHash } from './bolt11-decode.ts';
import { fallbackWords } from './fallback.ts';
import { writeInvoiceAmount } from './invoice-amount.ts';
import { wordsOfRouteHint } from './route-hint.ts';
import { wordsOfBitField, wordsOfBytes, wordsOfNumber } from './words.ts';

// BOLT 11 §Tagged Fields: "This is 1023 x 5 bits, or 639 bytes."
const LONGEST_FIELD = 1023;
const LARGEST_TIMESTAMP = 2 ** 35;

/** Signs a 32-byte hash with the node key, recoverably: see `signRecoverable`. */
export type SignInvoice = (hash: Uint8Array) => { readonly signature: Uint8Array; readonly recovery: number };

export type InvoiceWriteRefusal = {
  readonly code: 'invalid-argument';
  readonly field: 'description';
  readonly detail: string;
};

type TaggedField = { readonly type: number; readonly data: Uint8Array };

/** The fields of an invoice, in the order in which we write them. */
export function fieldsOf(content: Bolt11Content): readonly TaggedField[] {
  const fields: TaggedField[] = [
    { type: FIELD.p, data: wordsOfBytes(fromHex(content.paymentHash)) },
    content.description.tag === 'text'
      ? { type: FIELD.d, data: wordsOfBytes(encodeUtf8(content.description.text)) }
      : { type: FIELD.h, data: wordsOfBytes(content.description.hash) },
  ];
  if (content.paymentSecret !== null)
    fields.splice(1, 0, { type: FIELD.s, data: wordsOfBytes(content.paymentSecret) });
  if (content.paymentMetadata !== null)
    fields.push({ type: FIELD.m, data: wordsOfBytes(content.paymentMetadata) });
  if (content.expiry !== DEFAULT_EXPIRY) fields.push({ type: FIELD.x, data: wordsOfNumber(content.expiry) });
  if (content.minFinalCltvExpiryDelta !== DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA)
    fields.push({ type: FIELD.c, data: wordsOfNumber(content.minFinalCltvExpiryDelta) });
  for (const script of content.fallbacks) fields.push({ type: FIELD.f, data: fallbackWords(script) });
  for (const hint of content.routeHints) fields.push({ type: FIELD.r, data: wordsOfRouteHint(hint) });
  for (const entry of content.blindedPaths ?? [])
    fields.push({ type: FIELD.b, data: wordsOfBlindedEntry(entry) });
  const features = wordsOfBitField(content.features);
  if (features.length > 0) fields.push({ type: FIELD[9], data: features });
  return fields;
}

/** @throws {Bug} when a field is longer than the format allows: check what the user wrote with `encodeBolt11`. */
export function encodeFields(
  content: Pick<Bolt11Content, 'currency' | 'amount' | 'timestamp'>,
  fields: readonly TaggedField[],
  sign: SignInvoice,
): string {
  assert(content.timestamp < LARGEST_TIMESTAMP, 'timestamp of an invoice');
  const hrp = `ln${content.currency}${content.amount === null ? '' : writeInvoiceAmount(content.amount)}`;
  const words = concatBytes(
    wordsOfNumber(content.timestamp, 7),
    ...fields.flatMap(({ type, data }) => {
      assert(data.length <= LONGEST_FIELD, 'invoice field too long');
      return [Uint8Array.of(type, data.length >> 5, data.length & 31), data];
    }),
  );
  const { signature, recovery } = sign(invoiceHash(hrp, words));
  const signed = concatBytes(words, wordsOfBytes(concatBytes(signature, Uint8Array.of(recovery))));
  return encodeBech32({ hrp, words: signed });
}

/**
 * Writes and signs an invoice, in lower case; upper case is as valid and makes smaller QR codes.
 * Defaults (expiry 3,600 s, final delta 18) are left out.
 */
export function encodeBolt11(content: Bolt11Content, sign: SignInvoice): Result<string, InvoiceWriteRefusal> {
  const limit = Math.floor((LONGEST_FIELD * 5) / 8);
  if (content.description.tag === 'text') {
    if (encodeUtf8(content.description.text).length > limit)
      return err({ code: 'invalid-argument', field: 'description', detail: `longer than ${limit} bytes` });
  }
  return ok(encodeFields(content, fieldsOf(content), sign));
}
