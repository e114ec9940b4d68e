import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import '../../testkit/seed.ts';
import { OrderedKeys } from './ordered-keys.ts';

const key = fc.constantFrom(...'abcdefghij', '\u{1f600}', '\ufffd', '');
const change = fc.record({ come: fc.array(key), gone: fc.array(key) });
const range = fc.record(
  { from: key, below: key, reverse: fc.boolean(), limit: fc.nat(12) },
  { requiredKeys: [] },
);

test('after any changes, any page is the one that a list in order, made anew, would give', () => {
  fc.assert(
    fc.property(fc.uniqueArray(key), fc.array(change, { maxLength: 6 }), range, (first, changes, asked) => {
      const keys = new OrderedKeys(first);
      const model = new Set(first);
      for (const { come, gone } of changes) {
        keys.remove(gone);
        for (const one of gone) model.delete(one);
        for (const one of come) {
          if (!model.has(one)) keys.add(one);
          model.add(one);
        }
      }
      const { from, below, reverse, limit } = asked;
      const expected = [...model]
        .sort()
        .filter((one) => (from === undefined || one >= from) && (below === undefined || one < below));
      if (reverse === true) expected.reverse();
      expect(keys.page(asked)).toEqual(expected.slice(0, limit));
    }),
    { numRuns: 500 },
  );
});
