import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bigsize, u8 } from '../../codec/integers.ts';
import { decode, encode } from '../../codec/field.ts';
import { list } from '../../codec/sequences.ts';
import { struct } from '../../codec/struct.ts';
import type { UpdateStep } from '../ledger.ts';
import { steps } from './head-record.ts';

const all = fc.uniqueArray(
  fc.record({
    // Around each length that an id may take, too.
    id: fc.oneof(fc.bigInt({ min: 0n, max: 600n }), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })),
    step: fc.integer({ min: 0, max: 8 }).map((value) => value as UpdateStep),
  }),
  { maxLength: 600, selector: ({ id }) => id },
);

test('the steps of HTLCs are written as a list of structures is, and read again', () => {
  const declared = list(struct({ id: bigsize, step: u8 }));
  fc.assert(
    fc.property(all, (values) => {
      const byId = new Map(values.map(({ id, step }) => [id, { step }]));
      const bytes = encode(steps, byId);
      expect(bytes).toEqual(encode(declared, values));
      expect(decode(steps, bytes)).toEqual({ ok: true, value: byId });
    }),
  );
});

test('a step that there is not is neither written nor read', () => {
  const wrong = { step: 9 as UpdateStep };
  expect(() => encode(steps, new Map([[1n, wrong]]))).toThrow('not a step');
  expect(decode(steps, Uint8Array.of(1, 1, 9))).toMatchObject({ ok: false });
});
