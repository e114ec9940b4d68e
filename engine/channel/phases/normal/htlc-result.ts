import { unreachable } from '../../../base/assert.ts';
import type { HtlcResult } from '../../htlc.ts';
import type { Removal } from '../../ledger.ts';

/** What the payer is told. */
export function resultOf(removal: Removal): HtlcResult {
  switch (removal.tag) {
    case 'fulfill':
      return { tag: 'fulfilled', preimage: removal.preimage };
    case 'fail':
      return { tag: 'failed', reason: removal.reason };
    case 'malformed':
      return { tag: 'malformed', failureCode: removal.failureCode, onionHash: removal.onionHash };
    default:
      return unreachable(removal);
  }
}
