import type { Answer, FeeChoice } from './api.ts';
import type { Refusal } from './refusal.ts';

/** One way to pay for a channel. Nothing is paid yet. */
type Way = {
  readonly feeSat: bigint;
  /** With what of ours is to stand in the channel from the beginning. */
  readonly totalSat: bigint;
  /** Unix seconds. */
  readonly expiresAt: number;
  /** More than the greater of 1 % of the room and 2,500 sat: to be agreed to by `maxFeeSat`. */
  readonly isDear: boolean;
};

/** What room to receive would cost from an LSP (bLIP 51). Nothing is bought yet. */
export type RoomOffer = {
  readonly quoteId: string;
  readonly lsp: { readonly nodeId: string; readonly alias: string };
  /** What can be received through it, less what has to stay on the LSP's side. */
  readonly roomSat: bigint;
  /** Ours in it from the beginning. */
  readonly clientBalanceSat: bigint;
  /** Blocks for which the LSP keeps it open at least. */
  readonly expiryBlocks: number;
  readonly trusted: boolean;
  /** The LSP holds the payment until the channel is there, for `heldBlocks` at most; then it comes back by itself. */
  readonly lightning: (Way & { readonly invoice: string; readonly heldBlocks: number }) | null;
  /** Null also where this wallet has no coins. `confirmations`: after which the LSP opens. */
  readonly onchain: (Way & { readonly address: string; readonly confirmations: number }) | null;
  /**
   * Somebody else pays, over Lightning (`heldBlocks` as above) or on chain: the cheaper of the two, both where they
   * cost the same.
   */
  readonly elsewhere:
    (Way & { readonly heldBlocks: number | null; readonly confirmations: number | null }) | null;
};

/** What each LSP answered. `offers`: cheapest first. */
export type RoomOffers = {
  readonly offers: readonly RoomOffer[];
  readonly refused: readonly {
    readonly lsp: { readonly nodeId: string; readonly alias: string };
    readonly refusal: Refusal;
  }[];
};

/** `elsewhere`: out of another wallet, anybody's. */
export type RoomWay = 'lightning' | 'onchain' | 'elsewhere';

export type OrderStage =
  /** It was agreed to, and nothing was paid. */
  | 'unpaid'
  /** The payment is under way. */
  | 'paying'
  /** The LSP holds the payment until the channel is there. */
  | 'held'
  /** The transaction waits for confirmations. */
  | 'confirming'
  /** It ran out before a block had the transaction, which is to be cancelled. */
  | 'lapsed'
  /** Paid; the channel is to come. */
  | 'opening'
  | 'open'
  /** The LSP opens no channel, and has not given the money back yet. */
  | 'refunding'
  | 'refunded'
  /** It ended, and nothing was paid. */
  | 'not-paid'
  /** The LSP took the money, and there is no channel. */
  | 'undelivered';

/** A channel that was bought ahead. */
export type OrderDetails = {
  readonly id: string;
  readonly lsp: { readonly nodeId: string; readonly alias: string };
  /** The LSP's name for it: what one tells its support. */
  readonly lspOrderId: string;
  readonly stage: OrderStage;
  readonly way: RoomWay;
  readonly roomSat: bigint;
  readonly clientBalanceSat: bigint;
  readonly feeSat: bigint;
  readonly totalSat: bigint;
  /** Unix seconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
  /** What another wallet pays to, `totalSat` in whichever way; null: this one pays. */
  readonly payHere: { readonly invoice: string | null; readonly address: string | null } | null;
  /** Payment of ours: the payment hash, or the transaction. Null: there is none. */
  readonly paymentId: string | null;
  /** The transaction that has the coins of a payment of ours in its place, once that is cancelled. */
  readonly cancellationId: string | null;
  /** Of an on-chain payment: how many it has, and how many the LSP waits for. */
  readonly confirmations: number | null;
  readonly confirmationsWanted: number | null;
  /** No server takes it for its fee, as was last heard. */
  readonly isFeeTooLow: boolean;
  /** Of a Lightning payment under way, or that another wallet may make: for how long the LSP can hold it at most. */
  readonly heldBlocks: number | null;
  readonly channelId: string | null;
  /** The LSP names a channel for it that the fee of a payment has paid for already, or that did not begin with our balance. */
  readonly namedChannel: 'paid-for' | 'without-balance' | null;
  /** The transaction that brought the money back; the largest where there are several. */
  readonly refundTxId: string | null;
  /** What of `totalSat` came back, in all: less a network fee, as the LSP has it. */
  readonly refundedSat: bigint | null;
  /** Lightning: shows that the LSP was paid. */
  readonly preimage: string | null;
  /** Unix seconds until which the LSP keeps the channel open; null: it has not said so. */
  readonly keptUntil: number | null;
};

/** Room to receive, bought ahead of LSPs of the settings. */
export type OrderApi = {
  /** Asks all LSPs. Refused when there is none, or none has an offer. */
  quote(roomSat: bigint): Answer<RoomOffers>;
  /**
   * Pays, or leaves it to another wallet, under exactly the terms of the quote: asks the LSP for them again first. `maxFeeSat`: of the LSP; refused when it
   * is above, and without it when it is dear. The limit of the settings holds in any case. `maxCostSat`: of the payment
   * itself, on its way. A payment that servers refused and that is kept is followed.
   */
  buy(request: {
    readonly quoteId: string;
    readonly way: RoomWay;
    readonly maxFeeSat?: bigint;
    readonly maxCostSat?: bigint;
    readonly onchainFee?: FeeChoice;
  }): Answer<{ readonly id: string }>;
  /** Newest first. */
  list(): Promise<readonly OrderDetails[]>;
  /** Takes one that is over off the list. */
  forget(id: string): Answer<void>;
};
