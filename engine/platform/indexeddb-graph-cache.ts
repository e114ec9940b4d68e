import { deleteDB, openDB, type IDBPDatabase } from 'idb';
import type { Network } from '../base/network.ts';
import type { GraphCache } from '../node/node-options.ts';

const DATABASE = 'leyden-map';
const STORE = 'map';

/**
 * The map of the network, and what others say of its channels, in a database of its own: what is in it is public,
 * several megabytes, and of no harm when it is lost, so it is neither sealed with the wallet's records nor read when the
 * wallet is opened.
 */
export function indexedDbGraphCache(name: Network | `${Network}/scores`): GraphCache {
  const open = (): Promise<IDBPDatabase> =>
    openDB(DATABASE, 1, {
      upgrade: (database) => void database.createObjectStore(STORE),
      blocking: (_current, _blocked, event) => {
        (event.target as IDBDatabase).close();
      },
    });
  const using = async <T>(run: (database: IDBPDatabase) => Promise<T>): Promise<T> => {
    const database = await open();
    try {
      return await run(database);
    } finally {
      database.close();
    }
  };
  return {
    load: () =>
      using(async (database) => {
        const value: unknown = await database.get(STORE, name);
        return value instanceof Uint8Array ? value : null;
      }),
    save: (bytes) => using(async (database) => void (await database.put(STORE, bytes, name))),
  };
}

/** Of every network. Who still reads it lets go when asked to. */
export const deleteIndexedDbGraphCache = (): Promise<void> => deleteDB(DATABASE);
