import { expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';
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
