import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bigsize, u8 } from '../../codec/integers.ts';
import { decode, encode } from '../../codec/field.ts';
import { list } from '../../codec/sequences.ts';
import { struct } from '../../codec/struct.ts';
import type { UpdateStep } from '../ledger.ts';
import { steps } from './head-record.ts';

const all = fc.array(
  fc.record({
    // Around each length that an id may take, too.
    id: fc.oneof(fc.bigInt({ min: 0n, max: 600n }), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })),
    step: fc.integer({ min: 0, max: 8 }).map((value) => value as UpdateStep),
  }),
  { maxLength: 600 },
);

test('the steps of HTLCs are written as a list of structures is, and read again', () => {
  const declared = list(struct({ id: bigsize, step: u8 }));
  fc.assert(
    fc.property(all, (values) => {
      const bytes = encode(steps, values);
      expect(bytes).toEqual(encode(declared, values));
      expect(decode(steps, bytes)).toEqual({ ok: true, value: values });
    }),
  );
});

test('a step that there is not is neither written nor read', () => {
  const wrong = { id: 1n, step: 9 as UpdateStep };
  expect(() => encode(steps, [wrong])).toThrow('not a step');
  expect(decode(steps, Uint8Array.of(1, 1, 9))).toMatchObject({ ok: false });
});
