import type { BrowserContext, Page } from '@playwright/test';

export type ClearRow = { readonly table: string; readonly key: string; readonly hex: string };

/** Everything in the wallet's database, keys and values, as one text of Latin letters: for looking for what must not be there. */
export const diskText = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(request.error ?? new Error('unreadable')));
      });
    const database = await done(indexedDB.open('leyden'));
    const parts: string[] = [];
    for (const table of database.objectStoreNames) {
      const rows = database.transaction(table).objectStore(table);
      const [keys, values] = await Promise.all([done(rows.getAllKeys()), done(rows.getAll())]);
      parts.push(JSON.stringify(keys));
      for (const value of values as unknown[])
        if (value instanceof Uint8Array) parts.push([...value].map((b) => String.fromCharCode(b)).join(''));
    }
    database.close();
    return parts.join('\n');
  });

/** `digest`: of its bytes, in hex. */
export type SealedRecord = { readonly table: string; readonly key: string; readonly digest: string };

/** All the bytes in the wallet's database. Nobody must have it open. */
export const sealedRecords = (page: Page): Promise<readonly SealedRecord[]> =>
  page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(request.error ?? new Error('unreadable')));
      });
    const database = await done(indexedDB.open('leyden'));
    const records: SealedRecord[] = [];
    for (const table of database.objectStoreNames) {
      const rows = database.transaction(table).objectStore(table);
      const [keys, values] = await Promise.all([done(rows.getAllKeys()), done(rows.getAll())]);
      for (const [i, value] of (values as unknown[]).entries()) {
        const key = keys[i];
        if (!(value instanceof Uint8Array) || typeof key !== 'string') continue;
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', value.slice()));
        const hex = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
        records.push({ table, key, digest: hex });
      }
    }
    database.close();
    return records;
  });

/** Another value of one bit: counted from its first, over and over. */
export const flipBit = (page: Page, record: SealedRecord, bit: number): Promise<void> =>
  page.evaluate(
    async ([{ table, key }, place]) => {
      const done = <T>(request: IDBRequest<T>): Promise<T> =>
        new Promise((resolve, reject) => {
          request.addEventListener('success', () => resolve(request.result));
          request.addEventListener('error', () => reject(request.error ?? new Error('not done')));
        });
      const database = await done(indexedDB.open('leyden'));
      const transaction = database.transaction(table, 'readwrite');
      const rows = transaction.objectStore(table);
      const bytes = ((await done(rows.get(key))) as Uint8Array).slice();
      const at = place % (8 * bytes.length);
      bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (1 << (at & 7));
      rows.put(bytes, key);
      await new Promise<void>((resolve) => transaction.addEventListener('complete', () => resolve()));
      database.close();
    },
    [record, bit] as const,
  );

/** A database of the last version that did not encrypt. The page must not have the wallet open. */
export const writeClearDisk = (page: Page, rows: readonly ClearRow[]): Promise<void> =>
  page.evaluate(async (written) => {
    const request = indexedDB.open('leyden', 1);
    const tables = 'meta wallet chain peer channel htlc shachain monitor payment invoice event outbox'.split(
      ' ',
    );
    request.addEventListener('upgradeneeded', () => {
      for (const table of tables) request.result.createObjectStore(table);
    });
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(request.error ?? new Error('not opened')));
    });
    const transaction = database.transaction(tables, 'readwrite');
    for (const { table, key, hex } of written) {
      const bytes = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
      transaction.objectStore(table).put(bytes, key);
    }
    await new Promise<void>((resolve) => transaction.addEventListener('complete', () => resolve()));
    database.close();
  }, rows);

/** Every database of an origin goes, as when space is short or somebody clears the site's data. Its pages may be open. */
export async function emptyDatabases(context: BrowserContext, origin: string): Promise<void> {
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  await client.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
  await page.close();
}

/**
 * The browser ends every connection to a database and removes nothing, as it does when its own files fail: the button of
 * Chromium's own page about them.
 */
export async function closeDatabases(context: BrowserContext): Promise<void> {
  const page = await context.newPage();
  await page.goto('chrome://indexeddb-internals');
  const buttons = page.locator('.force-close');
  await buttons.first().waitFor();
  for (const button of await buttons.all()) await button.click();
  await page
    .locator('.connection-count')
    .first()
    .filter({ hasText: /^\s*0\s*$/ })
    .waitFor();
  await page.close();
}

/** A disk of the last version that did not encrypt, which the page keeps open, deaf to whoever wants a newer one: as a frozen tab. */
export async function keepClearDisk(page: Page, rows: readonly ClearRow[]): Promise<void> {
  await writeClearDisk(page, rows);
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.open('leyden');
        request.addEventListener('error', () => reject(request.error ?? new Error('not opened')));
        request.addEventListener('success', () => {
          Object.assign(globalThis, { kept: request.result });
          resolve();
        });
      }),
  );
}

/** The wallet's database as a later program leaves it. @returns its version */
export const raiseVersion = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const opened = (version?: number): Promise<IDBDatabase> =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open('leyden', version);
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(request.error ?? new Error('not opened')));
      });
    const now = await opened();
    const { version } = now;
    now.close();
    const later = await opened(version + 1);
    later.close();
    return later.version;
  });

/** As another script of the site may. Resolves when it is gone. */
export const deleteDatabase = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.deleteDatabase('leyden');
        request.addEventListener('success', () => resolve());
        request.addEventListener('error', () => reject(request.error ?? new Error('not deleted')));
      }),
  );
