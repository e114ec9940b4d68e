import type { PaymentFailure } from './refusal.ts';

/** A node that a part of a payment went over, ours not counted; the last is the payee. */
export type PaymentHop = {
  readonly nodeId: string;
  /** What it calls itself, where the map tells. */
  readonly alias: string | null;
  /** The channel that leads to it; null for the first, which our own leads to, and where that is not told. */
  readonly shortChannelId: bigint | null;
  /** What arrives at it, and what it keeps of that. */
  readonly amountMsat: bigint;
  readonly feeMsat: bigint;
  /** How long it says that it held the payment, the nodes behind it included; null where it does not say. */
  readonly heldMs: number | null;
};
/** One HTLC of an outgoing payment: one part of it, or a try that came to nothing. */
export type PaymentPart = {
  readonly number: number;
  readonly state: 'in-flight' | 'fulfilled' | 'failed';
  readonly channelId: string;
  /** What arrives at the payee. */
  readonly amountMsat: bigint;
  /** What all nodes on the way keep. */
  readonly feeMsat: bigint;
  readonly hops: readonly PaymentHop[];
  /** Where a failed one stopped: the last of `hops` that had it; -1: none had it; null: nobody can tell. */
  readonly stoppedAt: number | null;
  readonly failure: PaymentFailure | null;
};

export type RebalanceRequest = {
  readonly fromChannelId: string;
  readonly toChannelId: string;
  readonly amountMsat: bigint;
  /** 1 % and 50 sat when it is left out. */
  readonly maxFeeMsat?: bigint;
  /** What both payments are called; nobody else reads it. */
  readonly description?: string;
};
