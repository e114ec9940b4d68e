import type { ClosingCause } from '../channel/closing-cause.ts';

export type { ClosingCause };

export type ClosingDetails = {
  readonly kind: 'cooperative' | 'local-force' | 'remote-force' | 'revoked' | 'unknown';
  /** Why we closed it by force; null, or absent, where we did not. */
  readonly cause?: ClosingCause | null;
  readonly txId: string | null;
  readonly confirmations: number;
  /** What comes back to the on-chain wallet, after the closing transaction's fee. */
  readonly amountSat: bigint;
  /** What the closing transaction costs us: its fee and its anchors where we pay for it, and what is too small for it. */
  readonly feeSat: bigint;
  /** Height from which the delayed part can be claimed; null when nothing is delayed. */
  readonly claimableAtHeight: number | null;
  /** Of a channel that is closed: given up, as taking it would have cost more than it is worth. */
  readonly leftSat: bigint;
  /** What of it is still to come into the wallet; empty when all is there, or before the chain was looked at. */
  readonly outputs: readonly ClosingOutput[];
  /** Our own transactions that take it, as far as they are made; each pays its fee from what it takes or from the wallet. */
  readonly transactions: readonly ClosingTransaction[];
};
export type ClosingOutput = {
  /** `payment-in` and `payment-out` were under way when the channel closed; `penalty` was the peer's. */
  readonly kind: 'balance' | 'payment-in' | 'payment-out' | 'penalty';
  readonly amountSat: bigint;
  /** The first block that can hold a transaction that takes it; null while the closing transaction waits for a block. */
  readonly claimableAtHeight: number | null;
  /** From this height on the peer could take it; null when it never can. */
  readonly deadlineHeight: number | null;
  /** Ours that takes it, on its way. */
  readonly txId: string | null;
  /**
   * So many coins the wallet lacks to pay for taking it at the rate of now; null when it lacks none. What is lost at a deadline
   * asks for what fees may rise to: by the alarm `claim-unpaid`.
   */
  readonly missingSat: bigint | null;
  /** The peer can take it by now, and nothing of ours is on its way to it: not counted as money that comes. */
  readonly isLate: boolean;
};
export type ClosingTransaction = {
  readonly txId: string;
  readonly feeSat: bigint;
  /** What the wallet has more by it: below zero where it only pays a fee. */
  readonly receivedSat: bigint;
  readonly confirmations: number;
};
/** What raising the fees of a close would cost now. */
export type HurryQuote = {
  /** Of the new transactions. */
  readonly feeSat: bigint;
  /** More than is paid now. */
  readonly extraSat: bigint;
  readonly feerateSatPerVb: number;
};
