import type { Answer, InvoiceDetails } from './api.ts';
import type { OrderApi } from './order-api.ts';
import type { Refusal } from './refusal.ts';

/** An LSP that may be asked to open channels, as the page offers it and settings change it. */
export type LspServer = {
  readonly alias: string;
  readonly nodeId: string;
  readonly host: string;
  readonly port: number;
  /** What the LSP gave to this user: a coupon, or the key to its door. */
  readonly token: string | null;
  /**
   * Its channels are used before the chain confirms them: until then it could take them back, with what came through
   * them.
   */
  readonly trusted: boolean;
};

/** What a payment would cost through an LSP. Nothing is bought yet. */
export type LspQuote = {
  readonly quoteId: string;
  readonly lsp: { readonly nodeId: string; readonly alias: string };
  /** Null: the payer chooses. */
  readonly amountMsat: bigint | null;
  /** Null with the amount; then it is the greater of `minFeeMsat` and `proportionalMillionths` of what comes. */
  readonly feeMsat: bigint | null;
  readonly minFeeMsat: bigint;
  readonly proportionalMillionths: number;
  /** The smallest and the largest payment that it takes, with enough left of it. */
  readonly minimumMsat: bigint;
  readonly maximumMsat: bigint;
  /** Unix seconds. */
  readonly validUntil: number;
  /** The user trusts it: the payment is there at once. Otherwise after some confirmations. */
  readonly trusted: boolean;
  /**
   * More than the greater of 1 % and 2,500 sat, also for some amount only that the payer may choose: to be agreed to by
   * `maxFeeMsat`.
   */
  readonly isDear: boolean;
};

/** What each LSP answered. `offers`: cheapest first. */
export type LspQuotes = {
  readonly offers: readonly LspQuote[];
  readonly refused: readonly {
    readonly lsp: { readonly nodeId: string; readonly alias: string };
    readonly refusal: Refusal;
  }[];
};

/** Refused each time, at no cost: the payment may still come as it was agreed, unless the request has expired. */
export type LspConduct =
  /** It wanted to open a channel that is not the one that was bought: one that all the network would be told of, */
  | 'channel-public'
  /** one through which the payment could not come, */
  | 'channel-too-small'
  /** one that would be used before the chain confirms it, of an LSP that is not trusted so far, */
  | 'channel-unconfirmed'
  /** or one that differs in something else. */
  | 'channel-refused'
  /** It kept more of the payment than was agreed, in one part or over several. */
  | 'fee-refused'
  /** It sent what nobody asked for. */
  | 'other-payment'
  /** The request has expired and no channel was opened for it: nobody paid, or the LSP did not open. */
  | 'not-opened'
  /** The request has expired, and through the channel that the LSP opened nothing came. */
  | 'not-forwarded'
  /** It held on to the payment after it had the proof, until its channel had to be closed: it is collected on the chain. */
  | 'payment-held';

export type LspApi = {
  /** Asks all LSPs of the settings. Refused when there is none, or none has an offer: with the reason of the first. */
  quote(amountMsat: bigint | null): Answer<LspQuotes>;
  /**
   * Buys under exactly the terms of the quote, and makes the invoice. `maxFeeMsat`: refused when the fee is above it;
   * without it, when the fee is dear. The limit of the settings holds in any case.
   */
  receive(request: {
    readonly quoteId: string;
    readonly description: string;
    readonly maxFeeMsat?: bigint;
  }): Answer<InvoiceDetails>;
  /** What the LSP of this payment did that was not agreed, since this node runs; null: nothing that is known. */
  conduct(paymentId: string): Answer<LspConduct | null>;
  /** Channels bought before anybody pays. */
  readonly orders: OrderApi;
};
