import { assert } from '../base/assert.ts';
import type { Field } from './field.ts';
import type { Reader } from './reader.ts';

/** Elements must take at least one byte each, so that a short input cannot ask for a long list. */
function readCounted<T>(reader: Reader, of: Field<T>, count: number): T[] {
  if (count > reader.remaining) reader.fail('truncated');
  const values: T[] = [];
  for (let i = 0; i < count; i++) values.push(of.read(reader));
  return values;
}

/** A bigsize count, then the elements: for our own records. */
export const list = <T>(of: Field<T>): Field<readonly T[]> => ({
  shape: { kind: 'list', of: of.shape, min: 0, max: Infinity },
  read: (reader) => readCounted(reader, of, reader.size()),
  write: (writer, values) => {
    writer.bigsize(values.length);
    for (const value of values) of.write(writer, value);
  },
});

/** A u16 count, then the elements: BOLT 2's `num_htlcs`. */
export const list16 = <T>(of: Field<T>): Field<readonly T[]> => ({
  shape: { kind: 'list', of: of.shape, min: 0, max: 0xffff },
  read: (reader) => readCounted(reader, of, reader.u16()),
  write: (writer, values) => {
    writer.u16(values.length);
    for (const value of values) of.write(writer, value);
  },
});

/** Exactly `count` elements. */
export const tuple = <T>(count: number, of: Field<T>): Field<readonly T[]> => ({
  shape: { kind: 'list', of: of.shape, min: count, max: count },
  read: (reader) => readCounted(reader, of, count),
  write: (writer, values) => {
    assert(values.length === count, `not ${count} elements`);
    for (const value of values) of.write(writer, value);
  },
});

/** Elements to the end of the message, or of the TLV record. */
export const restList = <T>(of: Field<T>): Field<readonly T[]> => ({
  shape: { kind: 'list', of: of.shape, min: 0, max: Infinity },
  read: (reader) => {
    const values: T[] = [];
    while (reader.remaining > 0) values.push(of.read(reader));
    return values;
  },
  write: (writer, values) => {
    for (const value of values) of.write(writer, value);
  },
});

/** Entries keep their order. For our own records. */
export const map = <K extends string | number | bigint, V>(
  key: Field<K>,
  value: Field<V>,
): Field<ReadonlyMap<K, V>> => ({
  shape: { kind: 'map', key: key.shape, value: value.shape },
  read: (reader) => {
    const entries = new Map<K, V>();
    const count = reader.size();
    for (let i = 0; i < count; i++) entries.set(key.read(reader), value.read(reader));
    return entries.size === count ? entries : reader.fail('invalid');
  },
  write: (writer, entries) => {
    writer.bigsize(entries.size);
    for (const [k, v] of entries) {
      key.write(writer, k);
      value.write(writer, v);
    }
  },
});

/** Any field behind its own length as a bigsize, for what reads to its end (`tlvs`, `rest…`) inside something else. */
export const sized = <T>(of: Field<T>): Field<T> => ({
  shape: of.shape,
  read: (reader) => reader.within(reader.size(), (inner) => of.read(inner)),
  write: (writer, value) => writer.sized(() => of.write(writer, value)),
});
