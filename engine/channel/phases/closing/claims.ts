import { unreachable } from '../../../base/assert.ts';
import { equalBytes } from '../../../base/bytes.ts';
import { outPointKey } from '../../../base/ids.ts';
import { txIdOf } from '../../../bitcoin/tx.ts';
import type { Claim } from '../../../commitment/claim.ts';
import type { Commitment, HtlcOutput } from '../../../commitment/commitment.ts';
import { secondStageOutput } from '../../../commitment/htlc-tx.ts';
import {
  htlcDelayedClaim,
  htlcTransactionClaim,
  localDelayedClaim,
} from '../../../commitment/local-claims.ts';
import { remoteHtlcClaim, remoteMainClaim } from '../../../commitment/remote-claims.ts';
import { localCommitment, remoteCommitment, unackedCommitment } from '../../commitments.ts';
import type { Env } from '../../env.ts';
import type { Closing, FundingSpend } from '../../state.ts';
import { penaltiesOf, revokedBy } from './revoked.ts';
import { unknownClaims } from './unknown.ts';

/** The outputs that are ours to claim after the funding output was spent so. */
export function claimsOf(closing: Closing, spend: FundingSpend, env: Env): Claim[] {
  const { params, ledger } = closing;
  const [active] = closing.active;
  switch (spend.kind) {
    case 'mutual':
      return [];
    case 'local':
      return localClaims(closing, localCommitment(params, ledger, active, env));
    case 'remote':
      return remoteClaims(closing, spend, remoteCommitment(params, ledger, active));
    case 'remote-next':
      return remoteClaims(closing, spend, unackedCommitment(params, ledger, active));
    case 'revoked': {
      const revoked = revokedBy(closing, spend.tx);
      return revoked === null ? unknownClaims(closing, spend, env) : penaltiesOf(closing, revoked, spend.tx);
    }
    case 'unknown':
      return unknownClaims(closing, spend, env);
    default:
      return unreachable(spend.kind);
  }
}

function localClaims(closing: Closing, commitment: Commitment): Claim[] {
  const claims: Claim[] = [];
  const main = localDelayedClaim(commitment);
  if (main !== null) claims.push(main);
  const [{ remoteHtlcSignatures }] = closing.active;
  for (const [i, output] of commitment.htlcs.entries()) {
    const signature = remoteHtlcSignatures[i];
    const preimage = preimageOf(closing, output);
    if (signature === undefined || (output.kind === 'received' && preimage === null)) continue;
    const first = htlcTransactionClaim(commitment, output, signature, preimage);
    claims.push(first);
    const second = secondClaim(closing, commitment, output, first);
    if (second !== null) claims.push(second);
  }
  return claims;
}

/** The output of our own HTLC transaction, once that is known; null also when the peer took the HTLC. */
function secondClaim(
  closing: Closing,
  commitment: Commitment,
  output: HtlcOutput,
  first: Claim,
): Claim | null {
  const spent = closing.resolved.get(outPointKey(first.outPoint));
  if (spent === undefined) return null;
  const { tx } = spent;
  // BOLT 3: the peer's signature of an HTLC transaction ties the output to the index of the input.
  const index = tx.inputs.findIndex(({ outPoint }) => outPointKey(outPoint) === outPointKey(first.outPoint));
  const paid = tx.outputs[index];
  if (paid === undefined || !equalBytes(paid.script, secondStageOutput(commitment).script)) return null;
  return htlcDelayedClaim(commitment, output, txIdOf(tx), index);
}

function remoteClaims(closing: Closing, spend: FundingSpend, commitment: Commitment): Claim[] {
  const claims: Claim[] = [];
  const main = remoteMainClaim(commitment.params, spend.tx);
  if (main !== null) claims.push(main);
  for (const output of commitment.htlcs) {
    const preimage = preimageOf(closing, output);
    if (output.kind === 'received' || preimage !== null)
      claims.push(remoteHtlcClaim(commitment, output, preimage));
  }
  return claims;
}

/** For an HTLC that the peer offered and that we are to fulfil; null for all others. */
function preimageOf({ ledger }: Closing, { htlc }: HtlcOutput): Uint8Array | null {
  if (htlc.direction !== 'incoming') return null;
  const removal = ledger.incoming.get(htlc.id)?.removal;
  return removal?.tag === 'fulfill' ? removal.preimage : null;
}
