import { feeOf, sat, weight } from '../base/units.ts';
import { p2wpkh } from '../bitcoin/script.ts';
import { SIGHASH_ALL } from '../bitcoin/sighash-type.ts';
import { commitmentWeight, HTLC_TX_WEIGHT } from './expected-weights.ts';
import type { CommitmentFormat } from './format.ts';
import { delayedScript, htlcScripts, wshOutput } from './scripts.ts';

/** BOLT 3 with option_static_remotekey and without option_anchors. */
export const staticRemotekey: CommitmentFormat = {
  id: 'static-remotekey',
  version: 2,
  anchorCost: sat(0),
  htlcSighash: SIGHASH_ALL,
  // BOLT 3 §HTLC-Timeout and HTLC-Success Transactions: "txin[0] sequence: 0 (set to 1 for option_anchors)"
  htlcSequence: 0,
  // No relative lock: replaceable, and lock times count.
  otherOutputSequence: 0xffff_fffd,
  commitmentFee: (feerate, htlcOutputs) => feeOf(feerate, commitmentWeight('static_remotekey', htlcOutputs)),
  // BOLT 3 §Fee Calculation: HTLC-timeout: "Multiply feerate_per_kw by 663 and divide by 1000 (rounding down)";
  // HTLC-success: 703
  htlcFee: (feerate, kind) => feeOf(feerate, weight(HTLC_TX_WEIGHT.static_remotekey[kind])),
  delayedOutput: (keys, delay) => wshOutput(delayedScript(keys.revocation, delay, keys.ownerDelayed)),
  // BOLT 3 §to_remote Output: "Otherwise, this output is a simple P2WPKH to remotepubkey."
  otherOutput: ({ otherPayment }) => ({
    script: p2wpkh(otherPayment),
    lock: { tag: 'p2wpkh', publicKey: otherPayment },
  }),
  htlcOutput: (keys) => {
    const scriptOf = htlcScripts(keys, false);
    return (htlc) => wshOutput(scriptOf(htlc));
  },
  anchors: () => [],
};
