import { unwrap, type IDBPDatabase, type IDBPTransaction } from 'idb';

/** The object store that says who writes. It takes part in every commit. */
export const FENCE = 'fence';
const WRITER = 'writer';

/**
 * Makes the caller the one writer: whoever opened the database before has lost its place once this resolves, also one
 * that is asleep and does not know it yet. Gives the caller's number. `isLost`: whether all that was here is known by then
 * to be missed.
 */
export async function takeFence(database: IDBPDatabase, isLost: () => boolean): Promise<number> {
  const transaction = database.transaction(FENCE, 'readwrite', { durability: 'strict' });
  const last: unknown = await transaction.store.get(WRITER);
  const mine = typeof last === 'number' ? last + 1 : 1;
  void transaction.store.put(mine, WRITER);
  if (isLost()) markMissed(transaction.store);
  await transaction.done;
  return mine;
}

/** In the database itself, as this start alone hears of it. */
const MISSED = 'missed';
type FenceStore = { readonly put: (value: unknown, key: string) => Promise<unknown> };
export const markMissed = (store: FenceStore): void => void store.put(true, MISSED);
export const isMissed = async (database: IDBPDatabase): Promise<boolean> =>
  (await database.get(FENCE, MISSED)) === true;

/** An answer that took longer may have waited while this tab slept, and be of before: nobody takes a wallet over so fast. */
const FRESH_MS = 1_000;
/** What a tab asks again after a sleep is answered awake. A disk that is always so slow has its word too: claims wait for it. */
const ASKED = 3;

/** Whether `mine` is still the writer's number. */
export async function holdsFence(database: IDBPDatabase, mine: number): Promise<boolean> {
  for (let asked = 1; ; asked++) {
    const askedAt = performance.now();
    if ((await database.get(FENCE, WRITER)) !== mine) return false;
    if (performance.now() - askedAt < FRESH_MS || asked === ASKED) return true;
  }
}

/**
 * The first request of a commit: the transaction goes through when `mine` is still the writer's number, and else ends
 * with nothing of it written. `onLost` is told before it ends. `isWhole`: all that belongs to it is asked for by then.
 */
export function fenced(
  transaction: IDBPTransaction<unknown, string[], 'readwrite'>,
  mine: number,
  onLost: () => void,
  isWhole = true,
): void {
  const request = unwrap(transaction.objectStore(FENCE)).get(WRITER);
  request.onsuccess = (): void => {
    if (request.result !== mine) {
      onLost();
      transaction.abort();
    } else if (isWhole) transaction.commit();
  };
}
