import { deleteDB, openDB, type IDBPDatabase } from 'idb';
import { err, ok, type Result } from '../base/result.ts';
import type { StoreFailure } from '../storage/store.ts';
import { LAYOUT_VERSION, TABLES } from '../storage/tables.ts';
import { DEVICE_KEYS } from './indexeddb-device-keys.ts';
import { failureOf } from './indexeddb-failure.ts';
import { FENCE, isMissed, markMissed, takeFence } from './indexeddb-fence.ts';
import { beginFreshLog, lostAll } from './indexeddb-fresh-log.ts';
import { IndexedDbStore } from './indexeddb-database.ts';

export type IndexedDbOptions = {
  /** The store is gone for good: another tab needs it, or the browser dropped it. Called at most once. */
  readonly onLost?: (failure: StoreFailure) => void;
  /** Begun ahead, by whoever had something else to wait for: see indexeddb-fresh-log.ts. */
  readonly freshLog?: Promise<() => boolean>;
  /** For tests, which stand in for a later program. */
  readonly layoutVersion?: number;
  /** See `PATIENCE_MS`. */
  readonly patienceMs?: number;
  /** See `SILENCE_MS`. */
  readonly silenceMs?: number;
};

/**
 * How long another holder of the database may take to close it before that counts as blocked. One that is closing
 * right now (our own a moment ago, a tab that was asked to) often is reported too.
 */
const PATIENCE_MS = 2_000;
/** How long the browser may say nothing at all. What it does after that is for nobody. */
const SILENCE_MS = 20_000;

const OBJECT_STORES: readonly string[] = [...TABLES, DEVICE_KEYS, FENCE];

/**
 * Opens the database, or makes it: `created` tells which. Whoever had it open before writes no more. Fails as 'newer-version' when a later program made it, as
 * 'blocked' while another tab keeps an older layout open.
 */
export function openIndexedDbStore(
  name: string,
  {
    onLost = () => {},
    freshLog,
    layoutVersion = LAYOUT_VERSION,
    patienceMs = PATIENCE_MS,
    silenceMs = SILENCE_MS,
  }: IndexedDbOptions = {},
): Promise<Result<IndexedDbStore, StoreFailure>> {
  return unlessBlocked({ patienceMs, silenceMs }, async (onBlocked, givenUp) => {
    let store: IndexedDbStore | null = null;
    let created = false;
    // Before anything is written behind what a killed browser left.
    const isLost = await (freshLog ?? beginFreshLog());
    const database = await openDB(name, layoutVersion, {
      upgrade: (upgraded, oldVersion, _version, transaction, event) => {
        created = oldVersion === 0;
        for (const table of OBJECT_STORES)
          if (!upgraded.objectStoreNames.contains(table)) upgraded.createObjectStore(table);
        if (isLost() || lostAll(event)) markMissed(transaction.objectStore(FENCE));
      },
      blocked: onBlocked,
      blocking: () => store?.lose('another tab needs the database'),
      terminated: () => store?.lose('the browser closed the database'),
    });
    const whole = OBJECT_STORES.every((table) => database.objectStoreNames.contains(table));
    // An open that was blocked goes on by itself once the other tab is gone: nobody waits for it any more.
    if (givenUp() || !whole) {
      database.close();
      return err({ code: 'corrupt', detail: 'a table is missing' });
    }
    const [fence, missed] = await begin(database, isLost).catch((error: unknown) => {
      // While it is open no other tab can erase it, nor bring a newer layout.
      database.close();
      throw error;
    });
    store = new IndexedDbStore(database, fence, { created, missed }, onLost);
    if (givenUp()) await store.close();
    return ok(store);
  });
}

const begin = async (
  database: IDBPDatabase,
  isLost: () => boolean,
): Promise<[fence: number, missed: boolean]> => [await takeFence(database, isLost), await isMissed(database)];

/**
 * Removes the database with all that is in it. 'blocked': another tab keeps it open, and the browser removes it as
 * soon as that tab is gone.
 */
export function deleteIndexedDbStore(
  name: string,
  patienceMs = PATIENCE_MS,
): Promise<Result<void, StoreFailure>> {
  return unlessBlocked({ patienceMs, silenceMs: SILENCE_MS }, async (onBlocked) => {
    await deleteDB(name, { blocked: onBlocked });
    return ok(undefined);
  });
}

/** The outcome of `run`, or 'blocked' when that is what the browser still says after `patienceMs`; never a wait without end. */
async function unlessBlocked<T>(
  { patienceMs, silenceMs }: { readonly patienceMs: number; readonly silenceMs: number },
  run: (onBlocked: () => void, givenUp: () => boolean) => Promise<Result<T, StoreFailure>>,
): Promise<Result<T, StoreFailure>> {
  let gaveUp = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = (): void => {};
  const blocked = new Promise<Result<T, StoreFailure>>((resolve) => {
    const giveUpIn = (delayMs: number, failure: StoreFailure): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        gaveUp = true;
        resolve(err(failure));
      }, delayMs);
    };
    giveUpIn(silenceMs, { code: 'unavailable', detail: 'the browser does not answer' });
    wait = () => giveUpIn(patienceMs, { code: 'blocked', detail: 'another tab keeps the database open' });
  });
  try {
    const outcome = run(
      () => wait(),
      () => gaveUp,
    );
    return await Promise.race([outcome, blocked]);
  } catch (error) {
    return err(failureOf(error));
  } finally {
    clearTimeout(timer);
  }
}
