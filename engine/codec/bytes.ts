import { assert } from '../base/assert.ts';
import type { Point } from '../base/ids.ts';
import { decodeUtf8, encodeUtf8 } from '../base/utf8.ts';
import type { Field } from './field.ts';
import type { Show } from './shape.ts';

/** Exactly `length` bytes. */
export function bytes(length: number, show: Show = 'whole'): Field<Uint8Array> {
  return {
    shape: { kind: 'bytes', min: length, max: length, show },
    read: (reader) => reader.bytes(length),
    write: (writer, value) => {
      assert(value.length === length, `not ${length} bytes`);
      writer.bytes(value);
    },
  };
}

/** Exactly `length` bytes that are never printed: preimages, commitment secrets. */
export const secretBytes = (length: number): Field<Uint8Array> => bytes(length, 'never');

/** Bytes behind a u16 length, as BOLT 2 and 7 have them. */
export const varBytes: Field<Uint8Array> = {
  shape: { kind: 'bytes', min: 0, max: 0xffff, show: 'whole' },
  read: (reader) => reader.bytes(reader.u16()),
  write: (writer, value) => {
    writer.u16(value.length);
    writer.bytes(value);
  },
};

/** Bytes behind a bigsize length: for our own records. */
export const longBytes: Field<Uint8Array> = {
  shape: { kind: 'bytes', min: 0, max: Infinity, show: 'whole' },
  read: (reader) => reader.bytes(reader.size()),
  write: (writer, value) => {
    writer.bigsize(value.length);
    writer.bytes(value);
  },
};

/** `...*byte`: all that is left of the message, or of the TLV record. */
export const restBytes: Field<Uint8Array> = {
  shape: { kind: 'bytes', min: 0, max: Infinity, show: 'whole' },
  read: (reader) => reader.bytes(reader.remaining),
  write: (writer, value) => writer.bytes(value),
};

/** A compressed point. The first byte is checked, not that it lies on the curve: crypto does that at use. */
export const point: Field<Point> = {
  shape: { kind: 'point' },
  read: (reader) => {
    const value = reader.bytes(33);
    return value[0] === 2 || value[0] === 3 ? value : reader.fail('invalid');
  },
  write: (writer, value) => {
    assert(value.length === 33 && (value[0] === 2 || value[0] === 3), 'not a compressed point');
    writer.bytes(value);
  },
};

/** 64 bytes, r then s; not checked further. */
export const signature: Field<Uint8Array> = bytes(64);

/** Text behind a bigsize length: for our own records. */
export const utf8: Field<string> = {
  shape: { kind: 'utf8', maxBytes: Infinity },
  read: (reader) => decodeUtf8(reader.bytes(reader.size())) ?? reader.fail('invalid'),
  write: (writer, value) => longBytes.write(writer, encodeUtf8(value)),
};

/** Text to the end of the TLV record. */
export const restUtf8: Field<string> = {
  shape: { kind: 'utf8', maxBytes: Infinity },
  read: (reader) => decodeUtf8(reader.bytes(reader.remaining)) ?? reader.fail('invalid'),
  write: (writer, value) => writer.bytes(encodeUtf8(value)),
};
