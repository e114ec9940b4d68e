import { unreachable } from '../../base/assert.ts';
import type { TxId } from '../../base/ids.ts';
import type { BlockHeight } from '../../base/units.ts';
import type { ChainEvent, Confirmation, Watch } from '../../bitcoin/watch.ts';
import { awaitsSpend, isDue, newGroup, type WatchGroup } from './watch-group.ts';

/**
 * At most so many groups are asked for in one sync after a new block; the others keep their turn. A group costs one to
 * two requests, and one more for each transaction seen for the first time.
 */
export const GROUPS_PER_BLOCK = 60;
/** Between blocks only spends can be new, in the mempool: so many groups are asked for, in turn. */
export const GROUPS_BETWEEN = 4;

/** What is watched, and what of it was told. In memory only: everything is registered again at each start. */
export class WatchRegistry {
  readonly #groups = new Map<TxId, WatchGroup>();

  /** The same watch twice is one watch, and is not told twice. */
  register(watch: Watch): void {
    const txId = watch.tag === 'confirmed' ? watch.txId : watch.outPoint.txId;
    const group = this.#groups.get(txId) ?? newGroup(txId);
    this.#groups.set(txId, group);
    switch (watch.tag) {
      case 'confirmed':
        if (group.depths.has(watch.minDepth)) return;
        group.depths.set(watch.minDepth, { watch, told: watch.known !== undefined });
        if (watch.known !== undefined && group.placed === null) {
          group.placed = { tx: null, at: watch.known };
          group.isRecalled = true;
        }
        break;
      case 'spent':
        const known = group.spends.get(watch.outPoint.index);
        if (known !== undefined) {
          // Who names no script knows nothing of the output: not what a spend of it has to show either.
          if (watch.script.length === 0) return;
          // What it has to show may be known only now.
          const isNew = known.watch.htlc === undefined && watch.htlc !== undefined;
          known.watch = watch;
          if (!isNew || known.told === null) return;
          known.isUnshown = true;
          break;
        }
        group.spends.set(watch.outPoint.index, {
          watch,
          told: watch.known ?? null,
          isRecalled: watch.known !== undefined,
          isUnshown: false,
        });
        break;
      default:
        unreachable(watch);
    }
    group.checkedUnder = null;
  }

  unregister(watch: Watch): void {
    const txId = watch.tag === 'confirmed' ? watch.txId : watch.outPoint.txId;
    const group = this.#groups.get(txId);
    if (group === undefined) return;
    if (watch.tag === 'confirmed') group.depths.delete(watch.minDepth);
    else group.spends.delete(watch.outPoint.index);
    if (group.depths.size === 0 && group.spends.size === 0) this.#groups.delete(txId);
  }

  /** Groups to ask for now. */
  due(tipHash: string): readonly WatchGroup[] {
    const longestFirst = [...this.#groups.values()].sort((a, b) => a.checkedTurn - b.checkedTurn);
    const fresh = longestFirst.filter((group) => isDue(group, tipHash));
    if (fresh.length > 0) return fresh.slice(0, GROUPS_PER_BLOCK);
    return longestFirst.filter(awaitsSpend).slice(0, GROUPS_BETWEEN);
  }

  /**
   * After the best chain changed: forgets what is not in it any more, and tells. What is only remembered from before this
   * start, from further back than the headers go, is asked for like anything else.
   */
  rewind(isInBestChain: (at: Confirmation) => boolean | null, tipHeight: BlockHeight): readonly ChainEvent[] {
    const gone = new Set<TxId>();
    const stays = (at: Confirmation, isRecalled: boolean): 'yes' | 'no' | 'unknown' => {
      const there = isInBestChain(at);
      return there === false ? 'no' : there === null && isRecalled ? 'unknown' : 'yes';
    };
    for (const group of this.#groups.values()) {
      const placed = group.placed === null ? 'yes' : stays(group.placed.at, group.isRecalled);
      group.isRecalled = false;
      if (placed !== 'yes') {
        group.placed = null;
        group.checkedUnder = null;
        for (const entry of group.depths.values()) {
          if (entry.told && placed === 'no') gone.add(group.txId);
          entry.told = false;
        }
      }
      for (const entry of group.spends.values()) {
        const { told, isRecalled } = entry;
        entry.isRecalled = false;
        const spent = told === null || told.at === null ? 'yes' : stays(told.at, isRecalled);
        if (told === null || spent === 'yes') continue;
        if (spent === 'no') gone.add(told.txId);
        entry.told = null;
        group.checkedUnder = null;
      }
    }
    return [...gone].map((txId) => ({ tag: 'reorged', txId, tipHeight }));
  }

  /** Transactions that have become as deep as somebody waits for. */
  matured(tipHeight: BlockHeight): readonly ChainEvent[] {
    const events: ChainEvent[] = [];
    for (const { txId, placed, depths } of this.#groups.values()) {
      if (placed === null || placed.tx === null) continue;
      const { tx } = placed;
      const depth = tipHeight - placed.at.height + 1;
      const reached = [...depths.values()].filter(({ told, watch }) => !told && watch.minDepth <= depth);
      for (const entry of reached) entry.told = true;
      // Two watches that are served at once are one event.
      if (reached.length > 0) events.push({ tag: 'confirmed', txId, tx, at: placed.at, tipHeight });
    }
    return events;
  }
}
