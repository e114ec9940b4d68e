import { afterEach, expect, test, vi } from 'vitest';
import { TokenBuckets } from './token-buckets.ts';

afterEach(() => vi.restoreAllMocks());

test('a flood of newcomers is not answered with a walk over all of them for each', () => {
  const buckets = new TokenBuckets({ burst: 2, perMinute: 1 }, () => 0);
  const walks = vi.spyOn(Map.prototype, Symbol.iterator);
  let taken = 0;
  for (let i = 0; i < 15_000; i++) if (buckets.take(`client ${i}`)) taken++;
  const { length } = walks.mock.calls;
  expect(length).toBeLessThan(10);
  expect(taken).toBe(15_000);
});

test('who may is told apart from who does', () => {
  const buckets = new TokenBuckets({ burst: 1, perMinute: 0 }, () => 0);
  for (let i = 0; i < 3; i++) expect(buckets.has('a')).toBe(true);
  expect(buckets.take('a')).toBe(true);
  expect(buckets.has('a')).toBe(false);
  expect(buckets.take('a')).toBe(false);
});
