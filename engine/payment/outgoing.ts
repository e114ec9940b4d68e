import type { ChannelId, NodeId, PaymentHash, PaymentId } from '../base/ids.ts';
import { msat, type BlockDelta, type Msat, type Timestamp } from '../base/units.ts';
import type { RouteHint } from '../invoice/bolt11.ts';
import type { BlindedTail } from '../onion/blinded-tail.ts';
import type { ChannelAmount } from '../routing/route.ts';
import type { PaymentFailure } from './payment-refusal.ts';
import type { RouteHop } from './route.ts';

/** What a payer must know of whom it pays, beside amount and hash: kept, so that retries need no invoice. */
export type Recipient = {
  readonly nodeId: NodeId;
  readonly paymentSecret: Uint8Array | null;
  readonly paymentMetadata: Uint8Array | null;
  readonly routeHints: readonly RouteHint[];
  readonly minFinalCltvExpiryDelta: BlockDelta;
  /** `basic_mpp`. */
  readonly multiPart: boolean;
  /** Spontaneous payments carry it in the onion. */
  readonly keysendPreimage: Uint8Array | null;
  /** The ways to a payee that does not say who it is; then `nodeId` is a blinded id. Left out: it does. */
  readonly blindedTails?: readonly BlindedTail[];
};

/**
 * What we try no more after an attempt failed. `channel` is our own; `next-channel` and `amount` (so much of it, or
 * more) lead on from the hop; `route`: none of its channels.
 */
export type Blame = 'nothing' | 'channel' | 'next-channel' | 'node' | 'route' | 'amount';

export type AttemptOutcome =
  | { readonly tag: 'in-flight' }
  | { readonly tag: 'fulfilled' }
  | {
      readonly tag: 'failed';
      readonly failure: PaymentFailure;
      /** The hop that is blamed; 0 is our peer. */
      readonly blame: Blame;
      readonly hop: number;
      /** The payee said no: another route leads to the same answer. */
      readonly isFinal: boolean;
    };

/** One HTLC of ours. */
export type Attempt = {
  /** Counts up for the life of the payment; names the HTLC in its origin. */
  readonly number: number;
  readonly channelId: ChannelId;
  /** Of its onion: all that is needed to read a failure. */
  readonly sessionKey: Uint8Array;
  readonly hops: readonly [RouteHop, ...RouteHop[]];
  readonly outcome: AttemptOutcome;
  /**
   * How long each hop says that it held the HTLC, in units of 100 milliseconds, our peer first: as far as their word is
   * authentic (BOLT 4 `attribution_data`). 0: not told. Each holds it as long as the next does, and a little longer.
   */
  readonly holdTimes?: readonly number[];
};

export type OutgoingStatus =
  | { readonly tag: 'pending' }
  | { readonly tag: 'succeeded'; readonly preimage: Uint8Array; readonly at: Timestamp }
  | { readonly tag: 'failed'; readonly failure: PaymentFailure; readonly at: Timestamp };

export type OutgoingPayment = {
  readonly id: PaymentId;
  readonly paymentHash: PaymentHash;
  readonly kind: 'bolt11' | 'spontaneous';
  /** What is to arrive. */
  readonly amount: Msat;
  readonly maxFee: Msat;
  readonly recipient: Recipient;
  /** BOLT 11, lower case; '' for a spontaneous payment. */
  readonly invoice: string;
  readonly description: string;
  readonly label: string;
  readonly createdAt: Timestamp;
  /** No new attempt from here on: the user is not there any more to want it. */
  readonly retryUntil: Timestamp;
  readonly status: OutgoingStatus;
  /** Goes on counting when a failed payment is begun again, so that no two HTLCs share an origin. */
  readonly nextAttempt: number;
  /** Since it was last begun. */
  readonly attempts: readonly Attempt[];
};

export const arriving = ({ hops }: Pick<Attempt, 'hops'>): Msat => (hops.at(-1) ?? hops[0]).amount;

const isLost = ({ outcome }: Attempt): boolean => outcome.tag === 'failed';

/** What the payee has, or has in flight to it. */
export const committedAmount = ({ attempts }: Pick<OutgoingPayment, 'attempts'>): bigint =>
  attempts.filter((attempt) => !isLost(attempt)).reduce((sum, attempt) => sum + arriving(attempt), 0n);

/** Fees of what was paid or is in flight. */
export const committedFee = ({ attempts }: Pick<OutgoingPayment, 'attempts'>): bigint =>
  attempts
    .filter((attempt) => !isLost(attempt))
    .reduce((sum, { hops }) => sum + hops[0].amount - arriving({ hops }), 0n);

export const hasInFlight = ({ attempts }: Pick<OutgoingPayment, 'attempts'>): boolean =>
  attempts.some(({ outcome }) => outcome.tag === 'in-flight');

/** Of that, what they hold in one channel. */
export const heldIn = (
  held: readonly ChannelAmount[],
  { scid, from }: Omit<ChannelAmount, 'amountMsat'>,
): Msat =>
  msat(held.reduce((sum, one) => (one.scid === scid && one.from === from ? sum + one.amountMsat : sum), 0n));

/** What HTLCs that are under way hold in the channels beyond our own. */
export const heldBy = ({ attempts }: Pick<OutgoingPayment, 'attempts'>): readonly ChannelAmount[] =>
  attempts.flatMap(({ hops, outcome }) =>
    outcome.tag !== 'in-flight'
      ? []
      : hops.slice(1).flatMap(({ scid, amount }, i) => {
          const from = hops[i];
          return scid === null || from === undefined ? [] : [{ scid, from: from.nodeId, amountMsat: amount }];
        }),
  );
