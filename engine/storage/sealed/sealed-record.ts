import type { Random } from '../../base/ports.ts';
import { concatBytes } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Table } from '../../base/write.ts';
import { longBytes, utf8 } from '../../codec/bytes.ts';
import { build, encode, parse } from '../../codec/field.ts';
import { varInt } from '../../codec/integers.ts';
import { struct } from '../../codec/struct.ts';
import { openXChaCha20Poly1305, sealXChaCha20Poly1305 } from '../../crypto/xchacha20.ts';
import type { StoreFailure } from '../store.ts';
import type { SealKeys } from './seal-keys.ts';

/** Lengths on disk are known up to this many bytes. */
const PADDING = 32;

/** The version in the clear, then what is sealed: the row's key, its value, and zeros. */
const rowField = struct({ key: utf8, value: longBytes });

export type OpenedRow = { readonly key: string; readonly value: Uint8Array; readonly version: number };

export function sealRow(
  keys: SealKeys,
  row: OpenedRow & { readonly table: Table; readonly name: string },
  random: Random,
): Uint8Array {
  const plain = build((writer) => {
    rowField.write(writer, row);
    writer.bytes(new Uint8Array(-writer.length & (PADDING - 1)));
  });
  const identity = keys.identityOf(row.table, row.name, row.version);
  return concatBytes(encode(varInt, row.version), sealXChaCha20Poly1305(keys.seal, identity, plain, random));
}

export function openRow(
  keys: SealKeys,
  table: Table,
  name: string,
  stored: Uint8Array,
): Result<OpenedRow, StoreFailure> {
  const damaged = (what: string): Result<OpenedRow, StoreFailure> =>
    err({ code: 'corrupt', detail: `${table} ${name}: ${what}`, table });
  const split = parse(stored, (reader) => ({
    version: varInt.read(reader),
    sealed: reader.bytes(reader.remaining),
  }));
  if (!split.ok) return damaged(split.error.code);
  const { version, sealed } = split.value;
  const plain = openXChaCha20Poly1305(keys.seal, keys.identityOf(table, name, version), sealed);
  if (plain === null) return damaged('changed since it was written');
  const row = parse(plain, (reader) => {
    const read = rowField.read(reader);
    reader.bytes(reader.remaining);
    return read;
  });
  return row.ok ? ok({ ...row.value, version }) : damaged(row.error.code);
}
