import type { Answer } from './api.ts';
import type { PaidBy } from './refusal.ts';

export type LightningQuote = {
  readonly amountMsat: bigint;
  /** What we expect; `maxFeeMsat` is what the engine lets it be at most. */
  readonly feeMsat: bigint;
  readonly maxFeeMsat: bigint;
  readonly payee: string;
  readonly payeeAlias: string | null;
  /** `send` has to be told that it was not. */
  readonly mayBePaid?: PaidBy;
};
/** How many HTLCs: 0 where our own channel leads to the payee, and nothing is to be learnt. */
export type ProbesSent = { readonly sent: number };
export type ReceiveRequest = {
  readonly amountMsat: bigint;
  readonly description: string;
  readonly expirySeconds?: number;
};
export type ReceiveVariableRequest = { readonly description: string; readonly expirySeconds?: number };
export type InvoiceDetails = {
  readonly paymentId: string;
  readonly invoice: string;
  readonly paymentHash: string;
  readonly amountMsat: bigint | null;
  readonly expiresAt: number;
  /** Most that channels could receive now; less than the amount means that this invoice cannot be paid yet. */
  readonly receivableMsat: bigint;
};

export type Bolt11Api = {
  receive(request: ReceiveRequest): Answer<InvoiceDetails>;
  receiveVariableAmount(request: ReceiveVariableRequest): Answer<InvoiceDetails>;
  /** A hold invoice: nothing is revealed until `claim`. `paymentHash` is lowercase hex. */
  receiveForHash(request: ReceiveRequest & { readonly paymentHash: string }): Answer<InvoiceDetails>;
  claim(preimage: string): Answer<void>;
  fail(paymentHash: string): Answer<void>;
  quote(invoice: string, amountMsat?: bigint): Answer<LightningQuote>;
  /**
   * Sends HTLCs along the way that paying would take, which nobody can keep: they come back, and teach which channels
   * carry so much. Bounded in number, value and rate; money may be held on the way for some days, never taken.
   */
  sendProbes(invoice: string, amountMsat?: bigint): Answer<ProbesSent>;
  /** Idempotent by payment hash: a second call for the same hash never pays twice. */
  send(
    invoice: string,
    options?: {
      readonly amountMsat?: bigint;
      readonly maxFeeMsat?: bigint;
      /** That stands beside it: `may-be-paid` where we paid that. Those within the invoice are known. */
      readonly address?: string;
      /** The person says that it was not paid: see `mayBePaid`. */
      readonly isUnpaid?: boolean;
    },
  ): Answer<{ readonly paymentId: string }>;
};

export type SpontaneousApi = {
  /** What it would cost now; whether the node takes payments that it did not ask for shows only in paying. */
  quote(nodeId: string, amountMsat: bigint): Answer<LightningQuote>;
  /** See `bolt11.sendProbes`. */
  sendProbes(nodeId: string, amountMsat: bigint): Answer<ProbesSent>;
  /** Keysend: a payment without an invoice. Each call pays anew. */
  send(
    nodeId: string,
    amountMsat: bigint,
    options?: { readonly maxFeeMsat?: bigint },
  ): Answer<{ readonly paymentId: string }>;
};
