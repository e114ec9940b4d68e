import { assert } from '../base/assert.ts';
import type { Field } from './field.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

const U64_MAX = 0xffff_ffff_ffff_ffffn;

export const u8: Field<number> = {
  shape: { kind: 'number', min: 0, max: 0xff },
  read: (reader) => reader.u8(),
  write: (writer, value) => writer.u8(value),
};
export const u16: Field<number> = {
  shape: { kind: 'number', min: 0, max: 0xffff },
  read: (reader) => reader.u16(),
  write: (writer, value) => writer.u16(value),
};
export const u32: Field<number> = {
  shape: { kind: 'number', min: 0, max: 0xffff_ffff },
  read: (reader) => reader.u32(),
  write: (writer, value) => writer.u32(value),
};
export const u64: Field<bigint> = {
  shape: { kind: 'bigint', min: 0n, max: U64_MAX },
  read: (reader) => reader.u64(),
  write: (writer, value) => writer.u64(value),
};
/** Two's complement. */
export const s64: Field<bigint> = {
  shape: { kind: 'bigint', min: -(1n << 63n), max: (1n << 63n) - 1n },
  read: (reader) => reader.s64(),
  write: (writer, value) => writer.s64(value),
};

export const bigsize: Field<bigint> = {
  shape: { kind: 'bigint', min: 0n, max: U64_MAX },
  read: (reader) => reader.bigsize(),
  write: (writer, value) => writer.bigsize(value),
};
/** A bigsize up to 2^53 − 1, as a number: counters and heights of our own records. */
export const varInt: Field<number> = {
  shape: { kind: 'number', min: 0, max: Number.MAX_SAFE_INTEGER },
  read: (reader) => {
    const value = reader.bigsize();
    return value > Number.MAX_SAFE_INTEGER ? reader.fail('out-of-range') : Number(value);
  },
  write: (writer, value) => {
    assert(Number.isSafeInteger(value) && value >= 0, 'not a whole number');
    writer.bigsize(value);
  },
};

// BOLT 1 §Fundamental Types: "For the final value in TLV records, truncated integers may be used. Leading zeros in
// truncated integers MUST be omitted"
function readTruncated(reader: Reader, maxBytes: number): bigint {
  const length = reader.remaining;
  if (length > maxBytes) reader.fail('trailing');
  let value = 0n;
  for (let i = 0; i < length; i++) {
    const byte = reader.u8();
    if (i === 0 && byte === 0) reader.fail('not-minimal');
    value = (value << 8n) | BigInt(byte);
  }
  return value;
}

function writeTruncated(writer: Writer, value: bigint, maxBytes: number): void {
  assert(value >= 0n && value >> BigInt(8 * maxBytes) === 0n, 'value too large to truncate');
  let length = 0;
  while (value >> BigInt(8 * length) !== 0n) length++;
  for (let i = length - 1; i >= 0; i--) writer.u8(Number((value >> BigInt(8 * i)) & 0xffn));
}

export const tu64: Field<bigint> = {
  shape: { kind: 'bigint', min: 0n, max: U64_MAX },
  read: (reader) => readTruncated(reader, 8),
  write: (writer, value) => writeTruncated(writer, value, 8),
};
export const tu32: Field<number> = {
  shape: { kind: 'number', min: 0, max: 0xffff_ffff },
  read: (reader) => Number(readTruncated(reader, 4)),
  write: (writer, value) => writeTruncated(writer, BigInt(value), 4),
};
export const tu16: Field<number> = {
  shape: { kind: 'number', min: 0, max: 0xffff },
  read: (reader) => Number(readTruncated(reader, 2)),
  write: (writer, value) => writeTruncated(writer, BigInt(value), 2),
};
