import type { TxId } from '../../base/ids.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import type { Confirmation, Watch } from '../../bitcoin/watch.ts';

type ConfirmedWatch = Extract<Watch, { tag: 'confirmed' }>;
type SpentWatch = Extract<Watch, { tag: 'spent' }>;

/** A watch for `minDepth` confirmations of the group's transaction. */
export type DepthEntry = { readonly watch: ConfirmedWatch; told: boolean };
/** A watch for the spend of one output of the group's transaction, and the spend that was told last. */
export type SpendEntry = {
  watch: SpentWatch;
  told: Spend | null;
  /** It was told before this start, and not held against the chain yet. */
  isRecalled: boolean;
  /** It was told before it was known what it has to show, and may not show it. */
  isUnshown: boolean;
};
export type Spend = { readonly txId: TxId; readonly at: Confirmation | null };

/** All that is watched of one transaction: so that its outputs are asked for together. */
export type WatchGroup = {
  readonly txId: TxId;
  readonly depths: Map<number, DepthEntry>;
  readonly spends: Map<number, SpendEntry>;
  /** The transaction and its place, once proven. Without the transaction where only its place is remembered. */
  placed: { readonly tx: Tx | null; readonly at: Confirmation } | null;
  /** `placed` was known before this start, and is not held against the chain yet. */
  isRecalled: boolean;
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
  isRecalled: false,
  checkedUnder: null,
  checks: 0,
  checkedTurn: 0,
});

export const awaitsPlacement = (group: WatchGroup): boolean =>
  (group.placed === null || group.placed.tx === null) && [...group.depths.values()].some(({ told }) => !told);

/** A spend in a block needs no more asking, once it shows what it has to: the headers tell whether it stays. */
export const isSettled = ({ told, isUnshown }: SpendEntry): boolean => told?.at != null && !isUnshown;

export const awaitsSpend = (group: WatchGroup): boolean =>
  [...group.spends.values()].some((entry) => !isSettled(entry));

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
