import { blockHeight, type BlockHeight } from '../../../base/units.ts';
import type { Confirmation } from '../../../bitcoin/watch.ts';
import type { Claim } from '../../../commitment/claim.ts';
import type { Closing } from '../../state.ts';

/**
 * From which height the peer can take the output as well.
 * @param made where the transaction stands that made it.
 */
export function deadlineOf(
  { params, ledger }: Closing,
  { kind, htlc }: Claim,
  made: Confirmation | null,
): BlockHeight | null {
  switch (kind) {
    case 'htlc-success':
    case 'claim-htlc-success': {
      // BOLT 5: once it has timed out, the peer who offered it can take it back.
      const offered = htlc && ledger.incoming.get(htlc.id);
      return offered?.add.cltvExpiry ?? null;
    }
    case 'main-penalty':
    case 'htlc-delayed-penalty':
    // The peer may take it sooner by its HTLC transaction: then that one's output waits as long again.
    case 'htlc-penalty':
      // BOLT 5 §Revoked Transaction Close Handling: the peer's own way to the output opens after its delay.
      return made === null ? null : blockHeight(made.height + params.local.toSelfDelay);
    case 'local-delayed':
    case 'remote-main':
    case 'htlc-delayed':
    case 'anchor':
    // Whoever takes it with the preimage proves the payment: it was to be paid. This node forwards for nobody who would
    // have to be told in time.
    case 'htlc-timeout':
    case 'claim-htlc-timeout':
      return null;
  }
}

/** The peer may be able to spend it before us: by a preimage, or by an HTLC transaction of its own. */
export const isContested = ({ kind }: Claim): boolean =>
  kind === 'htlc-timeout' || kind === 'claim-htlc-timeout' || kind === 'htlc-penalty';
