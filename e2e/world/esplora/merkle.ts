import { displayHash, sha256d, wireHash } from './bytes.ts';

const parentOf = (left: Buffer, right: Buffer): Buffer => sha256d(Buffer.concat([left, right]));

function levelAbove(level: readonly Buffer[]): Buffer[] {
  const above: Buffer[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const left = level[i];
    if (left === undefined) break;
    // An odd one out is paired with itself.
    above.push(parentOf(left, level[i + 1] ?? left));
  }
  return above;
}

/** Hashes in display order, as everywhere in Esplora. */
export function merkleRoot(txids: readonly string[]): string {
  let level = txids.map(wireHash);
  while (level.length > 1) level = levelAbove(level);
  const [root] = level;
  if (root === undefined) throw new Error('a block has a transaction at least');
  return displayHash(root);
}

/** The siblings from the transaction up to the root. */
export function merkleBranch(txids: readonly string[], position: number): string[] {
  const branch: string[] = [];
  let level = txids.map(wireHash);
  for (let index = position; level.length > 1; index >>= 1) {
    const sibling = level[index ^ 1] ?? level[index];
    if (sibling !== undefined) branch.push(displayHash(sibling));
    level = levelAbove(level);
  }
  return branch;
}
