import { equalBytes } from '../engine/base/bytes.ts';
import { err, ok, type Result } from '../engine/base/result.ts';
import { encodeUtf8 } from '../engine/base/utf8.ts';
import type { Write } from '../engine/base/write.ts';
import { hkdfSha256 } from '../engine/crypto/hash.ts';
import { Secret } from '../engine/crypto/secret.ts';
import { openXChaCha20Poly1305, sealXChaCha20Poly1305 } from '../engine/crypto/xchacha20.ts';
import type { LockChange, LockWays, NewLock, Unlock } from '../engine/node/lock-api.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import { systemClock } from '../engine/platform/system-clock.ts';
import { systemRandom } from '../engine/platform/system-random.ts';
import type { DeviceKeys } from '../engine/storage/device-key.ts';
import { decodeKeyring, encodeKeyring, type Keyring, type Wrap } from '../engine/storage/keyring.ts';
import { openWithDevice, type WrapContext } from '../engine/storage/key-wraps.ts';
import { openSealedStore, readKeyring, rekeyStore, sealStore } from '../engine/storage/open-sealed-store.ts';
import type { SealedStore } from '../engine/storage/sealed-store.ts';
import type { Store, StoreFailure } from '../engine/storage/store.ts';
import type { Aside } from './kept-log.ts';
import { keyFor, newWrap, wrapsAfter } from './vault-wraps.ts';

/** Where a wallet is kept: its disk, and the keys that the browser keeps beside it. */
export type Place = Store & { readonly deviceKeys: DeviceKeys };

/** A wallet's disk, unlocked. Holds the data key, for new wraps of it. */
export class Vault {
  readonly store: SealedStore;
  readonly #place: Place;
  #dataKey: Secret;
  #keyring: Keyring;
  /** What the disk may have: a change of the key that failed, and nobody looked since. */
  #inDoubt: { readonly keyring: Keyring; readonly dataKey: Secret } | null = null;

  constructor(place: Place, store: SealedStore, dataKey: Secret, keyring: Keyring) {
    this.#place = place;
    this.store = store;
    this.#dataKey = dataKey;
    this.#keyring = keyring;
  }

  get ways(): LockWays {
    return waysOf(this.#keyring);
  }

  /** For what stands in a database of its own, and no more than what is in this one may be read by others. */
  aside(what: string): Aside {
    const identity = encodeUtf8(`leyden aside 1: ${what}`);
    const { walletId } = this.#keyring;
    const withKey = <T>(run: (key: Uint8Array) => T): T => {
      // Of the data key of the moment: it is another one after the first lock.
      const key = hkdfSha256(walletId, this.#dataKey.expose(), identity, 32);
      try {
        return run(key);
      } finally {
        key.fill(0);
      }
    };
    return {
      seal: (bytes) => withKey((key) => sealXChaCha20Poly1305(key, identity, bytes, systemRandom)),
      open: (bytes) => withKey((key) => openXChaCha20Poly1305(key, identity, bytes)),
    };
  }

  async save(writes: readonly Write[]): Promise<Result<void, Refusal>> {
    const saved = await this.store.commit(writes);
    return saved.ok ? saved : err(refusalOf(saved.error));
  }

  /** Whether `by` would open it. */
  async verify(by: Unlock): Promise<Result<void, Refusal>> {
    const settled = await this.#settle();
    if (!settled.ok) return settled;
    const key = await keyFor(this.#keyring, by);
    if (!key.ok) return key;
    const same = equalBytes(key.value.expose(), this.#dataKey.expose());
    key.value.wipe();
    return same ? ok(undefined) : err(refusalOf({ code: 'corrupt', detail: 'another key', table: 'meta' }));
  }

  /** Wraps the key otherwise. The way that led to it before is gone once this is ok, but for copies of the old disk. */
  async change(change: LockChange): Promise<Result<void, Refusal>> {
    const settled = await this.#settle();
    if (!settled.ok) return settled;
    const before = this.#keyring;
    const { walletId } = before;
    // Until now whoever had a copy of the browser's profile had the key: what a lock is to keep is put under another.
    const isFirstLock = !hasLock(waysOf(before)) && change.tag !== 'remove-all';
    const dataKey = isFirstLock ? drawKey() : this.#dataKey;
    const wraps = await wrapsAfter(before.wraps, change, dataKey, context(walletId), this.#place.deviceKeys);
    if (!wraps.ok) return wraps;
    const keyring = { walletId, wraps: wraps.value };
    const stored = encodeKeyring(keyring);
    const saved = isFirstLock
      ? await rekeyStore(this.store, { walletId, dataKey, keyring: stored })
      : await this.store.replaceKeyring(stored);
    if (!saved.ok) {
      this.#inDoubt = { keyring, dataKey };
      return err(refusalOf(saved.error));
    }
    this.#adopt(keyring, dataKey);
    await forgetUnused(this.#place.deviceKeys, before.wraps, keyring.wraps);
    return ok(undefined);
  }

  #adopt(keyring: Keyring, dataKey: Secret): void {
    if (dataKey !== this.#dataKey) this.#dataKey.wipe();
    this.#dataKey = dataKey;
    this.#keyring = keyring;
  }

  /** A change that failed may have reached the disk all the same: the next thing done with the key asks. */
  async #settle(): Promise<Result<void, Refusal>> {
    if (this.#inDoubt === null) return ok(undefined);
    const looked = await this.store.commit([]);
    if (!looked.ok) return err(refusalOf(looked.error));
    const { keyring, dataKey } = this.#inDoubt;
    if (equalBytes(this.store.keyring, encodeKeyring(keyring))) this.#adopt(keyring, dataKey);
    this.#inDoubt = null;
    return ok(undefined);
  }

  /** For who opens it again, once its disk is there again; theirs to wipe. */
  copyKey(): Secret {
    return new Secret(this.#dataKey.expose());
  }

  async close(): Promise<void> {
    await this.store.close();
    this.#dataKey.wipe();
  }
}

export const waysOf = ({ wraps }: Keyring): LockWays => ({
  passphrase: wraps.some(({ kind }) => kind === 'passphrase'),
  passkeys: wraps.flatMap((wrap) =>
    wrap.kind === 'passkey'
      ? [
          {
            credentialId: wrap.credentialId,
            prfSalt: wrap.prfSalt,
            label: wrap.label,
            createdAt: wrap.createdAt,
          },
        ]
      : [],
  ),
});

export const hasLock = ({ passphrase, passkeys }: LockWays): boolean => passphrase || passkeys.length > 0;

/** Seals a disk that is empty or in the clear, under a new key. `writes` come with it, in the same transaction. */
export async function makeVault(
  place: Place,
  lock: NewLock,
  writes: readonly Write[],
): Promise<Result<Vault, Refusal>> {
  const walletId = systemRandom(16);
  const dataKey = drawKey();
  const wrap = await newWrap(lock, dataKey, context(walletId), place.deviceKeys);
  if (!wrap.ok) return wrap;
  const keyring: Keyring = { walletId, wraps: [wrap.value] };
  const store = await sealStore(
    place,
    { walletId, dataKey, keyring: encodeKeyring(keyring), random: systemRandom },
    writes,
  );
  // The browser's key stays where this failed: the disk may have the commit all the same, and nothing else would open it.
  return store.ok ? ok(new Vault(place, store.value, dataKey, keyring)) : err(refusalOf(store.error));
}

/** What a sealed disk says about itself before it is opened. */
export type FoundKeyring = {
  readonly keyring: Keyring;
  /** As it stands on disk. */
  readonly stored: Uint8Array;
};

/** Null: nothing is sealed there. */
export async function findKeyring(place: Place): Promise<Result<FoundKeyring | null, StoreFailure>> {
  const stored = await readKeyring(place);
  if (!stored.ok) return stored;
  if (stored.value === null) return ok(null);
  const keyring = decodeKeyring(stored.value);
  return keyring.ok ? ok({ keyring: keyring.value, stored: stored.value }) : keyring;
}

/** `by`: null where the browser's own key opens it; the key itself is copied. */
export async function openVault(
  place: Place,
  { keyring, stored }: FoundKeyring,
  by: Unlock | Secret | null,
): Promise<Result<Vault, Refusal>> {
  const key =
    by === null
      ? await keyOfDevice(place, keyring)
      : by instanceof Secret
        ? ok(new Secret(by.expose()))
        : await keyFor(keyring, by);
  if (!key.ok) return key;
  const { walletId } = keyring;
  const store = await openSealedStore(place, {
    walletId,
    dataKey: key.value,
    keyring: stored,
    random: systemRandom,
  });
  return store.ok ? ok(new Vault(place, store.value, key.value, keyring)) : err(refusalOf(store.error));
}

async function keyOfDevice(place: Place, keyring: Keyring): Promise<Result<Secret, Refusal>> {
  for (const wrap of keyring.wraps) {
    if (wrap.kind !== 'device') continue;
    const key = await openWithDevice(wrap, place.deviceKeys, keyring.walletId);
    if (key !== null) return ok(key);
  }
  const detail = 'the browser does not have the key of this disk any more';
  return err({ code: 'storage-corrupt', table: 'device-keys', detail });
}

/** Keys of the browser that open nothing any more. One that stays behind does no harm. */
async function forgetUnused(keys: DeviceKeys, before: readonly Wrap[], now: readonly Wrap[]): Promise<void> {
  for (const wrap of before)
    if (wrap.kind === 'device' && !now.includes(wrap)) await keys.forget(wrap.keyName).catch(() => undefined);
}

function drawKey(): Secret {
  const drawn = systemRandom(32);
  const key = new Secret(drawn);
  drawn.fill(0);
  return key;
}

const context = (walletId: Uint8Array): WrapContext => ({
  walletId,
  random: systemRandom,
  now: systemClock.now(),
});

export function refusalOf({ code, detail, table }: StoreFailure): Refusal {
  switch (code) {
    case 'newer-version':
      return { code: 'storage-too-new', found: 0, known: 0 };
    case 'corrupt':
      return { code: 'storage-corrupt', table: table ?? 'unknown', detail };
    case 'quota':
      return { code: 'storage-full', detail };
    case 'blocked':
    case 'lost':
      return { code: `storage-${code}`, detail };
    default:
      return { code: 'storage-failed', detail };
  }
}
