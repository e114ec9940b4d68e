import { toHex } from '../base/bytes.ts';
import { paymentHash, type PaymentHash } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { blockDelta, seconds, type BlockDelta, type Seconds } from '../base/units.ts';
import { decodeUtf8 } from '../base/utf8.ts';
import { blindedEntryOfWords, type BlindedEntry } from './blinded-field.ts';
import {
  DEFAULT_EXPIRY,
  DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA,
  FIELD,
  type Description,
  type RouteHint,
} from './bolt11.ts';
import { fallbackScript } from './fallback.ts';
import type { InvoiceFault } from './invoice-refusal.ts';
import { routeHintOfWords } from './route-hint.ts';
import { bitFieldOfWords, bytesOfWords, numberOfWords } from './words.ts';

// BOLT 11 §Tagged Fields: "(52, 52, 52, 53)" words for p, h, s, n.
const HASH_WORDS = 52;
const POINT_WORDS = 53;
/** Later than any invoice lives; keeps sums with a timestamp whole. */
const LONGEST_EXPIRY = 2 ** 40;
const LARGEST_DELTA = 0xffff_ffff;

export type TaggedFields = {
  readonly paymentHash: PaymentHash;
  readonly paymentSecret: Uint8Array | null;
  readonly description: Description;
  readonly expiry: Seconds;
  readonly minFinalCltvExpiryDelta: BlockDelta;
  readonly fallbacks: readonly Uint8Array[];
  readonly routeHints: readonly RouteHint[];
  readonly blindedPaths?: readonly [BlindedEntry, ...BlindedEntry[]];
  readonly features: Uint8Array;
  readonly paymentMetadata: Uint8Array | null;
  /** `n`, 33 bytes. */
  readonly payee: Uint8Array | null;
};

/** The fields between timestamp and signature, each with its type. Null when the last runs over the end. */
export function splitFields(
  words: Uint8Array,
): { readonly type: number; readonly data: Uint8Array }[] | null {
  const fields: { type: number; data: Uint8Array }[] = [];
  for (let at = 0; at < words.length;) {
    const type = words[at] ?? 0;
    const length = ((words[at + 1] ?? 0) << 5) | (words[at + 2] ?? 0);
    const end = at + 3 + length;
    if (end > words.length) return null;
    fields.push({ type, data: words.subarray(at + 3, end) });
    at = end;
  }
  return fields;
}

/** BOLT 11 §Tagged Fields, §Requirements, "A reader". */
export function readFields(words: Uint8Array): Result<TaggedFields, InvoiceFault> {
  const fields = splitFields(words);
  if (fields === null) return err('field-overrun');

  // DIVERGES from BOLT 11 §Tagged Fields: "MUST fail the payment if any field with fixed data_length (p, h, s, n) does
  // not have the correct length", because its own example "including fields which must be ignored" must be accepted.
  // BOLT 11 §Payer / Payee Requirements: "SHOULD use the first p field as the payment hash." So with the others.
  const first = (type: number, length?: number): Uint8Array | undefined =>
    fields.find((field) => field.type === type && (length === undefined || field.data.length === length))
      ?.data;
  const all = (type: number): Uint8Array[] =>
    fields.filter((field) => field.type === type).map((field) => field.data);

  // "if a c, x, or 9 field is provided which has a non-minimal data_length (i.e. begins with 0 field elements): SHOULD
  // treat the invoice as invalid."
  for (const type of [FIELD.c, FIELD.x, FIELD[9]])
    if (first(type)?.[0] === 0) return err('field-not-minimal');

  const hash = first(FIELD.p, HASH_WORDS);
  if (hash === undefined) return err('no-payment-hash');
  const paths: BlindedEntry[] = [];
  for (const data of all(FIELD.b)) {
    const entry = blindedEntryOfWords(data);
    if (entry === null) return err('blinded-path');
    paths.push(entry);
  }
  const [path, ...otherPaths] = paths;
  // "if a valid s field is not provided: MUST fail the payment." bLIP 39 §Requirements, of an invoice with blinded paths:
  // "MUST not contain the `s` field type", "MUST not contain the `r` field type".
  const secret = first(FIELD.s, HASH_WORDS);
  if (secret === undefined && path === undefined) return err('no-payment-secret');
  if (path !== undefined && (secret !== undefined || all(FIELD.r).length > 0)) return err('blinded-path');
  const description = readDescription(first(FIELD.d), first(FIELD.h, HASH_WORDS));
  if (!description.ok) return description;

  const routeHints: RouteHint[] = [];
  for (const data of all(FIELD.r)) {
    const hint = routeHintOfWords(data);
    if (hint === null) return err('route-hint');
    routeHints.push(hint);
  }
  const expiry = first(FIELD.x);
  const delta = first(FIELD.c);
  const metadata = first(FIELD.m);
  const payee = first(FIELD.n, POINT_WORDS);
  return ok({
    paymentHash: paymentHash(toHex(bytesOfWords(hash))),
    paymentSecret: secret === undefined ? null : bytesOfWords(secret),
    description: description.value,
    expiry: seconds(expiry === undefined ? DEFAULT_EXPIRY : Math.min(numberOfWords(expiry), LONGEST_EXPIRY)),
    minFinalCltvExpiryDelta: blockDelta(
      delta === undefined
        ? DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA
        : Math.min(numberOfWords(delta), LARGEST_DELTA),
    ),
    fallbacks: all(FIELD.f)
      .map(fallbackScript)
      .filter((script) => script !== null),
    routeHints,
    ...(path === undefined ? {} : { blindedPaths: [path, ...otherPaths] as const }),
    features: bitFieldOfWords(first(FIELD[9]) ?? new Uint8Array(0)),
    paymentMetadata: metadata === undefined ? null : bytesOfWords(metadata),
    payee: payee === undefined ? null : bytesOfWords(payee),
  });
}

// "MUST fail the payment if neither a d field nor a h field is present, or if both are present."
function readDescription(
  text: Uint8Array | undefined,
  hash: Uint8Array | undefined,
): Result<Description, InvoiceFault> {
  if (hash !== undefined)
    return text === undefined ? ok({ tag: 'hash', hash: bytesOfWords(hash) }) : err('two-descriptions');
  if (text === undefined) return err('no-description');
  const decoded = decodeUtf8(bytesOfWords(text));
  return decoded === null ? err('description-not-utf8') : ok({ tag: 'text', text: decoded });
}
