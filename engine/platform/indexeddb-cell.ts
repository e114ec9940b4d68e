import { deleteDB, openDB, type IDBPDatabase } from 'idb';

/** Bytes that are read and written as a whole; losing them does no harm. */
export type Cell = {
  readonly load: () => Promise<Uint8Array | null>;
  readonly save: (bytes: Uint8Array) => Promise<void>;
};

/** Databases beside the wallet's own, with one store each. */
const STORES = { 'leyden-map': 'map', 'leyden-log': 'log' } as const;
export type CellDatabase = keyof typeof STORES;

/** One cell of the database, which is open only while something is read or written. */
export function indexedDbCell(name: CellDatabase, key: string): Cell {
  const store = STORES[name];
  const open = (): Promise<IDBPDatabase> =>
    openDB(name, 1, {
      upgrade: (database) => void database.createObjectStore(store),
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
        const value: unknown = await database.get(store, key);
        return value instanceof Uint8Array ? value : null;
      }),
    save: (bytes) => using(async (database) => void (await database.put(store, bytes, key))),
  };
}

/** With all its cells. Who still reads it lets go when asked to. */
export const deleteIndexedDbCells = (name: CellDatabase): Promise<void> => deleteDB(name);
