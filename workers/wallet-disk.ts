import { err, ok, type Result } from '../engine/base/result.ts';
import { isFromLater } from '../engine/codec/decode-error.ts';
import { decode } from '../engine/codec/field.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import type { UnreadableCode, WalletState } from '../engine/node/service-api.ts';
import { deleteIndexedDbCells } from '../engine/platform/indexeddb-cell.ts';
import { deleteIndexedDbGraphCache } from '../engine/platform/indexeddb-graph-cache.ts';
import { deleteIndexedDbStore } from '../engine/platform/indexeddb-store.ts';
import { TABLES } from '../engine/storage/tables.ts';
import type { Wallet } from './open-wallet.ts';
import { findKeyring, refusalOf, type FoundKeyring, type Place, type Vault } from './vault.ts';
import { IDENTITY_KEY, identityRecord, type Identity } from './wallet-identity.ts';

export const DATABASE = 'leyden';

/** What is on a device's disk, before anything of it is decrypted. */
export type Look =
  | { readonly tag: 'none' }
  /** A wallet of a version that did not encrypt. */
  | { readonly tag: 'clear' }
  | { readonly tag: 'sealed'; readonly found: FoundKeyring }
  | { readonly tag: 'unreadable'; readonly refusal: Refusal };

/** Nothing is "none" but a disk without a single record: what cannot be made sense of is a damaged wallet. */
export async function lookAt(place: Place): Promise<Look> {
  const found = await findKeyring(place);
  if (!found.ok) return { tag: 'unreadable', refusal: refusalOf(found.error) };
  if (found.value !== null) return { tag: 'sealed', found: found.value };
  const stored = await place.get('meta', IDENTITY_KEY);
  if (!stored.ok) return { tag: 'unreadable', refusal: refusalOf(stored.error) };
  if (stored.value !== null) {
    const identity = decode(identityRecord, stored.value);
    if (identity.ok) return { tag: 'clear' };
    return isFromLater(identity.error.code)
      ? { tag: 'unreadable', refusal: { code: 'storage-too-new', found: 0, known: 0 } }
      : damaged('the wallet’s own record');
  }
  for (const table of TABLES) {
    const rows = await place.scan(table, { limit: 1 });
    if (!rows.ok) return { tag: 'unreadable', refusal: refusalOf(rows.error) };
    if (rows.value.length > 0) return damaged('the wallet’s own record is missing');
  }
  return { tag: 'none' };
}

const damaged = (detail: string): Look => ({
  tag: 'unreadable',
  refusal: { code: 'storage-corrupt', table: 'meta', detail },
});

/** Whose wallet it is, once the disk is unlocked. */
export async function identityOf({ store }: Vault): Promise<Result<Identity, Refusal>> {
  const stored = await store.get('meta', IDENTITY_KEY);
  if (!stored.ok) return err(refusalOf(stored.error));
  const identity = stored.value === null ? null : decode(identityRecord, stored.value);
  if (identity?.ok === true) return ok(identity.value);
  const detail = identity === null ? 'the wallet’s own record is missing' : 'the wallet’s own record';
  return err(
    identity !== null && isFromLater(identity.error.code)
      ? { code: 'storage-too-new', found: 0, known: 0 }
      : { code: 'storage-corrupt', table: 'meta', detail },
  );
}

/** What is told of a wallet that runs. */
export const runningState = (
  { identity, idleMinutes, serversTrouble, hidden }: Wallet,
  { ways }: Vault,
): WalletState =>
  hidden
    ? { tag: 'locked', ways, running: true }
    : {
        tag: 'open',
        network: identity.network,
        createdAt: identity.createdAt,
        wordsConfirmed: identity.wordsConfirmed,
        lock: ways,
        idleMinutes,
        serversTrouble,
      };

/** Everything of this wallet on this device. */
export async function removeDisk(): Promise<Result<void, Refusal>> {
  // What it held is public: where it cannot be removed, that is no reason to keep the rest.
  deleteIndexedDbGraphCache().catch(() => undefined);
  await deleteIndexedDbCells('leyden-log').catch(() => undefined);
  const deleted = await deleteIndexedDbStore(DATABASE);
  return deleted.ok ? deleted : err(refusalOf(deleted.error));
}

const CODES: Readonly<Record<UnreadableCode, true>> = {
  'storage-failed': true,
  'storage-full': true,
  'storage-blocked': true,
  'storage-lost': true,
  'storage-too-new': true,
  'storage-corrupt': true,
};
const isUnreadable = (code: Refusal['code']): code is UnreadableCode => Object.hasOwn(CODES, code);

export const unreadable = (refusal: Refusal): WalletState => ({
  tag: 'unreadable',
  code: isUnreadable(refusal.code) ? refusal.code : 'storage-failed',
  detail: 'detail' in refusal ? refusal.detail : refusal.code,
});
