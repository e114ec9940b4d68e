import { fromHex, reversed } from '../../base/bytes.ts';
import { isCoinbaseOf } from '../../bitcoin/coinbase.ts';
import type { BlockHeader } from '../../bitcoin/header.ts';
import { verifyMerkleProof } from '../../bitcoin/merkle.ts';
import { parseTx } from '../../bitcoin/tx-parse.ts';
import { txIdOf } from '../../bitcoin/tx.ts';
import { rawTx, txIdAt, txMerkleProof } from '../esplora/questions.ts';
import type { ServerPool } from '../esplora/server-pool.ts';

/**
 * Whether `server` shows that the block stands at `height`, by its coinbase transaction (BIP 34) and the merkle path from
 * there to its header. False for a false answer, null for none. Needed wherever no header that we hold leads to the
 * block: three small requests. The genesis block says nothing of the kind, and is taken as it is.
 */
export async function provesHeight(
  pool: ServerPool,
  server: string,
  header: BlockHeader,
  height: number,
): Promise<boolean | null> {
  if (height === 0) return true;
  const first = await pool.askServer(server, txIdAt(header.hash, 0));
  if (!first.ok || first.value === null) return null;
  const [raw, path] = await Promise.all([
    pool.askServer(server, rawTx(first.value)),
    pool.askServer(server, txMerkleProof(first.value)),
  ]);
  if (!raw.ok || !path.ok || raw.value === null || path.value === null) return null;
  const tx = parseTx(raw.value);
  if (!tx.ok || txIdOf(tx.value) !== first.value) return false;
  const siblings = path.value.merkle.map((hash) => reversed(fromHex(hash)));
  return (
    isCoinbaseOf(tx.value, height) && verifyMerkleProof(tx.value, { index: 0, siblings }, header.merkleRoot)
  );
}
