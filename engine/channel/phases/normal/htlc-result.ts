import { unreachable } from '../../../base/assert.ts';
import type { HtlcResult } from '../../htlc.ts';
import type { Removal } from '../../ledger.ts';

/** Where there is any. */
export const attribution = ({
  attributionData,
}: {
  readonly attributionData?: Uint8Array;
}): { readonly attributionData?: Uint8Array } => (attributionData === undefined ? {} : { attributionData });

/** What the payer is told. */
export function resultOf(removal: Removal): HtlcResult {
  switch (removal.tag) {
    case 'fulfill':
      return { tag: 'fulfilled', preimage: removal.preimage, ...attribution(removal) };
    case 'fail':
      return { tag: 'failed', reason: removal.reason, ...attribution(removal) };
    case 'malformed':
      return { tag: 'malformed', failureCode: removal.failureCode, onionHash: removal.onionHash };
    default:
      return unreachable(removal);
  }
}
