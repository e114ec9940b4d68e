import { assert } from '../base/assert.ts';
import type { Field, Infer } from './field.ts';
import type { Shape } from './shape.ts';
import type { Simplify } from './struct.ts';

export type Variant<T extends object> = { readonly number: number; readonly field: Field<T> };
export type Variants = { readonly [name: string]: Variant<object> };

export type InferUnion<Tag extends string, V extends Variants> = {
  [K in keyof V & string]: Simplify<{ readonly [P in Tag]: K } & Infer<V[K]['field']>>;
}[keyof V & string];

/** One case of a union. `number` is what stands on disk: never reused for another case. */
export const variant = <T extends object>(number: number, field: Field<T>): Variant<T> => ({ number, field });

/**
 * One of several structs or records, told apart by the property `tag`: `union('phase', { normal: variant(3, …) })`. For our
 * own records: a number that is not known here is a case that a later program added.
 */
export function union<Tag extends string, V extends Variants>(
  tag: Tag,
  variants: V,
): Field<InferUnion<Tag, V>> {
  const entries = Object.entries(variants);
  const byName = new Map<unknown, Variant<object>>(entries);
  const byNumber = new Map(entries.map(([name, { number, field }]) => [number, { name, field }]));
  assert(byNumber.size === entries.length, 'two variants of one number');
  const cases: Record<string, Shape> = Object.fromEntries(
    entries.map(([name, { field }]) => [name, field.shape]),
  );
  return {
    shape: { kind: 'union', tag, cases },
    read: (reader) => {
      const found = byNumber.get(reader.u8()) ?? reader.fail('newer-version');
      return { [tag]: found.name, ...found.field.read(reader) } as InferUnion<Tag, V>;
    },
    write: (writer, value) => {
      const chosen = byName.get((value as Readonly<Record<string, unknown>>)[tag]);
      assert(chosen !== undefined, 'not a case of this union');
      writer.u8(chosen.number);
      chosen.field.write(writer, value);
    },
  };
}
