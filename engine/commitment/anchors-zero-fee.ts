import { feeOf, sat } from '../base/units.ts';
import { SIGHASH_SINGLE_ANYONECANPAY } from '../bitcoin/sighash-type.ts';
import { commitmentWeight } from './expected-weights.ts';
import type { AnchorOutput, CommitmentFormat } from './format.ts';
import { anchorScript, delayedByOneScript, delayedScript, htlcScripts, wshOutput } from './scripts.ts';

/** BOLT 3: "The amount of the output is fixed at 330 sats, the default dust limit for P2WSH." */
export const ANCHOR_AMOUNT = sat(330);

/** BOLT 3 with option_anchors: HTLC transactions pay no fee, and anchors let either side pay later. */
export const anchorsZeroFee: CommitmentFormat = {
  id: 'anchors-zero-fee',
  version: 2,
  // BOLT 3 §Commitment Transaction Construction: "also subtract two times the fixed anchor size of 330 sats from the
  // funder"
  anchorCost: sat(660),
  // BOLT 5 §Generation of HTLC Transactions: "SIGHASH_SINGLE|SIGHASH_ANYONECANPAY MUST be used on the HTLC signatures
  // received from the peer"
  htlcSighash: SIGHASH_SINGLE_ANYONECANPAY,
  htlcSequence: 1,
  otherOutputSequence: 1,
  commitmentFee: (feerate, htlcOutputs) => feeOf(feerate, commitmentWeight('anchors', htlcOutputs)),
  // BOLT 3 §Fee Calculation: "If option_anchors applies: MUST be 0."
  htlcFee: () => sat(0),
  delayedOutput: (keys, delay) => wshOutput(delayedScript(keys.revocation, delay, keys.ownerDelayed)),
  otherOutput: ({ otherPayment }) => wshOutput(delayedByOneScript(otherPayment)),
  htlcOutput: (keys) => {
    const scriptOf = htlcScripts(keys, true);
    return (htlc) => wshOutput(scriptOf(htlc));
  },
  // BOLT 3 §Commitment Transaction Construction: "if to_local exists or there are untrimmed HTLCs, add a
  // to_local_anchor output; if to_remote exists or there are untrimmed HTLCs, add a to_remote_anchor output"
  anchors: (terms) => {
    const anchors: AnchorOutput[] = [];
    if (terms.hasOwnerOutput || terms.hasHtlcs)
      anchors.push({
        whose: 'owner',
        amount: ANCHOR_AMOUNT,
        ...wshOutput(anchorScript(terms.ownerFundingKey)),
      });
    if (terms.hasOtherOutput || terms.hasHtlcs)
      anchors.push({
        whose: 'other',
        amount: ANCHOR_AMOUNT,
        ...wshOutput(anchorScript(terms.otherFundingKey)),
      });
    return anchors;
  },
};
