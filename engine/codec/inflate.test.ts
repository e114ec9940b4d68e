import { constants, deflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inflateZlib } from './inflate.ts';

const MOST = 1 << 16;
const { Z_FIXED, Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY } = constants;

/** Bytes that repeat themselves now and then, as arrays of numbers do. */
const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ maxLength: 9 }), fc.integer({ min: 1, max: 60 })), { maxLength: 40 })
  .map((runs) =>
    Uint8Array.from(runs.flatMap(([run, times]) => Array.from({ length: times }, () => [...run]).flat())),
  );

describe('zlib', () => {
  it.each([
    ['stored', { level: 0 }],
    ['fixed codes', { strategy: Z_FIXED }],
    ['codes of their own', { strategy: Z_DEFAULT_STRATEGY, level: 9 }],
    ['no repeats', { strategy: Z_HUFFMAN_ONLY }],
    ['a small window', { windowBits: 9 }],
  ])('%s: what was put in comes out', (_name, options) => {
    fc.assert(
      fc.property(fc.oneof(repetitive, fc.uint8Array({ maxLength: 3_000 })), (bytes) => {
        expect(inflateZlib(deflateSync(bytes, options), MOST)).toEqual(bytes);
      }),
      { numRuns: 40 },
    );
  });

  it('comes to no more than is wanted, however small it is', () => {
    const bomb = deflateSync(new Uint8Array(MOST + 1));
    expect(bomb.length).toBeLessThan(200);
    expect(inflateZlib(bomb, MOST)).toBeNull();
    expect(inflateZlib(bomb, MOST + 1)).toHaveLength(MOST + 1);
  });

  it('cut off anywhere, with more behind, or with another sum is nothing', () => {
    const sound = deflateSync(Uint8Array.from({ length: 400 }, (_, i) => (i * i) >> 3));
    for (let length = 0; length < sound.length; length++)
      expect(inflateZlib(sound.subarray(0, length), MOST)).toBeNull();
    expect(inflateZlib(Uint8Array.of(...sound, 0), MOST)).toBeNull();
    const other = Uint8Array.from(sound);
    other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
    expect(inflateZlib(other, MOST)).toBeNull();
  });

  it('whatever the bytes are, it ends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const made = inflateZlib(Uint8Array.of(0x78, 0x9c, ...bytes), 1_000);
        expect(made === null || made.length <= 1_000).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
