import type { Sat } from '../base/units.ts';
import type { KeyLock } from '../bitcoin/signed-input.ts';
import type { Commitment } from './commitment.ts';
import type { Lock } from './format.ts';

/**
 * By what the other side spends an output of a revoked commitment, or of an HTLC transaction made from one: BOLT 3
 * §to_local Output, §Offered HTLC Outputs, §Received HTLC Outputs: "<revocation_sig>" stands first in the witness. Null
 * for an output that has no such way.
 */
export const revocationLock = (
  { keys }: Pick<Commitment, 'keys'>,
  { lock, amount }: { readonly lock: Lock; readonly amount: Sat },
): KeyLock | null =>
  lock.tag === 'p2wsh' ? { key: keys.revocation, witnessScript: lock.witnessScript, amount } : null;
