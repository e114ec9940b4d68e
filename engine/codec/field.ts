import { assert } from '../base/assert.ts';
import { err, ok, type Result } from '../base/result.ts';
import { DecodeFault, type DecodeError } from './decode-error.ts';
import { Reader } from './reader.ts';
import type { Shape, Show } from './shape.ts';
import { Writer } from './writer.ts';

/** One kind of value, declared once: how it looks, how it is read, how it is written. */
export type Field<T> = {
  readonly shape: Shape;
  read(reader: Reader): T;
  /** @throws {Bug} for a value that this encoding cannot hold. */
  write(writer: Writer, value: T): void;
};

/** Anything but null and undefined. */
export type Present = object | string | number | bigint | boolean;

/** The type of the values of a field, message or record. */
export type Infer<F> = F extends Field<infer T> ? T : never;

/** Reads by hand. `read` must consume all of `bytes`; nothing but a Bug is ever thrown. */
export function parse<T>(bytes: Uint8Array, read: (reader: Reader) => T): Result<T, DecodeError> {
  const reader = new Reader(bytes);
  try {
    const value = read(reader);
    reader.expectEnd();
    return ok(value);
  } catch (thrown) {
    if (thrown instanceof DecodeFault) return err(thrown.error);
    throw thrown;
  }
}

/** The value that all of `bytes` stand for. Never throws, whatever the bytes are. */
export const decode = <T>(field: Field<T>, bytes: Uint8Array): Result<T, DecodeError> =>
  parse(bytes, (reader) => field.read(reader));

let idle: Writer | null = null;

/** Writes by hand. */
export function build(write: (writer: Writer) => void): Uint8Array {
  // One buffer serves all encodings but those that happen inside another.
  const writer = idle ?? new Writer();
  idle = null;
  write(writer);
  const bytes = writer.finish();
  idle = writer;
  return bytes;
}

export const encode = <T>(field: Field<T>, value: T): Uint8Array =>
  build((writer) => field.write(writer, value));

/** A value kept in another form than it is read and written in. `from` answers null for what stands for nothing. */
export function mapped<Raw, T extends Present>(
  inner: Field<Raw>,
  from: (raw: Raw) => T | null,
  to: (value: T) => Raw,
  show: Show = 'whole',
): Field<T> {
  return {
    // The shape is data without types; a value made from `inner.shape` is a Raw.
    shape: { kind: 'mapped', of: inner.shape, map: from as (raw: unknown) => unknown, show },
    read: (reader) => from(inner.read(reader)) ?? reader.fail('invalid'),
    write: (writer, value) => inner.write(writer, to(value)),
  };
}

/** Refuses, on both ways, what `accepts` refuses. */
export function limited<T extends Present>(
  inner: Field<T>,
  accepts: (value: T) => boolean,
  shape: Shape,
): Field<T> {
  return {
    shape,
    read: (reader) => {
      const value = inner.read(reader);
      return accepts(value) ? value : reader.fail('out-of-range');
    },
    write: (writer, value) => {
      assert(accepts(value), 'value outside its field');
      inner.write(writer, value);
    },
  };
}
