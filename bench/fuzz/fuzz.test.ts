import { expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';
import { doublings, steepness, type Measure } from './growth.ts';
import { sizeOf } from './size.ts';
import type { Target } from './target.ts';

const target = (read: Target['read']): Target => ({
  name: 'a test',
  corpus: [Uint8Array.of(1, 2, 3, 4)],
  read,
});

it('finds what throws, one of a kind, with the input that did it', () => {
  const { findings, inputs } = fuzz(
    target((input) => {
      if (input[0] === 0xff) throw new RangeError('ff');
      if (input.length > 500) throw new TypeError('long');
    }),
    { inputs: 4_000, seed: 1 },
    null,
  );
  expect(inputs).toBe(4_000);
  expect(findings.map(({ why }) => why.split(' ', 2).join(' ')).sort()).toEqual([
    'RangeError: ff',
    'TypeError: long',
  ]);
  for (const { input, why } of findings)
    expect(why.startsWith('RangeError') ? input[0] === 0xff : input.length > 500).toBe(true);
});

it('tries the same inputs from the same seed', () => {
  const tried = (seed: number): string[] => {
    const seen: string[] = [];
    fuzz(
      target((input) => seen.push(Buffer.from(input).toString('hex'))),
      { inputs: 200, seed },
      null,
    );
    return seen;
  };
  expect(tried(7)).toEqual(tried(7));
  expect(tried(7)).not.toEqual(tried(8));
});

it('finds what was read and is much more than what came', () => {
  const { findings } = fuzz(
    target((input) => (input[0] === 0xff ? new Uint8Array(1_000_000) : null)),
    { inputs: 2_000, seed: 1 },
    null,
  );
  expect(findings.map(({ why }) => why)).toEqual(['what was read is much more than what came']);
  expect(findings[0]?.input[0]).toBe(0xff);
});

it('finds what stays in memory, but not the corpus', () => {
  let used = 0;
  const run = (each: number): readonly string[] =>
    fuzz(
      target(() => (used += each)),
      { inputs: 1_000, seed: 1, heap: () => used },
      null,
    ).findings.map(({ why }) => why);
  expect(run(10)).toEqual([]);
  expect(run(100_000)).toEqual(['memory stays behind, more with every input']);
});

it('tells work that grows faster than the input from work that does not', () => {
  const grow = (times: number): Uint8Array => new Uint8Array(100 + 3 * times);
  const taking =
    (power: number): Measure =>
    ({ length }) =>
      (length / 1_000) ** power;
  expect(steepness(grow, 65_535, taking(1))).toBeNull();
  expect(steepness(grow, 65_535, ({ length }) => (length / 1_000) * Math.log2(length))).toBeNull();
  // Nobody waits for what is quick.
  expect(steepness(grow, 2_000, taking(2))).toBeNull();
  const steep = steepness(grow, 65_535, taking(2));
  expect(steep?.exponent).toBeCloseTo(2);
  // A busy machine for once.
  let measured = 0;
  expect(steepness(grow, 65_535, (input) => (input.length / 1_000) ** (measured++ < 8 ? 2 : 1))).toBeNull();
});

it('grows what can be grown, and ends where nothing can', () => {
  expect([...doublings((times) => new Uint8Array(400 + times), 2_000)].map(({ length }) => length)).toEqual([
    401, 656, 1_424,
  ]);
  expect([...doublings(() => new Uint8Array(), 65_535)]).toEqual([]);
});

it('weighs what a value holds, no further than it is asked to', () => {
  expect(sizeOf(new Uint8Array(1_000), 1e9)).toBeGreaterThanOrEqual(1_000);
  expect(sizeOf([new Map([['a', 'b'.repeat(500)]]), new Set([1n])], 1e9)).toBeGreaterThanOrEqual(1_000);
  const round: unknown[] = [];
  round.push(round);
  expect(sizeOf(round, 1e9)).toBeLessThan(100);
});
