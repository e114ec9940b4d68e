import type { TxId } from '../../base/ids.ts';
import { ok, type Result } from '../../base/result.ts';
import { inMoneyRange, parseTx } from '../../bitcoin/tx-parse.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import type { ChainRefusal } from '../chain-refusal.ts';
import { rawTx } from './questions.ts';
import type { ServerPool } from './server-pool.ts';

/**
 * Null when no server that answers has it: one that lacks it, or keeps it back, does not speak for the others. The id is recomputed from the bytes: other bytes count as a lie of their server,
 * and so do outputs of more money than there is, and what `isWhole` finds wanting in the witness, of which an id tells nothing.
 */
export async function provenTx(
  pool: ServerPool,
  id: TxId,
  isWhole: (tx: Tx) => boolean = () => true,
): Promise<Result<Tx | null, ChainRefusal>> {
  const read = async (bytes: Uint8Array | null): Promise<Tx | null | undefined> => {
    if (bytes === null) return null;
    const tx = parseTx(bytes);
    if (!tx.ok || txIdOf(tx.value) !== id || !inMoneyRange(tx.value.outputs)) return undefined;
    return isWhole(tx.value) ? tx.value : undefined;
  };
  const asked = await pool.find(rawTx(id), read, 'transaction');
  return asked.ok ? ok(asked.value.value) : asked;
}
