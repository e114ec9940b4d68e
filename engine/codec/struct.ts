import type { Field, Infer } from './field.ts';
import type { Reader } from './reader.ts';
import type { Shape } from './shape.ts';
import type { Writer } from './writer.ts';

export type Fields = { readonly [name: string]: Field<unknown> };

/** An intersection shown, and compared, as one object type. */
export type Simplify<T> = { [K in keyof T]: T[K] } & {};

export type InferFields<F extends Fields> = { readonly [K in keyof F]: Infer<F[K]> };

/** Fields one after another, in the order of their declaration. No version, no length. */
export function struct<F extends Fields>(fields: F): Field<Simplify<InferFields<F>>> {
  const entries = Object.entries(fields);
  return {
    shape: structShape(entries, {}),
    read: (reader) => {
      const target: Record<string, unknown> = {};
      readFields(reader, entries, target);
      return target as Simplify<InferFields<F>>;
    },
    write: (writer, value) => writeFields(writer, entries, value),
  };
}

export type FieldEntries = readonly (readonly [string, Field<unknown>])[];

export function readFields(reader: Reader, entries: FieldEntries, target: Record<string, unknown>): void {
  for (const [name, field] of entries) {
    reader.field = name;
    target[name] = field.read(reader);
  }
}

export function writeFields(
  writer: Writer,
  entries: FieldEntries,
  value: Readonly<Record<string, unknown>>,
): void {
  for (const [name, field] of entries) field.write(writer, value[name]);
}

export const structShape = (
  entries: FieldEntries,
  optional: Readonly<Record<string, Shape>>,
): Extract<Shape, { kind: 'struct' }> => ({
  kind: 'struct',
  required: Object.fromEntries(entries.map(([name, field]) => [name, field.shape])),
  optional,
});
