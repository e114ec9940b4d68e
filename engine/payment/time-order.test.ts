import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimeOrder } from './time-order.ts';

const all = (order: TimeOrder, limit: number): string[] => {
  const ids: string[] = [];
  for (let after: string | null = null; ;) {
    const page = order.page(after, limit);
    ids.push(...page.ids);
    if (page.next === null) return ids;
    after = page.next;
  }
};

describe('TimeOrder', () => {
  it('gives every id once, newest first, in pages of any size', () => {
    const changes = fc.array(
      fc.record({
        id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
        at: fc.nat(3),
        gone: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(changes, fc.integer({ min: 1, max: 4 }), (list, limit) => {
        const order = new TimeOrder();
        const times = new Map<string, number>();
        for (const { id, at, gone } of list) {
          if (gone) {
            order.delete(id);
            times.delete(id);
          } else {
            order.set(id, at);
            times.set(id, at);
          }
        }
        const expected = [...times].sort(([a, x], [b, y]) => y - x || (a < b ? 1 : -1)).map(([id]) => id);
        expect(all(order, limit)).toEqual(expected);
        expect(order.size).toBe(times.size);
      }),
    );
  });

  it('goes on where it was when the last one shown has gone, or new ones came', () => {
    const order = new TimeOrder();
    for (const [i, id] of ['a', 'b', 'c', 'd'].entries()) order.set(id, i);
    const { ids, next } = order.page(null, 2);
    expect(ids).toEqual(['d', 'c']);
    order.delete('c');
    order.set('e', 9);
    expect(order.page(next, 2)).toEqual({ ids: ['b', 'a'], next: null });
  });

  it('takes any text for a cursor', () => {
    const order = new TimeOrder();
    order.set('a', 5);
    for (const cursor of ['', '/', 'x', 'NaN/a', '9/', '-1/z', '5/a', '5/b'])
      expect(order.page(cursor, 10).ids.length).toBeLessThanOrEqual(1);
    expect(order.page(null, 0).ids).toEqual(['a']);
  });
});
