import type { CommitmentKeys } from '../commitment/keys.ts';
import type { ChannelSigner } from '../commitment/signer.ts';
import type { Ledger } from './ledger.ts';
import type { ChannelParams } from './params.ts';

type WithParams = { readonly params: ChannelParams; readonly ledger: Ledger };

/**
 * Derives the keys of the commitments that come next and has them remembered: a third of the work of a payment, for
 * moments in which nobody waits for an answer. Changes nothing that can be seen.
 */
export function prepareNextKeys({ params, ledger }: WithParams, signer: ChannelSigner): void {
  const perCommitmentPoint = ledger.remoteNextPoint;
  if (perCommitmentPoint !== null)
    htlcKeys(signer.prepareKeys(params, { owner: 'remote', perCommitmentPoint }));
  const number = ledger.localNumber + 1;
  htlcKeys(signer.prepareKeys(params, { owner: 'local', number }));
  // A payment needs two: one with its HTLC and one without.
  signer.prepareKeys(params, { owner: 'local', number: number + 1 });
}

/** Derived when they are first asked for. */
const htlcKeys = ({ ownerHtlc, otherHtlc }: CommitmentKeys): readonly Uint8Array[] => [ownerHtlc, otherHtlc];
