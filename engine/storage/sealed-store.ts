import { equalBytes } from '../base/bytes.ts';
import type { Random } from '../base/ports.ts';
import { err, ok, type Result } from '../base/result.ts';
import { put, remove, type Table, type Write } from '../base/write.ts';
import { CommitQueue } from './commit-queue.ts';
import type { Manifest } from './sealed/manifest.ts';
import { OrderedKeys } from './sealed/ordered-keys.ts';
import { MANIFEST } from './sealed/place.ts';
import type { SealKeys } from './sealed/seal-keys.ts';
import { openRow } from './sealed/sealed-record.ts';
import { PAGE, readTable } from './sealed/sealed-rows.ts';
import { sealCommit, type Sealed, type Versions } from './sealed/sealed-state.ts';
import type { KeyRange, Rewrite, Row, Store, StoreFailure } from './store.ts';

type Outcome = Result<void, StoreFailure>;
/** A commit; `keys`: when it also put everything under other ones. */
type Asked = Sealed & { readonly keys: SealKeys | null };

/** What is on disk, as it was found or made. */
export type SealedDisk = {
  readonly inner: Store;
  readonly keys: SealKeys;
  readonly random: Random;
  readonly manifest: Manifest;
  /** As it stands on disk. */
  readonly manifestBytes: Uint8Array;
  /** Of all rows: without them one could be put back to what it was. */
  readonly versions: Versions;
  /** What was decrypted to check the disk, as far as somebody will ask for it. */
  readonly fresh: Map<Table, Map<string, Uint8Array>>;
};

/**
 * A store whose records are encrypted in another store. Each record opens only as itself: wallet, table, key and
 * version are authenticated with it. Each commit also rewrites the manifest, which says which record of which version
 * has to be there: one that was changed, swapped, deleted or put back to what it was is a failure 'corrupt' that names
 * its table, at the latest when the store is opened. Not seen: a disk that was put back as a whole, as a restored
 * image of the machine is. Only somebody elsewhere who remembers can notice that.
 *
 * What still shows: how many records each table has, how long they are (to the next 32 bytes), when they change.
 *
 * Made by open-sealed-store.ts.
 */
export class SealedStore implements Store {
  readonly #inner: Store;
  #keys: SealKeys;
  readonly #random: Random;
  readonly #commits = new CommitQueue();
  readonly #versions: Versions;
  /** Until it is first asked for. */
  readonly #fresh: Map<Table, Map<string, Uint8Array>>;
  /** The keys of tables that were read in pages. */
  readonly #ordered = new Map<Table, OrderedKeys>();
  #manifest: Manifest;
  #manifestBytes: Uint8Array;
  /** A commit that the disk may or may not have: it failed, and nobody looked since. */
  #inDoubt: Asked | null = null;
  #closed = false;
  /** Reads and commits go one at a time, so that what is read is what the versions say. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({ inner, keys, random, manifest, manifestBytes, versions, fresh }: SealedDisk) {
    this.#inner = inner;
    this.#keys = keys;
    this.#random = random;
    this.#manifest = manifest;
    this.#manifestBytes = manifestBytes;
    this.#versions = versions;
    this.#fresh = fresh;
  }

  /** How wraps of the key stand on disk: see keyring.ts. */
  get keyring(): Uint8Array {
    return this.#manifest.keyring;
  }

  readonly get = (table: Table, key: string): Promise<Result<Uint8Array | null, StoreFailure>> =>
    this.#reading<Uint8Array | null>(async () =>
      this.#versions.get(table)?.has(key) === true ? this.#row(table, key) : ok(null),
    );

  readonly load = (table: Table): Promise<Result<ReadonlyMap<string, Uint8Array>, StoreFailure>> =>
    this.#reading(async () => {
      const rows = await this.#table(table);
      // Given away once: keeping it as well would hold the whole disk in memory twice.
      this.#fresh.delete(table);
      return rows;
    });

  readonly scan = (table: Table, range: KeyRange): Promise<Result<readonly Row[], StoreFailure>> =>
    this.#reading(async () => {
      // Of a long table, what is asked for and no more is read.
      const page = this.#keysOf(table).page(range);
      const rows: Row[] = [];
      const found = await Promise.all(page.map((key) => this.#row(table, key)));
      for (const [i, row] of found.entries()) {
        if (!row.ok) return row;
        rows.push({ key: page[i] ?? '', value: row.value });
      }
      return ok(rows);
    });

  readonly commit = (writes: readonly Write[]): Promise<Outcome> => this.#commit(writes, null);

  /** Other wraps of the same key: nothing is encrypted anew. */
  readonly replaceKeyring = (keyring: Uint8Array): Promise<Outcome> => this.#commit([], keyring);

  /** Every record encrypted anew under `keys`, which are this store's from then on, in one transaction. */
  readonly rekey = (keys: SealKeys, keyring: Uint8Array): Promise<Outcome> => {
    if (this.#closed) return Promise.resolve(err({ code: 'closed', detail: 'sealed store' }));
    return this.#commits.run(() => this.#inTurn(() => this.#reseal(keys, keyring)));
  };

  readonly close = async (): Promise<void> => {
    await this.#commits.idle();
    await this.#last;
    this.#closed = true;
    this.#fresh.clear();
    await this.#inner.close();
    this.#keys.wipe();
  };

  #commit(writes: readonly Write[], keyring: Uint8Array | null): Promise<Outcome> {
    if (this.#closed) return Promise.resolve(err({ code: 'closed', detail: 'sealed store' }));
    if (writes.length === 0 && keyring === null)
      return this.#commits.run(() =>
        this.#inTurn(async () => {
          const settled = await this.#settle();
          return settled.ok ? this.#inner.commit([]) : settled;
        }),
      );
    return this.#commits.run(() => this.#inTurn(() => this.#write(writes, keyring)));
  }

  async #write(writes: readonly Write[], keyring: Uint8Array | null): Promise<Outcome> {
    const settled = await this.#settle();
    if (!settled.ok) return settled;
    const sealed = sealCommit(this.#keys, this.#manifest, this.#versions, writes, this.#random, keyring);
    return this.#ask({ ...sealed, keys: null }, sealed.writes, writes);
  }

  /** A page at a time: what a peer makes grow without bound is not held at once, in the clear least of all. */
  async #reseal(keys: SealKeys, keyring: Uint8Array): Promise<Outcome> {
    const settled = await this.#settle();
    if (!settled.ok) return settled;
    const rewrite = this.#inner.rewrite ?? gathered(this.#inner);
    const outcome = await rewrite(async (disk) => {
      const changes = new Map<Table, Map<string, number | null>>();
      let manifest: Manifest = { counter: this.#manifest.counter, sums: new Map(), keyring };
      for (const [table, versions] of this.#versions) {
        const changed = new Map<string, number | null>();
        changes.set(table, changed);
        for (const page of inPages(versions.keys())) {
          const rows = await Promise.all(page.map((key) => this.#stored(table, key, disk.get)));
          const puts: Write[] = [];
          for (const [i, row] of rows.entries()) {
            if (!row.ok) return row;
            puts.push(put(table, page[i] ?? '', row.value));
          }
          const sealed = sealCommit(keys, manifest, new Map(), puts, this.#random);
          manifest = sealed.manifest;
          for (const key of page) changed.set(key, manifest.counter);
          disk.write(page.map((key) => remove(table, this.#keys.nameOf(table, key))));
          disk.write(sealed.writes);
        }
      }
      const last = sealCommit(keys, manifest, new Map(), [], this.#random, keyring);
      disk.write(last.writes);
      this.#inDoubt = { ...last, changes, keys };
      return ok(undefined);
    });
    if (!outcome.ok || this.#inDoubt === null) return outcome;
    this.#adopt(this.#inDoubt, []);
    this.#inDoubt = null;
    return outcome;
  }

  async #ask(asked: Asked, onDisk: readonly Write[], plain: readonly Write[]): Promise<Outcome> {
    this.#inDoubt = asked;
    const outcome = await this.#inner.commit(onDisk);
    if (!outcome.ok) return outcome;
    this.#adopt(asked, plain);
    this.#inDoubt = null;
    return outcome;
  }

  /** A commit that failed may have reached the disk all the same. The manifest on disk tells. */
  async #settle(): Promise<Outcome> {
    if (this.#inDoubt === null) return ok(undefined);
    const found = await this.#inner.get('meta', MANIFEST);
    if (!found.ok) return found;
    const { value } = found;
    if (value !== null && equalBytes(value, this.#inDoubt.manifestBytes)) this.#adopt(this.#inDoubt, null);
    else if (value === null || !equalBytes(value, this.#manifestBytes)) {
      // Whoever took the disk over may write it: then the disk says so, and nothing is corrupt.
      const held = await this.#inner.commit([]);
      return held.ok
        ? err({ code: 'corrupt', detail: 'somebody else wrote the manifest', table: 'meta' })
        : held;
    }
    this.#inDoubt = null;
    return ok(undefined);
  }

  /** `writes`: the plain ones; null when they are not at hand any more. */
  #adopt(sealed: Asked, writes: readonly Write[] | null): void {
    if (sealed.keys !== null && sealed.keys !== this.#keys) {
      this.#keys.wipe();
      this.#keys = sealed.keys;
    }
    this.#manifest = sealed.manifest;
    this.#manifestBytes = sealed.manifestBytes;
    for (const [table, rows] of sealed.changes) {
      const versions = this.#versions.get(table) ?? new Map<string, number>();
      this.#versions.set(table, versions);
      const ordered = this.#ordered.get(table);
      ordered?.remove([...rows].flatMap(([key, version]) => (version === null ? [key] : [])));
      for (const [key, version] of rows) {
        if (version !== null && !versions.has(key)) ordered?.add(key);
        if (version === null) versions.delete(key);
        else versions.set(key, version);
      }
      if (writes === null) this.#fresh.delete(table);
    }
    for (const write of writes ?? []) {
      const fresh = this.#fresh.get(write.table);
      if (write.op === 'put') fresh?.set(write.key, write.value.slice());
      else fresh?.delete(write.key);
    }
  }

  /** One that is there. */
  async #row(table: Table, key: string): Promise<Result<Uint8Array, StoreFailure>> {
    const fresh = this.#fresh.get(table)?.get(key);
    if (fresh !== undefined) return ok(fresh.slice());
    return this.#stored(table, key, this.#inner.get);
  }

  /** The same as the disk has it. */
  async #stored(table: Table, key: string, get: Store['get']): Promise<Result<Uint8Array, StoreFailure>> {
    const name = this.#keys.nameOf(table, key);
    const stored = await get(table, name);
    if (!stored.ok) return stored;
    if (stored.value === null)
      return err({ code: 'corrupt', detail: `${table} ${name}: it is missing`, table });
    const row = openRow(this.#keys, table, name, stored.value);
    if (!row.ok) return row;
    return row.value.version === this.#versions.get(table)?.get(key)
      ? ok(row.value.value)
      : err({ code: 'corrupt', detail: `${table} ${name}: it is of another time`, table });
  }

  #keysOf(table: Table): OrderedKeys {
    const known = this.#ordered.get(table);
    if (known !== undefined) return known;
    const keys = new OrderedKeys(this.#versions.get(table)?.keys() ?? []);
    this.#ordered.set(table, keys);
    return keys;
  }

  async #table(table: Table): Promise<Result<ReadonlyMap<string, Uint8Array>, StoreFailure>> {
    const fresh = this.#fresh.get(table);
    if (fresh !== undefined) return ok(sorted(fresh));
    const rows = new Map<string, Uint8Array>();
    const read = await readTable(this.#inner, this.#keys, this.#manifest, table, ({ key, value }) =>
      rows.set(key, value),
    );
    return read.ok ? ok(sorted(rows)) : read;
  }

  #reading<T>(read: () => Promise<Result<T, StoreFailure>>): Promise<Result<T, StoreFailure>> {
    return this.#inTurn(async () => {
      if (this.#closed) return err({ code: 'closed', detail: 'sealed store' });
      const settled = await this.#settle();
      return settled.ok ? read() : settled;
    });
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

const sorted = <T>(rows: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
  new Map([...rows].sort(([a], [b]) => (a < b ? -1 : 1)));

function* inPages(keys: Iterable<string>): Generator<readonly string[]> {
  let page: string[] = [];
  for (const key of keys) {
    page.push(key);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** As one commit, of a store that holds all in memory anyway. */
const gathered =
  ({ get, commit }: Store): Rewrite =>
  async (run) => {
    const all: Write[] = [];
    const ran = await run({ get, write: (writes) => all.push(...writes) });
    return ran.ok ? commit(all) : ran;
  };
