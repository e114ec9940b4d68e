import { blockHeight, type BlockHeight } from '../../../base/units.ts';
import { txIdOf } from '../../../bitcoin/tx.ts';
import type { Confirmation } from '../../../bitcoin/watch.ts';
import type { Claim } from '../../../commitment/claim.ts';
import type { Closing, FundingSpend } from '../../state.ts';

/** Where the transaction stands that made the output. */
export function confirmationOf(
  { resolved }: Closing,
  spend: FundingSpend,
  claim: Claim,
): Confirmation | null {
  if (claim.outPoint.txId === txIdOf(spend.tx)) return spend.at;
  for (const { tx, at } of resolved.values()) if (txIdOf(tx) === claim.outPoint.txId) return at;
  return null;
}

/** The first block that can hold a spend of the output. */
export function firstBlock({ sequence, lockTime }: Claim, made: Confirmation | null): BlockHeight | null {
  const delay = relativeDelay(sequence);
  // BOLT 5 §Unilateral Close Handling: Local Commitment Transaction: "MUST wait until the `OP_CHECKSEQUENCEVERIFY` delay has
  // passed (as specified by the remote node's `to_self_delay` field) before spending the output."
  // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "MUST wait until the `OP_CHECKSEQUENCEVERIFY` delay has
  // passed […] before spending that HTLC-timeout output."
  // BOLT 5 §HTLC Output Handling: Local Commitment, Remote Offers: "MUST wait until the `OP_CHECKSEQUENCEVERIFY` delay has
  // passed […], before spending that HTLC-success transaction output."
  if (delay > 0 && made === null) return null;
  // A lock time is over in the blocks above it.
  const final = lockTime === 0 ? 0 : lockTime + 1;
  return blockHeight(Math.max(final, made === null ? 0 : made.height + delay));
}

/** BIP 68: blocks that an input with this sequence has to wait. */
const relativeDelay = (sequence: number): number => (sequence >>> 31 === 1 ? 0 : sequence & 0xffff);

/** The first block that can hold a spend of it; null while the transaction that made it has to be in a block first. */
export const dueFrom = (closing: Closing, spend: FundingSpend, claim: Claim): BlockHeight | null =>
  firstBlock(claim, confirmationOf(closing, spend, claim));
