import type { TxId } from '../base/ids.ts';
import type { BlockHeight, Sat } from '../base/units.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { Confirmation } from '../bitcoin/watch.ts';
import type { Claim } from '../commitment/claim.ts';
import type { Side } from '../commitment/params.ts';

/** An output of a closing channel that is ours to take, and what limits when. */
export type OpenClaim = {
  readonly claim: Claim;
  /** The first block that can hold a spend of it; null while the transaction that made it has to be in a block first. */
  readonly from: BlockHeight | null;
  /** From this height on the peer can take it as well; null when it never can, or when it takes nothing from us by it. */
  readonly deadline: BlockHeight | null;
  /** The peer may be able to spend it already, by a preimage or by a transaction that it has. */
  readonly contested: boolean;
  /** What spends it as far as the chain has told, ours or not. */
  readonly spent: { readonly txId: TxId; readonly at: Confirmation | null } | null;
};

/** A commitment transaction that waits for a block, and our anchor in it. */
export type Lift = {
  readonly owner: Side;
  readonly parent: Tx;
  /** What it pays by itself. */
  readonly fee: Sat;
  readonly anchor: Claim;
  /** By when it has to be in a block, so that claims of its outputs are not late; null when nothing waits for that. */
  readonly deadline: BlockHeight | null;
  /** What may be lost when it is late; without a deadline, what is locked until it is in a block. */
  readonly atRisk: Sat;
  /** No more is paid for its child than this: beyond what the lowest estimate asks for. */
  readonly mostFee: Sat;
  /** Nor than a part of this, whatever that asks, or all of it in a hurry: half of all that waits for it, what has no deadline too. */
  readonly mostAtLeisure: Sat;
};

/**
 * All that a closing channel wants taken from the chain, as things stand. It takes the place of what the channel asked
 * for before. How it is grouped, paid for and raised is decided by whoever has the wallet: see node/claims/.
 */
export type ClaimDemand = {
  /** Those that are due, those that are not yet, and those that are spent but not deep enough to be forgotten. */
  readonly open: readonly OpenClaim[];
  readonly lift: Lift | null;
  /** Commitments that cannot confirm any more, as another one has. */
  readonly lost: readonly TxId[];
};

export const NO_DEMAND: ClaimDemand = { open: [], lift: null, lost: [] };
