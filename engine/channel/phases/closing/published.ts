import type { Commitment } from '../../../commitment/commitment.ts';
import { localCommitment, remoteCommitment, unackedCommitment } from '../../commitments.ts';
import type { Env } from '../../env.ts';
import type { Closing } from '../../state.ts';

/** The commitment that spent the funding output, when it is one that we can make. */
export function publishedCommitment(
  { params, ledger, active: [latest], spend }: Closing,
  env: Env,
): Commitment | null {
  switch (spend?.kind) {
    case 'local':
      return localCommitment(params, ledger, latest, env);
    case 'remote':
      return remoteCommitment(params, ledger, latest);
    case 'remote-next':
      return unackedCommitment(params, ledger, latest);
    default:
      return null;
  }
}
