import type { Network } from '../base/network.ts';

/** Why the wallet cannot do what was asked: a subset of the Node API's refusals, so that they pass through as they are. */
export type WalletRefusal =
  | { readonly code: 'words-count'; readonly count: number }
  /** `position` counts from 1. */
  | { readonly code: 'words-unknown'; readonly position: number; readonly word: string }
  | { readonly code: 'words-checksum' }
  | { readonly code: 'wrong-network'; readonly found: string; readonly expected: Network }
  | { readonly code: 'bad-checksum' }
  | { readonly code: 'invalid-address'; readonly detail: string }
  | { readonly code: 'invalid-amount'; readonly detail: string }
  | { readonly code: 'invalid-argument'; readonly field: string; readonly detail: string }
  /** `missingSat` after `feeSat`, which is the fee of a transaction with all spendable coins. */
  | { readonly code: 'insufficient-funds'; readonly missingSat: bigint; readonly feeSat: bigint }
  | { readonly code: 'only-unconfirmed-funds'; readonly pendingSat: bigint }
  | { readonly code: 'below-dust'; readonly minimumSat: bigint }
  | { readonly code: 'fee-too-low'; readonly minimumSatPerVb: number }
  | { readonly code: 'fee-too-high'; readonly maximumSatPerVb: number }
  | { readonly code: 'fee-above-limit'; readonly feeMsat: bigint; readonly limitMsat: bigint }
  | { readonly code: 'not-replaceable'; readonly reason: string }
  | { readonly code: 'unknown-transaction' };
