import { assert } from '../base/assert.ts';
import type { Random } from '../base/ports.ts';
import type { Result } from '../base/result.ts';
import { Secret } from '../crypto/secret.ts';
import type { Snapshot } from '../storage/memory-store.ts';
import { MemoryStore } from '../storage/memory-store.ts';
import { openSealedStore, sealStore, type SealOptions } from '../storage/open-sealed-store.ts';
import type { SealedStore } from '../storage/sealed-store.ts';
import type { Store, StoreFailure } from '../storage/store.ts';

/** Bytes that never repeat and are the same in each run. */
export function countedRandom(): Random {
  let drawn = 0;
  return (length) => {
    drawn += 1;
    const bytes = new Uint8Array(length);
    new DataView(bytes.buffer).setUint32(0, drawn);
    return bytes;
  };
}

export const sealOptions = (random: Random = countedRandom()): SealOptions => ({
  walletId: new Uint8Array(16).fill(1),
  dataKey: new Secret(new Uint8Array(32).fill(2)),
  keyring: Uint8Array.of(3, 3, 3),
  random,
});

/** An empty disk, sealed. */
export async function newSealedStore(inner: Store): Promise<SealedStore> {
  const sealed = await sealStore(inner, sealOptions());
  assert(sealed.ok, 'an empty disk can be sealed');
  return sealed.value;
}

export const openSnapshot = (snapshot: Snapshot): Promise<Result<SealedStore, StoreFailure>> =>
  openSealedStore(new MemoryStore(snapshot), sealOptions());
