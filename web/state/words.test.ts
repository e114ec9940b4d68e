import { describe, expect, it } from 'vitest';
import { positionsToCheck, wordsIn } from './words.ts';

describe('typed words', () => {
  it('lets through what people paste', () => {
    expect(wordsIn(' Abandon  ability\n3. able, 4) about ')).toEqual(['abandon', 'ability', 'able', 'about']);
    expect(wordsIn('1.abandon 2.ability')).toEqual(['abandon', 'ability']);
    expect(wordsIn('\u3000')).toEqual([]);
  });

  it('survives anything', () => {
    expect(wordsIn('💥'.repeat(1000))).toEqual([]);
    expect(wordsIn('x '.repeat(100_000))).toHaveLength(100_000);
  });
});

describe('what is checked', () => {
  it.each([0, 0.5, 0.999999])('takes one of each third at %d', (chance) => {
    const positions = positionsToCheck(12, () => chance);
    expect(positions.map((position) => Math.floor((position - 1) / 4))).toEqual([0, 1, 2]);
  });
});
