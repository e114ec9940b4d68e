import { assert } from '../base/assert.ts';
import { txIdToBytes } from '../base/ids.ts';
import { subSat, type Sat } from '../base/units.ts';
import { outputsBytes } from '../bitcoin/sighash.ts';
import { SIGHASH_ANYONECANPAY } from '../bitcoin/sighash-type.ts';
import type { Tx, TxOutput } from '../bitcoin/tx.ts';
import { sha256d } from '../crypto/hash.ts';
import type { Commitment, HtlcOutput } from './commitment.ts';
import type { LockedOutput } from './format.ts';
import { formatOf } from './formats.ts';

/** What the HTLC transactions of a commitment pay to. */
export const secondStageOutput = ({ params, owner, keys }: Commitment): LockedOutput =>
  formatOf(params.format).delayedOutput(keys, params[owner].delay);

const amountOf = (commitment: Commitment, output: HtlcOutput): Sat =>
  subSat(output.amount, formatOf(commitment.params.format).htlcFee(commitment.feerate, output.kind));

/** BOLT 3: "locktime: 0 for HTLC-success, cltv_expiry for HTLC-timeout" */
export const htlcLockTime = (output: HtlcOutput): number =>
  output.kind === 'offered' ? output.htlc.cltvExpiry : 0;

/** The output that both signatures of the HTLC transaction agree on. */
export const htlcTxOutput = (commitment: Commitment, output: HtlcOutput): TxOutput => ({
  amount: amountOf(commitment, output),
  script: secondStageOutput(commitment).script,
});

/** BOLT 3 §HTLC-Timeout and HTLC-Success Transactions, unsigned. */
export const htlcTransaction = (commitment: Commitment, output: HtlcOutput): Tx => ({
  version: formatOf(commitment.params.format).version,
  inputs: [
    {
      outPoint: { txId: commitment.txId, index: output.index },
      sequence: formatOf(commitment.params.format).htlcSequence,
      scriptSig: new Uint8Array(),
      witness: [],
    },
  ],
  outputs: [htlcTxOutput(commitment, output)],
  lockTime: htlcLockTime(output),
});

/** The fixed part of a BIP 143 preimage with a script of up to 252 bytes: all but the script. */
const FIXED = 4 + 32 + 32 + 36 + 1 + 8 + 4 + 32 + 4 + 4;

/**
 * What the other side signs for the owner's HTLC transactions, in the order of the outputs. The same as
 * `segwitSighashes` of each `htlcTransaction`, written into one buffer: commitments have up to 966 of them.
 */
export function htlcSighashes(commitment: Commitment): Uint8Array[] {
  if (commitment.htlcs.length === 0) return [];
  const format = formatOf(commitment.params.format);
  const { script } = secondStageOutput(commitment);
  const commitmentId = txIdToBytes(commitment.txId);
  const alone = (format.htlcSighash & SIGHASH_ANYONECANPAY) !== 0;
  const sequence = new Uint8Array(4);
  sequence[0] = format.htlcSequence;
  const hashSequence = alone ? new Uint8Array(32) : sha256d(sequence);
  const outPoint = new Uint8Array(36);
  outPoint.set(commitmentId);
  const outPointView = new DataView(outPoint.buffer);
  const paid = outputsBytes([{ amount: 0n as Sat, script }]);
  const paidView = new DataView(paid.buffer, paid.byteOffset);
  const buffer = new Uint8Array(FIXED + 252);
  const view = new DataView(buffer.buffer);
  view.setUint32(0, format.version, true);

  return commitment.htlcs.map((output) => {
    assert(output.lock.tag === 'p2wsh' && output.lock.witnessScript.length <= 252, 'HTLC lock');
    const { witnessScript } = output.lock;
    outPointView.setUint32(32, output.index, true);
    paidView.setBigUint64(0, amountOf(commitment, output), true);
    if (!alone) buffer.set(sha256d(outPoint), 4);
    buffer.set(hashSequence, 36);
    buffer.set(outPoint, 68);
    buffer[104] = witnessScript.length;
    buffer.set(witnessScript, 105);
    const at = 105 + witnessScript.length;
    view.setBigUint64(at, output.amount, true);
    view.setUint32(at + 8, format.htlcSequence, true);
    buffer.set(sha256d(paid), at + 12);
    view.setUint32(at + 44, htlcLockTime(output), true);
    view.setUint32(at + 48, format.htlcSighash, true);
    return sha256d(buffer.subarray(0, at + 52));
  });
}
