import type { NodeId, PaymentHash } from '../base/ids.ts';
import type { NetworkParams } from '../base/network.ts';
import type { BlindedEntry } from './blinded-field.ts';
import type { BlockDelta, Msat, Scid, Seconds, Timestamp } from '../base/units.ts';

export type Currency = NetworkParams['invoiceCurrency'];

/** One channel on the way from a public node to the payee: from `nodeId` over `scid` to the next, or to the payee. */
export type HintHop = {
  readonly nodeId: NodeId;
  readonly scid: Scid;
  readonly feeBase: Msat;
  readonly feeProportionalMillionths: number;
  readonly cltvExpiryDelta: BlockDelta;
};
/** In the direction of the payment. */
export type RouteHint = readonly HintHop[];

export type Description =
  | { readonly tag: 'text'; readonly text: string }
  /** SHA256 of a description that is given by other means. */
  | { readonly tag: 'hash'; readonly hash: Uint8Array };

/** What an invoice says, without who signed it. */
export type Bolt11Content = {
  readonly currency: Currency;
  /** Null: any amount. */
  readonly amount: Msat | null;
  readonly timestamp: Timestamp;
  readonly paymentHash: PaymentHash;
  /** Null where all ways to the payee are blinded: what it knows the payment by is in them. */
  readonly paymentSecret: Uint8Array | null;
  readonly description: Description;
  readonly expiry: Seconds;
  readonly minFinalCltvExpiryDelta: BlockDelta;
  /** scriptPubKeys, the preferred one first. */
  readonly fallbacks: readonly Uint8Array[];
  /** The preferred one first. */
  readonly routeHints: readonly RouteHint[];
  /** Ways to a payee that does not say who it is (bLIP 39); then `payee` is a key made for this invoice. Left out: none. */
  readonly blindedPaths?: readonly [BlindedEntry, ...BlindedEntry[]];
  /** Feature vector of BOLT 9, context 9. */
  readonly features: Uint8Array;
  readonly paymentMetadata: Uint8Array | null;
};

/** An invoice whose signature was checked. */
export type Bolt11Invoice = Bolt11Content & {
  readonly payee: NodeId;
  /** Lower case, without a scheme. */
  readonly text: string;
};

/** BOLT 11: "Default is 3600 (1 hour) if not specified." */
export const DEFAULT_EXPIRY = 3600;
/** BOLT 11: "MUST use an expiry delta of at least 18 when making the payment" */
export const DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA = 18;

/** Tagged fields by their 5-bit type; the letter is its bech32 character. */
export const FIELD = {
  p: 1,
  r: 3,
  9: 5,
  x: 6,
  f: 9,
  d: 13,
  s: 16,
  n: 19,
  b: 20,
  h: 23,
  c: 24,
  m: 27,
} as const;

/** The last moment at which it should be paid. */
export const expiresAt = ({ timestamp, expiry }: Pick<Bolt11Content, 'timestamp' | 'expiry'>): Timestamp =>
  (timestamp + expiry) as Timestamp;

// BOLT 11 §Payer / Payee Requirements: "after the timestamp plus expiry has passed: SHOULD NOT attempt a payment."
export const isExpired = (invoice: Pick<Bolt11Content, 'timestamp' | 'expiry'>, now: Timestamp): boolean =>
  now > expiresAt(invoice);
