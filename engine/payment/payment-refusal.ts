import type { Msat, Timestamp } from '../base/units.ts';

export type PaymentState = 'pending' | 'claimable' | 'succeeded' | 'failed' | 'expired';

/** `channels-full`: ours carry as many payments as their peers let them. */
export type NoPath = 'no-channel' | 'peer-offline' | 'channels-full' | 'no-route' | 'liquidity';

/** Why no route was found. */
export type RouteRefusal =
  | { readonly code: 'no-path'; readonly reason: NoPath }
  /**
   * `sendable`: the most that could be sent to this payee now. `kept`: where what is ours would do, and so much of it
   * has to stay in our channels. `away`: where it would do with what is in channels that are not ready now,
   * mostly as their peers are away.
   */
  | {
      readonly code: 'insufficient-balance';
      readonly sendable: Msat;
      readonly kept?: Msat;
      readonly away?: Msat;
    }
  | { readonly code: 'amount-too-small'; readonly minimum: Msat }
  | { readonly code: 'amount-too-large'; readonly maximum: Msat }
  | { readonly code: 'fee-above-limit'; readonly fee: Msat; readonly limit: Msat };

/** Why a payment was not begun. Nothing was changed. The codes are those of the node's refusals. */
export type PaymentRefusal =
  | RouteRefusal
  | { readonly code: 'duplicate-payment'; readonly state: PaymentState }
  | { readonly code: 'invoice-expired'; readonly expiredAt: Timestamp }
  | { readonly code: 'amount-required' }
  | { readonly code: 'amount-fixed'; readonly amount: Msat }
  | { readonly code: 'own-invoice' }
  | { readonly code: 'unknown-payment' }
  | { readonly code: 'not-claimable'; readonly state: PaymentState }
  /** The funding transaction of a channel that it came through is in no block any more. */
  | { readonly code: 'channel-not-funded' }
  /** A channel that it came through would lose it now, or might. */
  | { readonly code: 'not-safe-to-claim' }
  | { readonly code: 'wrong-preimage' }
  /** See `ProbeLimits`: nothing was sent. */
  | { readonly code: 'probes-limited'; readonly by: 'under-way' | 'rate' | 'value' }
  | { readonly code: 'invalid-argument'; readonly field: string; readonly detail: string };

/** Why a payment failed, once it was under way. `detail` is ours, never a peer's words. */
export type PaymentFailure = {
  readonly code:
    | 'recipient-rejected'
    | 'unknown-to-recipient'
    | 'no-route'
    | 'peer-offline'
    | 'expired'
    | 'timed-out'
    | 'fee-above-limit'
    | 'temporary'
    | 'unreadable-error'
    | 'cancelled'
    /** Received, and answered too late: the payer has it back. */
    | 'taken-back'
    /** What became of it is lost with the state of a channel: it may have been paid. */
    | 'outcome-unknown';
  readonly detail: string;
  /** BOLT 4 failure code, where one was read. */
  readonly bolt4Code?: number;
  /** The hop, counted from us (0 is our peer), that reported it. */
  readonly hop?: number;
};
