import type { FeeTargets } from '../chain/fee-estimates.ts';
import type { Answer } from './api.ts';

export type AddressDetails = { readonly address: string; readonly index: number };
export type FeeChoice = 'fast' | 'normal' | 'slow' | { readonly satPerVb: number };
/** Blocks within which each should be in one. A type, so that who says how long it takes and who asks for it agree, or do not compile. */
export type FeeBlocks = {
  readonly fast: FeeTargets['urgent'];
  readonly normal: FeeTargets['normal'];
  readonly slow: FeeTargets['background'];
};
export type OnchainQuote = {
  readonly amountSat: bigint;
  readonly feeSat: bigint;
  readonly totalSat: bigint;
  readonly feerateSatPerVb: number;
  readonly changeSat: bigint;
};
export type BumpQuote = {
  /** `replacement`: takes its place, under another id. `child`: one more that pays for both. */
  readonly kind: 'replacement' | 'child';
  /** Of the new transaction. */
  readonly feeSat: bigint;
  /** More than is paid now. */
  readonly extraSat: bigint;
  /** What others get from a replacement: less than before when it sends all. Null for a child. */
  readonly amountSat: bigint | null;
  readonly feerateSatPerVb: number;
};
/** The address stands beside an invoice: it is `may-be-paid` where that was paid, or the address before. */
export type BesideInvoice = {
  readonly invoice?: string;
  /** The person says that it was not paid, neither way. */
  readonly isUnpaid?: boolean;
};
export type OnchainSent = { readonly txId: string; readonly feeSat: bigint };

export type OnchainApi = {
  /** `label`: the user's own, of `LongestLabel`; what is paid to the address has it from the beginning. Never sent. */
  newAddress(label?: string): Answer<AddressDetails>;
  /** The same for an address that was given out already. */
  labelAddress(address: string, label: string): Answer<void>;
  quoteOnchain(address: string, amountSat: bigint | 'all', fee: FeeChoice): Answer<OnchainQuote>;
  /** `maxFeeSat`: refused when the fee would be above what the user agreed to. `label`: as of `setLabel`. */
  sendToAddress(
    address: string,
    amountSat: bigint,
    fee: FeeChoice,
    maxFeeSat?: bigint,
    label?: string,
    beside?: BesideInvoice,
  ): Answer<OnchainSent>;
  sendAllToAddress(
    address: string,
    fee: FeeChoice,
    maxFeeSat?: bigint,
    label?: string,
    beside?: BesideInvoice,
  ): Answer<OnchainSent>;
  /** What `bumpFee` would cost now; nothing is sent. */
  quoteBumpFee(txId: string, fee: FeeChoice): Answer<BumpQuote>;
  bumpFee(txId: string, fee: FeeChoice, maxFeeSat?: bigint): Answer<OnchainSent>;
  /** What `cancelSend` would cost now; nothing is sent. */
  quoteCancelSend(txId: string, fee: FeeChoice): Answer<BumpQuote>;
  /**
   * A send that is in no block gives way to one that pays all of it back to us, but the fee, which is above that of the send.
   * Either may be taken into a block until one is.
   */
  cancelSend(txId: string, fee: FeeChoice, maxFeeSat?: bigint): Answer<OnchainSent>;
};
