import { assert } from '../base/assert.ts';
import { verifyEcdsa } from '../crypto/secp256k1.ts';
import type { Commitment } from './commitment.ts';
import { verifyFundingSignature } from './funding.ts';
import { htlcSighashes } from './htlc-tx.ts';

/** The signatures of a commitment_signed: 64 bytes each; one for each HTLC output, in the order of the outputs. */
export type CommitmentSignatures = {
  readonly signature: Uint8Array;
  readonly htlcSignatures: readonly Uint8Array[];
};

export type SignatureFault =
  | { readonly code: 'commitment-signature' }
  | { readonly code: 'htlc-signature-count'; readonly expected: number; readonly received: number }
  /** `index` counts HTLC outputs, not outputs. */
  | { readonly code: 'htlc-signature'; readonly index: number };

/** What is wrong with the peer's signatures of our commitment; null when nothing is. */
export function verifyRemoteSignatures(
  commitment: Commitment,
  signatures: CommitmentSignatures,
): SignatureFault | null {
  assert(commitment.owner === 'local', 'the peer signs our commitment, we sign the peer’s');
  const { signature, htlcSignatures } = signatures;
  const expected = commitment.htlcs.length;
  if (htlcSignatures.length !== expected)
    return { code: 'htlc-signature-count', expected, received: htlcSignatures.length };
  if (!verifyFundingSignature(commitment.tx, 0, commitment.params.funding, signature))
    return { code: 'commitment-signature' };
  for (const [index, hash] of htlcSighashes(commitment).entries()) {
    const htlcSignature = htlcSignatures[index];
    if (htlcSignature === undefined || !verifyEcdsa(htlcSignature, hash, commitment.keys.otherHtlc))
      return { code: 'htlc-signature', index };
  }
  return null;
}
