import { assert } from '../base/assert.ts';
import type { Field } from './field.ts';
import type { Shape } from './shape.ts';
import {
  readFields,
  structShape,
  writeFields,
  type Fields,
  type InferFields,
  type Simplify,
} from './struct.ts';
import type { TlvStream } from './tlv.ts';

/** A message of the wire, without its two type bytes: a field whose values carry the message's `name`. */
export type Message<Name extends string, T, Meta> = Field<Simplify<{ readonly name: Name } & T>> & {
  readonly type: number;
  readonly name: Name;
  readonly meta: Meta;
  readonly shape: Extract<Shape, { kind: 'struct' }>;
};

/** `fields` in order, then the extension of BOLT 1: a TLV stream to the end of the message. */
export function message<const Name extends string, F extends Fields, X, const Meta>(
  type: number,
  name: Name,
  fields: F,
  extension: TlvStream<X>,
  meta: Meta,
): Message<Name, InferFields<F> & X, Meta> {
  const entries = Object.entries(fields);
  for (const field of Object.keys(fields))
    assert(!(field in extension.shape.optional), 'two fields of one name');
  return {
    type,
    name,
    meta,
    shape: { ...structShape(entries, extension.shape.optional), name },
    read: (reader) => {
      const target: Record<string, unknown> = { name };
      readFields(reader, entries, target);
      extension.readInto(reader, target);
      return target as Simplify<{ readonly name: Name } & InferFields<F> & X>;
    },
    write: (writer, value: Readonly<Record<string, unknown>>) => {
      writeFields(writer, entries, value);
      extension.write(writer, value as X);
    },
  };
}
