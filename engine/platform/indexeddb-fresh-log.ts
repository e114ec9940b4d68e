import { deleteDB, openDB } from 'idb';

const NAME = 'leyden-fresh-log';
/** What it takes is a few milliseconds; a wallet does not wait longer for what may not even be needed. */
const PATIENCE_MS = 2_000;

/**
 * Has Chromium put what it writes from now on into a new log file, beside the one that it may have been killed in the
 * middle of.
 *
 * Chromium keeps all databases of an origin in one LevelDB, whose log it goes on with after a start, also where the
 * last record is half written ("reuse_logs can reuse a log with an incomplete record",
 * https://github.com/google/leveldb/issues/1287). What is written behind such a record cannot be read by the start
 * after this one: it takes the log for corrupt, and removes every database of the origin (`dataLoss`, "total"). So a
 * browser that is killed at the wrong moment is a lost wallet two starts later, though nothing of it was lost.
 *
 * Removing a database has LevelDB compact what the database took, which begins with a new log; the old one is read
 * once more, put into a table, and gone. Other browsers, which do not have this fault, are left alone. Never fails:
 * without it all goes on as it would have.
 *
 * Gives what tells whether the browser removed everything just now: it says so to whoever opens a database first. Where
 * it is slow, which it is when it removes, that may be later than this gives up waiting: to be asked again.
 */
export async function beginFreshLog(patienceMs = PATIENCE_MS): Promise<() => boolean> {
  if (!isLevelDb()) return () => false;
  let lost = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  const begun = (async () => {
    const database = await openDB(NAME, 1, {
      upgrade: (made, _from, _to, _transaction, event) => {
        made.createObjectStore('nothing');
        lost = lostAll(event);
      },
    });
    database.close();
    await deleteDB(NAME);
  })().catch(() => undefined);
  await Promise.race([begun, patience]);
  clearTimeout(timer);
  return () => lost;
}

/** Chromium alone tells what its database lost. */
const isLevelDb = (): boolean =>
  typeof IDBVersionChangeEvent !== 'undefined' && 'dataLoss' in IDBVersionChangeEvent.prototype;

/** Whether the browser made the database anew because it could not read the one that was there. */
export const lostAll = (event: IDBVersionChangeEvent): boolean =>
  'dataLoss' in event && event.dataLoss === 'total';
