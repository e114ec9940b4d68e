import { equalBytes } from '../../base/bytes.ts';
import type { Random } from '../../base/ports.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Table } from '../../base/write.ts';
import { bytes } from '../../codec/bytes.ts';
import { enumOf } from '../../codec/choices.ts';
import { isFromLater } from '../../codec/decode-error.ts';
import { decode, encode } from '../../codec/field.ts';
import { varInt } from '../../codec/integers.ts';
import { record } from '../../codec/record.ts';
import { list } from '../../codec/sequences.ts';
import { struct } from '../../codec/struct.ts';
import { sha256 } from '../../crypto/hash.ts';
import { openXChaCha20Poly1305, sealXChaCha20Poly1305 } from '../../crypto/xchacha20.ts';
import type { StoreFailure } from '../store.ts';
import { TABLES } from '../tables.ts';
import { MARK_LENGTH, type SealKeys } from './seal-keys.ts';
import { SetSum } from './set-sum.ts';

/** What has to be on disk after a commit: rewritten, in the same transaction, by each of them. */
export type Manifest = {
  /** How many commits there were: the version of the records that the last of them wrote. */
  readonly counter: number;
  readonly sums: ReadonlyMap<Table, SetSum>;
  /** The keyring that belongs to it. */
  readonly keyring: Uint8Array;
};

const manifestRecord = record(1, {
  counter: varInt,
  keyringHash: bytes(32),
  tables: list(struct({ table: enumOf<Table>(TABLES), count: varInt, sum: bytes(MARK_LENGTH) })),
});

export function sealManifest(
  keys: SealKeys,
  { counter, sums, keyring }: Manifest,
  random: Random,
): Uint8Array {
  const tables = [...sums].map(([table, { count, sum }]) => ({ table, count, sum }));
  const plain = encode(manifestRecord, { counter, keyringHash: sha256(keyring), tables });
  return sealXChaCha20Poly1305(keys.seal, keys.manifestIdentity(), plain, random);
}

const damaged = (detail: string): { readonly ok: false; readonly error: StoreFailure } =>
  err({ code: 'corrupt', detail, table: 'meta' });

/** `keyring`: the one beside it on disk. */
export function openManifest(
  keys: SealKeys,
  sealed: Uint8Array | null,
  keyring: Uint8Array,
): Result<Manifest, StoreFailure> {
  if (sealed === null) return damaged('the manifest is missing');
  const plain = openXChaCha20Poly1305(keys.seal, keys.manifestIdentity(), sealed);
  if (plain === null) return damaged('the manifest was changed');
  const found = decode(manifestRecord, plain);
  if (!found.ok)
    return isFromLater(found.error.code)
      ? err({ code: 'newer-version', detail: 'the manifest' })
      : damaged(`the manifest: ${found.error.code}`);
  const { counter, keyringHash, tables } = found.value;
  if (!equalBytes(keyringHash, sha256(keyring))) return damaged('the keyring is not the one of this disk');
  return ok({
    counter,
    keyring,
    sums: new Map(tables.map(({ table, count, sum }) => [table, new SetSum(count, sum)])),
  });
}
