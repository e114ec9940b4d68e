import { fromHex, reversed } from '../base/bytes.ts';
import { blockHeight, type Timestamp } from '../base/units.ts';
import type { BlockHeader } from '../bitcoin/header.ts';
import { verifyMerkleProof } from '../bitcoin/merkle.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { Confirmation } from '../bitcoin/watch.ts';
import type { MerkleProof } from './esplora/questions.ts';

/** Where in the best chain a transaction stands, and when that block says it was mined. */
export type Placement = Confirmation & { readonly time: Timestamp };

/** Undefined when `proof` does not lead from `tx` to `header`. */
export function placementBy(tx: Tx, proof: MerkleProof, header: BlockHeader): Placement | undefined {
  const siblings = proof.merkle.map((hash) => reversed(fromHex(hash)));
  if (!verifyMerkleProof(tx, { index: proof.pos, siblings }, header.merkleRoot)) return undefined;
  return {
    height: blockHeight(proof.block_height),
    blockHash: header.hash,
    index: proof.pos,
    time: header.time,
  };
}
