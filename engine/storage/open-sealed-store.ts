import type { Random } from '../base/ports.ts';
import { err, ok, type Result } from '../base/result.ts';
import { put, remove, type Table, type Write } from '../base/write.ts';
import type { Secret } from '../crypto/secret.ts';
import { openManifest } from './sealed/manifest.ts';
import { isReserved, KEYRING, MANIFEST } from './sealed/place.ts';
import { SealKeys } from './sealed/seal-keys.ts';
import { readTable } from './sealed/sealed-rows.ts';
import { sealCommit } from './sealed/sealed-state.ts';
import { SealedStore } from './sealed-store.ts';
import type { Store, StoreFailure } from './store.ts';
import { TABLES } from './tables.ts';

export type SealOptions = {
  /** 16 random bytes, drawn once for each disk. */
  readonly walletId: Uint8Array;
  /** 32 random bytes. Read here, not kept. */
  readonly dataKey: Secret;
  /** The wraps of the data key as keyring.ts writes them; stands beside the records, bound to them. */
  readonly keyring: Uint8Array;
  readonly random: Random;
};

type Rows = ReadonlyMap<Table, ReadonlyMap<string, Uint8Array>>;

/** The keyring of a sealed disk; null where nothing is sealed. */
export const readKeyring = (inner: Store): Promise<Result<Uint8Array | null, StoreFailure>> =>
  inner.get('meta', KEYRING);

/** Nobody loads these whole: what a peer makes grow without bound stays on the disk, and is read in pages. */
const PAGED: ReadonlySet<Table> = new Set<Table>(['monitor']);

/** Decrypts and checks all of a sealed disk. 'corrupt' names the table that is not as it was left. */
export async function openSealedStore(
  inner: Store,
  { walletId, dataKey, keyring, random }: SealOptions,
): Promise<Result<SealedStore, StoreFailure>> {
  const stored = await inner.get('meta', MANIFEST);
  if (!stored.ok) return err({ ...stored.error, table: 'meta' });
  const manifestBytes = stored.value;
  const keys = new SealKeys(walletId, dataKey);
  const manifest = openManifest(keys, manifestBytes, keyring);
  if (!manifest.ok || manifestBytes === null)
    return manifest.ok ? err({ code: 'corrupt', detail: 'no manifest', table: 'meta' }) : manifest;
  const versions = new Map<Table, Map<string, number>>();
  const fresh = new Map<Table, Map<string, Uint8Array>>();
  // All asked at once: the disk finds the next while one is decrypted, and a balance waits for it.
  const reads = await Promise.all(
    TABLES.map((table) => {
      const ofTable = new Map<string, number>();
      const values = new Map<string, Uint8Array>();
      versions.set(table, ofTable);
      if (!PAGED.has(table)) fresh.set(table, values);
      return readTable(inner, keys, manifest.value, table, ({ key, version, value }) => {
        ofTable.set(key, version);
        if (!PAGED.has(table)) values.set(key, value);
      });
    }),
  );
  for (const read of reads) if (!read.ok) return read;
  return ok(
    new SealedStore({ inner, keys, random, manifest: manifest.value, manifestBytes, versions, fresh }),
  );
}

/**
 * Seals a disk that is not sealed yet, in one transaction: an empty one, or one that an older version of this program
 * left in the clear, whose records stay what they are. `writes` come on top.
 */
export async function sealStore(
  inner: Store,
  { walletId, dataKey, keyring, random }: SealOptions,
  writes: readonly Write[] = [],
): Promise<Result<SealedStore, StoreFailure>> {
  const clear = await loadRows(inner);
  if (!clear.ok) return clear;
  if (
    [...(clear.value.get('meta') ?? new Map<string, Uint8Array>()).keys()].some((k) => isReserved('meta', k))
  )
    return err({ code: 'corrupt', detail: 'the disk is sealed already', table: 'meta' });
  const keys = new SealKeys(walletId, dataKey);
  const moved = [...clear.value].flatMap(([table, rows]) =>
    [...rows].map(([key, value]) => ({ table, key, value })),
  );
  const all = [...moved.map(({ table, key, value }) => put(table, key, value)), ...writes];
  const sealed = sealCommit(keys, { counter: 0, sums: new Map(), keyring }, new Map(), all, random, keyring);
  const cleared = moved.map(({ table, key }) => remove(table, key));
  const outcome = await inner.commit([...cleared, ...sealed.writes]);
  return outcome.ok ? openSealedStore(inner, { walletId, dataKey, keyring, random }) : outcome;
}

/** Puts a sealed store under another data key, with the keyring that leads to it: see `SealedStore.rekey`. */
export const rekeyStore = (
  store: SealedStore,
  { walletId, dataKey, keyring }: Omit<SealOptions, 'random'>,
): Promise<Result<void, StoreFailure>> => store.rekey(new SealKeys(walletId, dataKey), keyring);

async function loadRows(inner: Store): Promise<Result<Rows, StoreFailure>> {
  const loaded = await Promise.all(TABLES.map(async (table) => ({ table, rows: await inner.load(table) })));
  const all = new Map<Table, ReadonlyMap<string, Uint8Array>>();
  for (const { table, rows } of loaded) {
    if (!rows.ok) return err({ ...rows.error, table });
    all.set(table, rows.value);
  }
  return ok(all);
}
