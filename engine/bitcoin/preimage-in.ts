import { equalBytes } from '../base/bytes.ts';
import { outPointKey, type OutPoint } from '../base/ids.ts';
import { sha256 } from '../crypto/hash.ts';
import { isSignedBy } from './signed-input.ts';
import type { Tx } from './tx.ts';
import type { HtlcEnd } from './watch.ts';

/** What a transaction that spends an HTLC shows of its preimage; null for one that spends it by time. */
export function preimageIn(
  { inputs }: Tx,
  spends: (outPoint: OutPoint) => boolean,
  hash: Uint8Array,
): Uint8Array | null {
  for (const { outPoint, witness } of inputs) {
    if (!spends(outPoint)) continue;
    const found = witness.find((item) => item.length === 32 && equalBytes(sha256(item), hash));
    if (found !== undefined) return found;
  }
  return null;
}

/**
 * An id tells nothing of the witness: a server may leave the preimage out of what it shows, and a payment that was made
 * would look like one that came back. What spends an HTLC, cannot do so by time and does not punish has a preimage.
 */
export function showsItsEnd(
  tx: Tx,
  htlc: OutPoint,
  { hash, lockTime, script, revocation }: HtlcEnd,
): boolean {
  const key = outPointKey(htlc);
  const isIt = (outPoint: OutPoint): boolean => outPointKey(outPoint) === key;
  if (preimageIn(tx, isIt, hash) !== null) return true;
  const paid = tx.outputs[tx.inputs.findIndex(({ outPoint }) => isIt(outPoint))];
  const isAsOurs = script === null || (paid !== undefined && equalBytes(paid.script, script));
  return (tx.lockTime >= lockTime && isAsOurs) || (revocation !== null && isSignedBy(tx, htlc, revocation));
}
