import { compareBytes } from '../base/bytes.ts';
import type { TxOutput } from './tx.ts';

// BOLT 3 §Transaction Output Ordering: "first according to their value, smallest first (in whole satoshis…), followed
// by `scriptpubkey`, comparing the common-length prefix lexicographically as if by `memcmp`, then selecting the
// shorter script (if they differ in length)"
/** BIP 69 for outputs. Whoever has HTLCs breaks the ties by cltv_expiry. */
export function compareOutputs(a: TxOutput, b: TxOutput): number {
  if (a.amount !== b.amount) return a.amount < b.amount ? -1 : 1;
  return compareBytes(a.script, b.script);
}
