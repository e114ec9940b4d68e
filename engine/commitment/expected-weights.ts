import { weight, type FeeratePerKw, type Sat, type Weight } from '../base/units.ts';
import { feeAtLeast } from '../bitcoin/fee.ts';

// What is reckoned with before a transaction is there to be weighed.

/**
 * BOLT 3 §Fee Calculation: "Start with weight = 724 (1124 if option_anchors applies). For each committed HTLC, if that
 * output is not trimmed…, add 172 to weight."
 */
export const commitmentWeight = (base: keyof typeof HTLC_TX_WEIGHT, htlcOutputs: number): Weight =>
  weight((base === 'anchors' ? 1_124 : 724) + 172 * htlcOutputs);

/** §Expected Weight of HTLC-Timeout and HTLC-Success. `offered` by whose commitment it is: HTLC-timeout. */
export const HTLC_TX_WEIGHT = {
  static_remotekey: { offered: 663, received: 703 },
  anchors: { offered: 666, received: 706 },
} as const;

/** A coin of the wallet, P2WPKH, as BOLT 3 counts, and what comes back to it. */
export const WALLET_INPUT_WEIGHT = 272;
export const WALLET_OUTPUT_WEIGHT = 124;
/** What lifts a commitment: its anchor and two coins of the wallet, with one output. */
export const LIFT_WEIGHT = 1_000;

/**
 * Satoshis: the least that this child pays so that it and its parent, together, reach `rate`. Below zero where the parent
 * pays for both with something to spare.
 */
export const liftFee = (rate: FeeratePerKw, parent: { readonly weight: Weight; readonly fee: Sat }): bigint =>
  feeAtLeast(rate, weight(parent.weight + LIFT_WEIGHT)) - parent.fee;
