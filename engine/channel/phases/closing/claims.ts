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

/**
 * The outputs that are ours to claim after the funding output was spent so.
 * BOLT 5 §General Nomenclature: "MUST *resolve* all outputs, as specified below."
 */
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

/**
 * BOLT 5 §Unilateral Close Handling: Local Commitment Transaction: "SHOULD spend the `to_local` output to a convenient
 * address."; "MUST handle HTLCs offered by itself as specified in"; "MUST handle HTLCs offered by the remote node as
 * specified in"
 */
function localClaims(closing: Closing, commitment: Commitment): Claim[] {
  const claims: Claim[] = [];
  const main = localDelayedClaim(commitment);
  if (main !== null) claims.push(main);
  const [{ remoteHtlcSignatures }] = closing.active;
  for (const [i, output] of commitment.htlcs.entries()) {
    const signature = remoteHtlcSignatures[i];
    const preimage = preimageOf(closing, output);
    if (signature === undefined || (output.kind === 'received' && preimage === null)) continue;
    // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "MUST *resolve* the output by spending it using the
    // HTLC-timeout transaction."
    // BOLT 5 §HTLC Output Handling: Local Commitment, Remote Offers: "MUST *resolve* the output by spending it, using the
    // HTLC-success transaction."
    const first = htlcTransactionClaim(commitment, output, signature, preimage);
    claims.push(first);
    const second = secondClaim(closing, commitment, output, first);
    if (second !== null) claims.push(second);
  }
  return claims;
}

/**
 * The output of our own HTLC transaction, once that is known; null also when the peer took the HTLC.
 * BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "MUST resolve the output of that HTLC-timeout
 * transaction."; "SHOULD resolve the HTLC-timeout transaction by spending it to a convenient address."
 * BOLT 5 §HTLC Output Handling: Local Commitment, Remote Offers: "MUST resolve the output of that HTLC-success
 * transaction."; "SHOULD resolve that HTLC-success transaction output by spending it to a convenient address."
 */
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

/**
 * BOLT 5 §Unilateral Close Handling: Remote Commitment Transaction: "MUST handle each output as specified below."; "MUST
 * handle HTLCs offered by itself as specified in"; "MUST handle HTLCs offered by the remote node as specified in"
 * What pays our balance is taken as well: its script is no address of the wallet.
 */
function remoteClaims(closing: Closing, spend: FundingSpend, commitment: Commitment): Claim[] {
  const claims: Claim[] = [];
  const main = remoteMainClaim(commitment.params, spend.tx);
  if (main !== null) claims.push(main);
  for (const output of commitment.htlcs) {
    const preimage = preimageOf(closing, output);
    // BOLT 5 §HTLC Output Handling: Remote Commitment, Local Offers: "if the commitment transaction HTLC output has *timed
    // out* AND NOT been *resolved*: MUST *resolve* the output, by spending it to a convenient address."
    // BOLT 5 §HTLC Output Handling: Remote Commitment, Remote Offers: "MUST *resolve* the output by spending it to a
    // convenient address."
    if (output.kind === 'received' || preimage !== null)
      claims.push(remoteHtlcClaim(commitment, output, preimage));
  }
  return claims;
}

/**
 * For an HTLC that the peer offered and that we are to fulfil; null for all others: who is asked to fulfil it is told so
 * only once both sides are committed, and gives the preimage of what it asked to be paid itself.
 * BOLT 5 §HTLC Output Handling: Local Commitment, Remote Offers: "MUST NOT reveal its own preimage when it's not the final
 * recipient."; "if the *remote node* is NOT irrevocably committed to the HTLC: MUST NOT *resolve* the output by spending
 * it."
 * BOLT 5 §HTLC Output Handling: Remote Commitment, Remote Offers: "if the remote node is NOT irrevocably committed to the
 * HTLC: MUST NOT *resolve* the output by spending it."
 */
function preimageOf({ ledger }: Closing, { htlc }: HtlcOutput): Uint8Array | null {
  if (htlc.direction !== 'incoming') return null;
  const removal = ledger.incoming.get(htlc.id)?.removal;
  return removal?.tag === 'fulfill' ? removal.preimage : null;
}
