import { assert } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import type { Point, TxId } from '../base/ids.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { formatOf } from './formats.ts';
import { witnessSignature } from '../bitcoin/signature.ts';
import { NO_RELATIVE_LOCK, type Claim } from './claim.ts';
import type { Commitment, HtlcOutput, MainOutput } from './commitment.ts';
import { commitmentKeys } from './keys.ts';
import type { CommitmentParams } from './params.ts';
import { htlcLockTime, htlcTxOutput, secondStageOutput } from './htlc-tx.ts';

function assertOurs(commitment: Commitment): void {
  assert(commitment.owner === 'local', 'not our commitment');
}

/** to_local, spendable our delay after the commitment confirmed; null when it has no such output. */
export function localDelayedClaim(commitment: Commitment): Claim | null {
  assertOurs(commitment);
  const output = commitment.outputs.find(({ role }) => role === 'owner');
  if (output === undefined) return null;
  return {
    kind: 'local-delayed',
    outPoint: { txId: commitment.txId, index: output.index },
    amount: output.amount,
    script: output.script,
    lock: output.lock,
    ...delayed(commitment),
  };
}

// BOLT 3 §to_local Output: "spent by an input with nSequence field set to to_self_delay … and witness:
// <local_delayedsig> <>"
const delayed = ({
  params,
  tx,
  keys,
}: Pick<Commitment, 'params' | 'tx' | 'keys'>): Pick<
  Claim,
  'version' | 'sequence' | 'lockTime' | 'key' | 'before' | 'after'
> => ({
  version: tx.version,
  sequence: params.local.delay,
  lockTime: 0,
  key: { tag: 'delayed', perCommitmentPoint: keys.perCommitmentPoint },
  before: [],
  after: [new Uint8Array()],
});

/**
 * Every output of `tx` that is ours after our delay, in a commitment of ours of which nothing is known but its point (we
 * lost data), or in a transaction that spends its HTLCs.
 */
export function delayedOutputClaims(
  params: CommitmentParams,
  perCommitmentPoint: Point,
  tx: Tx,
  kind: 'local-delayed' | 'htlc-delayed',
): Claim[] {
  const keys = commitmentKeys(params, 'local', perCommitmentPoint);
  const locked = formatOf(params.format).delayedOutput(keys, params.local.delay);
  const txId = txIdOf(tx);
  return tx.outputs.flatMap(({ amount, script }, index): Claim[] =>
    equalBytes(script, locked.script)
      ? [{ kind, outPoint: { txId, index }, amount, ...locked, ...delayed({ params, tx, keys }) }]
      : [],
  );
}

/**
 * HTLC-success of an HTLC that we received, or HTLC-timeout of one that we offered, as the input of `htlcTransaction`.
 * @param remoteSignature the peer's htlc_signature for this output.
 * @param preimage for a received HTLC; null for an offered one.
 */
export function htlcTransactionClaim(
  commitment: Commitment,
  output: HtlcOutput,
  remoteSignature: Uint8Array,
  preimage: Uint8Array | null,
): Claim {
  assertOurs(commitment);
  assert((output.kind === 'received') === (preimage !== null), 'a preimage for a received HTLC alone');
  const { htlcSighash, htlcSequence } = formatOf(commitment.params.format);
  return {
    kind: preimage === null ? 'htlc-timeout' : 'htlc-success',
    outPoint: { txId: commitment.txId, index: output.index },
    amount: output.amount,
    script: output.script,
    lock: output.lock,
    version: commitment.tx.version,
    sequence: htlcSequence,
    lockTime: htlcLockTime(output),
    key: { tag: 'htlc', perCommitmentPoint: commitment.keys.perCommitmentPoint },
    // BOLT 3: "0 <remotehtlcsig> <localhtlcsig> <payment_preimage> for HTLC-success, 0 <remotehtlcsig> <localhtlcsig>
    // <> for HTLC-timeout"
    before: [new Uint8Array(), witnessSignature(remoteSignature, htlcSighash)],
    after: [preimage ?? new Uint8Array()],
    htlc: { direction: output.htlc.direction, id: output.htlc.id },
    pairedOutput: htlcTxOutput(commitment, output),
  };
}

/**
 * The output of our HTLC transaction, spendable our delay after that confirmed.
 * @param htlcTxId and the index of the output, which is that of the input that spent the HTLC.
 */
export function htlcDelayedClaim(
  commitment: Commitment,
  output: HtlcOutput,
  htlcTxId: TxId,
  index: number,
): Claim {
  assertOurs(commitment);
  return {
    kind: 'htlc-delayed',
    outPoint: { txId: htlcTxId, index },
    ...htlcTxOutput(commitment, output),
    lock: secondStageOutput(commitment).lock,
    ...delayed(commitment),
    htlc: { direction: output.htlc.direction, id: output.htlc.id },
  };
}

/** Our anchor in a commitment of either side: to pay for it with a child; null when it has none. */
export function anchorClaim(commitment: Commitment): Claim | null {
  const wanted: MainOutput['role'] = commitment.owner === 'local' ? 'owner-anchor' : 'other-anchor';
  const output = commitment.outputs.find(({ role }) => role === wanted);
  if (output === undefined) return null;
  return {
    kind: 'anchor',
    outPoint: { txId: commitment.txId, index: output.index },
    amount: output.amount,
    script: output.script,
    lock: output.lock,
    version: commitment.tx.version,
    sequence: NO_RELATIVE_LOCK,
    lockTime: 0,
    key: { tag: 'funding', keyIndex: commitment.params.funding.keyIndex },
    before: [],
    after: [],
  };
}
