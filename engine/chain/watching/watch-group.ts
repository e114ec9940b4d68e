import type { TxId } from '../../base/ids.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import type { Watch } from '../../bitcoin/watch.ts';
import type { Placement } from '../placement.ts';

type ConfirmedWatch = Extract<Watch, { tag: 'confirmed' }>;
type SpentWatch = Extract<Watch, { tag: 'spent' }>;

/** A watch for `minDepth` confirmations of the group's transaction. */
export type DepthEntry = { readonly watch: ConfirmedWatch; told: boolean };
/** A watch for the spend of one output of the group's transaction, and the spend that was told last. */
export type SpendEntry = { readonly watch: SpentWatch; told: Spend | null };
export type Spend = { readonly tx: Tx; readonly txId: TxId; readonly at: Placement | null };

/** All that is watched of one transaction: so that its outputs are asked for together. */
export type WatchGroup = {
  readonly txId: TxId;
  readonly depths: Map<number, DepthEntry>;
  readonly spends: Map<number, SpendEntry>;
  /** The transaction and its place, once proven. */
  placed: { readonly tx: Tx; readonly at: Placement } | null;
  /** The tip under which it was last asked for; null before the first time. */
  checkedUnder: string | null;
  /** How often under that tip. */
  checks: number;
  /** Counts syncs: the longest unasked comes first. */
  checkedTurn: number;
};

export const newGroup = (txId: TxId): WatchGroup => ({
  txId,
  depths: new Map(),
  spends: new Map(),
  placed: null,
  checkedUnder: null,
  checks: 0,
  checkedTurn: 0,
});

export const awaitsPlacement = (group: WatchGroup): boolean =>
  group.placed === null && [...group.depths.values()].some(({ told }) => !told);

/** A spend in a block needs no more asking: the headers tell whether it stays. */
export const awaitsSpend = (group: WatchGroup): boolean =>
  [...group.spends.values()].some(({ told }) => told === null || told.at === null);

/** A server's index may lag behind the tip that it names: what should be in the block is asked for once more. */
const CHECKS_PER_BLOCK = 2;

/** There may be something new for it since it was last asked for. */
export function isDue(group: WatchGroup, tipHash: string): boolean {
  if (group.checkedUnder !== tipHash) return awaitsPlacement(group) || awaitsSpend(group);
  return awaitsPlacement(group) && group.checks < CHECKS_PER_BLOCK;
}

export function markChecked(group: WatchGroup, tipHash: string, turn: number): void {
  group.checks = group.checkedUnder === tipHash ? group.checks + 1 : 1;
  group.checkedUnder = tipHash;
  group.checkedTurn = turn;
}
