// What only IndexedDB can keep: handles of folders. A database of its own, apart from the wallet's.
const DATABASE = 'leyden-page';
const STORE = 'handles';

const answer = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('no answer')));
  });

async function within<T>(
  mode: IDBTransactionMode,
  run: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T | null> {
  try {
    const opening = indexedDB.open(DATABASE, 1);
    opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(STORE));
    const database = await answer(opening);
    try {
      return await answer(run(database.transaction(STORE, mode).objectStore(STORE)));
    } finally {
      database.close();
    }
  } catch {
    return null; // storage is switched off or full: the person chooses again next time
  }
}

export const keepHandle = (key: string, handle: object): Promise<unknown> =>
  within('readwrite', (store) => store.put(handle, key));
export const recallHandle = (key: string): Promise<unknown> =>
  within('readonly', (store) => store.get(key) as IDBRequest<unknown>);
export const forgetHandle = (key: string): Promise<unknown> =>
  within('readwrite', (store) => store.delete(key));
