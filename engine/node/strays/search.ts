import { outPointKey } from '../../base/ids.ts';
import { blockHeight, type BlockHeight } from '../../base/units.ts';
import { STATIC_PAYMENT_KEYS } from '../../wallet/key-tree.ts';
import type { Looked } from './look.ts';
import type { Stray } from './stray.ts';

/** How far the search has come, and what it found. All of it is on disk. */
export type Search = {
  /** The key to be looked at next; `STATIC_PAYMENT_KEYS`: this pass is over. */
  readonly next: number;
  /** Passes that are over. */
  readonly passes: number;
  /** Heights from which another pass is due, lowest first. */
  readonly again: readonly BlockHeight[];
  readonly found: readonly Stray[];
};

const DAY = 144;
/**
 * A peer that lost us closes when it likes, after a restore as well: blocks after which it is looked again. A day, three,
 * a week, two, one month, three, six.
 */
const LATER = [DAY, 432, 1_008, 2_016, 4_320, 12_960, 25_920];
/** A peer that was told that we know nothing of its channel closes it at once. */
const SOON = [3, 12, 144];
/** Whoever sends us crumbs by the thousand keeps us from none of the large ones. */
const MOST_FOUND = 200;
const MOST_AGAIN = 24;

export const newSearch = (height: BlockHeight): Search => ({
  next: 0,
  passes: 0,
  again: LATER.map((blocks) => blockHeight(height + blocks)),
  found: [],
});

export const isPassing = ({ next }: Search): boolean => next < STATIC_PAYMENT_KEYS;

/** Everything was looked at, for the last time, and nothing is left to take. */
export const isEnded = (search: Search): boolean =>
  !isPassing(search) && search.again.length === 0 && search.found.length === 0;

/** Another pass, when one is due. */
export function atHeight(search: Search, height: BlockHeight): Search {
  const again = search.again.filter((due) => due > height);
  return isPassing(search) || again.length === search.again.length ? search : { ...search, next: 0, again };
}

export function soonAgain(search: Search, height: BlockHeight, after: readonly number[] = SOON): Search {
  // A peer that asks for it again and again is not to have us ask servers without end.
  if (search.again.filter((due) => due <= height + DAY).length > SOON.length + 1) return search;
  const wanted = new Set([...search.again, ...after.map((blocks) => blockHeight(height + blocks))]);
  const again = [...wanted].sort((a, b) => a - b).slice(0, MOST_AGAIN);
  return again.length === search.again.length ? search : { ...search, again };
}

/** `count` keys from `next` on were looked at. */
export function lookedAt(
  search: Search,
  count: number,
  looked: readonly Looked[],
  height: BlockHeight,
): Search {
  const next = Math.min(STATIC_PAYMENT_KEYS, search.next + count);
  const known = new Map(search.found.map((stray) => [outPointKey(stray.outPoint), stray]));
  for (const stray of looked.flatMap(({ found }) => found)) known.set(outPointKey(stray.outPoint), stray);
  const found = [...known.values()].sort((a, b) => (a.amount > b.amount ? -1 : 1)).slice(0, MOST_FOUND);
  const passes = search.passes + (next === STATIC_PAYMENT_KEYS && isPassing(search) ? 1 : 0);
  const moved = { ...search, next, passes, found };
  return looked.some(({ isWaiting }) => isWaiting) ? soonAgain(moved, height, [2]) : moved;
}
