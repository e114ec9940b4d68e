import { assert } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { Claim } from './claim.ts';
import type { Commitment, HtlcOutput } from './commitment.ts';
import type { LockedOutput } from './format.ts';
import { formatOf } from './formats.ts';
import type { CommitmentParams } from './params.ts';

function assertTheirs(commitment: Commitment): void {
  assert(commitment.owner === 'remote', 'not the peer’s commitment');
}

/**
 * Our to_remote in any commitment of the peer, also one that we know nothing of (we lost data): with
 * option_static_remotekey its script is always the same. Null when `tx` has no such output.
 */
export function remoteMainClaim(params: CommitmentParams, tx: Tx): Claim | null {
  const format = formatOf(params.format);
  const locked: LockedOutput = format.otherOutput({ otherPayment: params.local.basepoints.payment });
  const index = tx.outputs.findIndex(({ script }) => equalBytes(script, locked.script));
  const output = tx.outputs[index];
  if (output === undefined) return null;
  return {
    kind: 'remote-main',
    outPoint: { txId: txIdOf(tx), index },
    amount: output.amount,
    ...locked,
    version: tx.version,
    sequence: format.otherOutputSequence,
    lockTime: 0,
    key: { tag: 'payment' },
    before: [],
    after: [],
  };
}

/**
 * An HTLC output of the peer's commitment: with the preimage when the peer offered it, else after its expiry when we
 * did.
 */
export function remoteHtlcClaim(
  commitment: Commitment,
  output: HtlcOutput,
  preimage: Uint8Array | null,
): Claim {
  assertTheirs(commitment);
  assert((output.kind === 'offered') === (preimage !== null), 'a preimage for what the peer offered alone');
  return {
    kind: preimage === null ? 'claim-htlc-timeout' : 'claim-htlc-success',
    outPoint: { txId: commitment.txId, index: output.index },
    amount: output.amount,
    script: output.script,
    lock: output.lock,
    version: commitment.tx.version,
    // BOLT 3 §Offered HTLC Outputs: "if option_anchors applies, the nSequence field of the spending input must be 1"
    sequence: formatOf(commitment.params.format).htlcSequence,
    lockTime: preimage === null ? output.htlc.cltvExpiry : 0,
    key: { tag: 'htlc', perCommitmentPoint: commitment.keys.perCommitmentPoint },
    before: [],
    // BOLT 3: offered: "<remotehtlcsig> <payment_preimage>"; received: "<remotehtlcsig> <>"
    after: [preimage ?? new Uint8Array()],
    htlc: { direction: output.htlc.direction, id: output.htlc.id },
  };
}
