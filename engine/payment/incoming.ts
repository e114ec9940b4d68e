import type { ChannelId, PaymentHash, PaymentId } from '../base/ids.ts';
import {
  timestamp,
  type BlockDelta,
  type BlockHeight,
  type Msat,
  type Seconds,
  type Timestamp,
} from '../base/units.ts';
import type { ChannelOpening } from './opening-fee.ts';
import type { Refusable } from '../onion/refusal.ts';
import type { PaymentFailure } from './payment-refusal.ts';

export type PartName = { readonly channelId: ChannelId; readonly id: bigint };
/** An HTLC that paid, or is claimed. */
export type ReceivedPart = PartName & { readonly amount: Msat };

export type IncomingStatus =
  /** Waiting for money. Past its expiry it is shown as expired. */
  | { readonly tag: 'open' }
  /** Of a hold invoice: all is here, the preimage is not. */
  | { readonly tag: 'claimable'; readonly amount: Msat; readonly deadline: BlockHeight }
  /** The preimage was given to the payer, in the transaction that says so. `amount` is what the parts bring. */
  | {
      readonly tag: 'received';
      readonly preimage: Uint8Array;
      readonly amount: Msat;
      readonly at: Timestamp;
      readonly parts: readonly ReceivedPart[];
    }
  /** Given back; its hash is unknown from now on. */
  | { readonly tag: 'failed'; readonly failure: PaymentFailure; readonly at: Timestamp };

/** Something that we asked to be paid, or that somebody paid us unasked. */
export type IncomingPayment = {
  readonly id: PaymentId;
  readonly paymentHash: PaymentHash;
  readonly kind: 'bolt11' | 'hold' | 'spontaneous';
  /** Null for a hold invoice until it is claimed. */
  readonly preimage: Uint8Array | null;
  /** Null for spontaneous payments. */
  readonly paymentSecret: Uint8Array | null;
  readonly paymentMetadata: Uint8Array | null;
  /** What is asked for; null: any amount. */
  readonly amount: Msat | null;
  /** BOLT 11, lower case; '' for a spontaneous payment. */
  readonly invoice: string;
  readonly description: string;
  readonly label: string;
  readonly createdAt: Timestamp;
  readonly expiresAt: Timestamp;
  /** What is enforced: less than the invoice says, by the blocks that may come while the payment is on its way. */
  readonly minFinalCltvExpiryDelta: BlockDelta;
  readonly status: IncomingStatus;
  /** An LSP opens a channel for it. Absent: it comes through channels that are there. */
  readonly opening?: ChannelOpening;
  /** With `opening`: channels that were there when it was asked for, for which the LSP is owed nothing. */
  readonly channelsBefore?: readonly ChannelId[];
  /**
   * Parts of what was received that the payer took back on the chain: we gave the preimage too late, asleep or offline, and
   * they bring nothing. Absent: none.
   */
  readonly takenBack?: readonly PartName[];
};

/** An HTLC that waits for the rest of its set, or for a claim. */
export type HeldPart = Refusable & {
  readonly channelId: ChannelId;
  readonly id: bigint;
  /** Of the HTLC. */
  readonly amount: Msat;
  /** `amt_to_forward`: what counts towards the total. */
  readonly intended: Msat;
  /** `extra_fee` of bLIP 25: what our peer kept of it. */
  readonly skimmed: Msat;
  readonly cltvExpiry: BlockHeight;
  /** Since when we hold it, in this life of the process. */
  readonly since: Timestamp;
};

/** BOLT 4 §Basic Multi-Part Payments: "an HTLC set". In memory only: channels offer their HTLCs again after a restart. */
export type HtlcSet = {
  /** `total_msat`, the same in all parts. */
  readonly total: Msat;
  readonly startedAt: Timestamp;
  readonly parts: readonly HeldPart[];
};

export const isPart = (name: PartName, { channelId, id }: PartName): boolean =>
  name.channelId === channelId && name.id === id;

/** What stayed ours of what was received. */
export function keptParts({ status, takenBack = [] }: IncomingPayment): readonly ReceivedPart[] {
  if (status.tag !== 'received') return [];
  return status.parts.filter((part) => !takenBack.some((one) => isPart(one, part)));
}

/** It was received, and its payer has all of it back. */
export const isAllTakenBack = (payment: IncomingPayment): boolean =>
  payment.takenBack !== undefined && keptParts(payment).length === 0;

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);
export const intendedOf = ({ parts }: HtlcSet): bigint => sum(parts.map(({ intended }) => intended));
export const arrivedIn = ({ parts }: HtlcSet): bigint => sum(parts.map(({ amount }) => amount));
export const skimmedIn = ({ parts }: HtlcSet): bigint => sum(parts.map(({ skimmed }) => skimmed));
export const isComplete = (set: HtlcSet): boolean => intendedOf(set) >= set.total;
/** When the first of those that still wait for parts is given back; null where none does. */
export function firstTimeout(sets: readonly (HtlcSet | null)[], mppTimeout: Seconds): Timestamp | null {
  const starts = sets.flatMap((set) => (set === null || isComplete(set) ? [] : [set.startedAt]));
  return starts.length === 0 ? null : timestamp(Math.min(...starts) + mppTimeout);
}
export const earliestExpiry = ({ parts }: HtlcSet): number =>
  Math.min(...parts.map(({ cltvExpiry }) => cltvExpiry));
