import { equalBytes } from '../../../base/bytes.ts';
import type { OutPoint } from '../../../base/ids.ts';
import type { Tx } from '../../../bitcoin/tx.ts';
import { sha256 } from '../../../crypto/hash.ts';

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
