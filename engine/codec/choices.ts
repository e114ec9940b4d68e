import { assert } from '../base/assert.ts';
import type { Field, Present } from './field.ts';

/** One byte, 0 or 1. */
export const bool: Field<boolean> = {
  shape: { kind: 'bool' },
  read: (reader) => {
    const byte = reader.u8();
    return byte > 1 ? reader.fail('invalid') : byte === 1;
  },
  write: (writer, value) => writer.u8(value ? 1 : 0),
};

/** No bytes: for a TLV record whose presence is its meaning. */
export const flag: Field<true> = {
  shape: { kind: 'flag' },
  read: () => true,
  write: () => {},
};

/** One byte, then the value if there is one. */
export const option = <T extends Present>(of: Field<T>): Field<T | null> => ({
  shape: { kind: 'option', of: of.shape },
  read: (reader) => (bool.read(reader) ? of.read(reader) : null),
  write: (writer, value) => {
    bool.write(writer, value !== null);
    if (value !== null) of.write(writer, value);
  },
});

/** One byte: the position in `values`. For our own records, so names are only ever appended, by a later program too. */
export function enumOf<const T extends string>(values: readonly T[]): Field<T> {
  return {
    shape: { kind: 'enum', values },
    read: (reader) => values[reader.u8()] ?? reader.fail('newer-version'),
    write: (writer, value) => {
      const index = values.indexOf(value);
      assert(index >= 0, 'not a value of this enumeration');
      writer.u8(index);
    },
  };
}
