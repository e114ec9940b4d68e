import { assert } from '../base/assert.ts';
import type { Field } from './field.ts';
import {
  readFields,
  structShape,
  writeFields,
  type Fields,
  type InferFields,
  type Simplify,
} from './struct.ts';
import { tlvs, type TlvStream } from './tlv.ts';

/**
 * What we keep on disk: a version byte, the fields in order, then optional values as a sized TLV stream. It knows its
 * own end, so records nest.
 *
 * Adding a TLV needs no new version: an older program refuses an even one, and drops an odd one when it writes the
 * record again. Any other change does: the version rises, and `older` tells how to read
 * each former version as a value of today (usually `mapped` over its declaration). Reading a version that is neither
 * fails as 'newer-version'.
 */
export function record<F extends Fields, X = unknown>(
  version: number,
  fields: F,
  optional?: TlvStream<X>,
  older: Readonly<Record<number, Field<Simplify<InferFields<F> & X>>>> = {},
): Field<Simplify<InferFields<F> & X>> {
  const entries = Object.entries(fields);
  const stream: TlvStream<unknown> = optional ?? tlvs({});
  for (const name of Object.keys(fields)) assert(!(name in stream.shape.optional), 'two fields of one name');
  return {
    shape: structShape(entries, stream.shape.optional),
    read: (reader) => {
      reader.field = 'version';
      const found = reader.u8();
      if (found !== version) return (older[found] ?? reader.fail('newer-version')).read(reader);
      const target: Record<string, unknown> = {};
      readFields(reader, entries, target);
      reader.within(reader.size(), (inner) => stream.readInto(inner, target));
      return target as Simplify<InferFields<F> & X>;
    },
    write: (writer, value) => {
      writer.u8(version);
      writeFields(writer, entries, value);
      writer.sized(() => stream.write(writer, value));
    },
  };
}
