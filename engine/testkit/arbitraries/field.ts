import * as fc from 'fast-check';
import { unreachable } from '../../base/assert.ts';
import { toHex } from '../../base/bytes.ts';
import type { Field } from '../../codec/field.ts';
import type { Shape } from '../../codec/shape.ts';

/** Values of a declared field, message or record, made from its shape alone. */
export const valuesOf = <T>(field: Field<T>): fc.Arbitrary<T> => ofShape(field.shape) as fc.Arbitrary<T>;

const MOST_BYTES = 80;
const MOST_ELEMENTS = 4;

function ofShape(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'number':
      return fc.integer({ min: shape.min, max: shape.max });
    case 'bigint':
      return fc.bigInt({ min: shape.min, max: shape.max });
    case 'bool':
      return fc.boolean();
    case 'flag':
      return fc.constant(true);
    case 'enum':
      return fc.constantFrom(...shape.values);
    case 'utf8':
      return fc.string({ unit: 'grapheme', maxLength: Math.min(shape.maxBytes, MOST_BYTES) / 8 });
    case 'bytes':
      return bytesOf(shape.min, shape.max);
    case 'point':
      return pointBytes;
    case 'hex':
      return (shape.point ? pointBytes : bytesOf(shape.bytes, shape.bytes)).map(toHex);
    case 'list':
      return fc.array(ofShape(shape.of), lengths(shape.min, shape.max, MOST_ELEMENTS));
    case 'map':
      return fc
        .uniqueArray(fc.tuple(ofShape(shape.key), ofShape(shape.value)), {
          maxLength: MOST_ELEMENTS,
          selector: ([key]) => key,
        })
        .map((entries) => new Map(entries));
    case 'option':
      return fc.option(ofShape(shape.of), { nil: null });
    case 'struct':
      return ofStruct(shape);
    case 'union':
      return fc.oneof(
        ...Object.entries(shape.cases).map(([name, body]) =>
          ofShape(body).map((value) => ({ [shape.tag]: name, ...(value as object) })),
        ),
      );
    case 'mapped':
      return ofShape(shape.of)
        .map((raw) => shape.map(raw))
        .filter((value) => value !== null);
    default:
      return unreachable(shape);
  }
}

const bytesOf = (min: number, max: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array(lengths(min, max, MOST_BYTES));

const lengths = (min: number, max: number, most: number): { minLength: number; maxLength: number } => ({
  minLength: min,
  maxLength: Math.max(min, Math.min(max, most)),
});

/** The right form; most of them lie on no curve. */
const pointBytes = fc
  .tuple(fc.constantFrom(2, 3), bytesOf(32, 32))
  .map(([sign, x]) => Uint8Array.of(sign, ...x));

function ofStruct(shape: Extract<Shape, { kind: 'struct' }>): fc.Arbitrary<unknown> {
  const all = { ...shape.required, ...shape.optional };
  const arbitraries = Object.fromEntries(Object.entries(all).map(([name, of]) => [name, ofShape(of)]));
  // A message carries its name: see `message`.
  return fc
    .record(arbitraries, { requiredKeys: Object.keys(shape.required), noNullPrototype: true })
    .map((fields) => (shape.name === undefined ? fields : { name: shape.name, ...fields }));
}
