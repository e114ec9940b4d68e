import { concatBytes, equalBytes } from '../base/bytes.ts';
import { txIdToBytes } from '../base/ids.ts';
import { sha256d } from '../crypto/hash.ts';
import { parseTx } from './tx-parse.ts';
import { strippedSize, txIdOf, type Tx } from './tx.ts';

/** A block holds fewer than 2^15 transactions of the least size (60 bytes, not witness). */
const MAX_DEPTH = 15;

export type MerkleProof = {
  /** Place of the transaction in its block. */
  readonly index: number;
  /** From the bottom up; 32 bytes each in the order in which they are hashed (the reverse of how servers show them). */
  readonly siblings: readonly Uint8Array[];
};

/**
 * True when `tx` stands at `proof.index` in the block with this merkle root.
 *
 * The tree does not tell leaves from inner nodes (CVE-2017-12842): a 64-byte transaction in a block can be made to
 * pass for an inner node with a transaction below it that nobody mined, and an inner node for a 64-byte transaction.
 * So `tx` may not have 64 bytes, and no inner node on the path may read as a transaction.
 */
export function verifyMerkleProof(tx: Tx, proof: MerkleProof, merkleRoot: Uint8Array): boolean {
  const { siblings } = proof;
  if (siblings.length > MAX_DEPTH || strippedSize(tx) === 64) return false;
  if (!Number.isInteger(proof.index) || proof.index < 0 || proof.index >= 2 ** siblings.length) return false;
  let node = txIdToBytes(txIdOf(tx));
  let place = proof.index;
  for (const sibling of siblings) {
    if (sibling.length !== 32) return false;
    const right = place % 2 === 1;
    // CVE-2012-2459: a right child equal to its left sibling stands for no transaction.
    if (right && equalBytes(node, sibling)) return false;
    const pair = right ? concatBytes(sibling, node) : concatBytes(node, sibling);
    if (parseTx(pair).ok) return false;
    node = sha256d(pair);
    place >>= 1;
  }
  return equalBytes(node, merkleRoot);
}
