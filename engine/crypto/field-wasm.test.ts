import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldPoints } from './field-points.ts';
import { ELEMENT_BYTES, fieldModule, FREE_AT, LIMB_BITS, P, type FieldWasm } from './field-wasm.ts';
import { nobleSecp256k1 as noble } from './secp256k1-noble.ts';
import { secp256k1 } from '@noble/curves/secp256k1.js';

const MOST = 2 ** LIMB_BITS + 2 ** 19 - 1;

const instance = new WebAssembly.Instance(new WebAssembly.Module(fieldModule(1))).exports;
const { multiply, add, subtract } = instance as FieldWasm;
const words = new Uint32Array((instance['memory'] as WebAssembly.Memory).buffer);
const [A, B, C] = [0, 1, 2].map((i) => FREE_AT + i * ELEMENT_BYTES) as [number, number, number];

const limbs = (most: number) =>
  fc.array(fc.oneof(fc.constantFrom(0, 1, 2 ** LIMB_BITS - 1, most), fc.nat(most)), {
    minLength: 9,
    maxLength: 9,
  });
const put = (at: number, values: readonly number[]): void => words.set(values, at / 4);
const wordsAt = (at: number): number[] => [...words.subarray(at / 4, at / 4 + 9)];
const valueOf = (values: readonly number[]): bigint =>
  values.reduceRight((sum, limb) => (sum << BigInt(LIMB_BITS)) + BigInt(limb), 0n);
const modP = (value: bigint): bigint => ((value % P) + P) % P;

describe('the field of secp256k1 in WebAssembly', () => {
  it.each([
    ['multiply', multiply, (a: bigint, b: bigint) => a * b, 2 ** 31],
    ['add', add, (a: bigint, b: bigint) => a + b, MOST],
    ['subtract', subtract, (a: bigint, b: bigint) => a - b, MOST],
  ] as const)('%s is that of numbers, at the most that words can be', (_name, run, expected, most) => {
    fc.assert(
      fc.property(limbs(MOST), limbs(most), fc.constantFrom(A, B, C), (a, b, to) => {
        put(A, a);
        put(B, b);
        run(to, A, B);
        const found = wordsAt(to);
        expect(modP(valueOf(found))).toBe(modP(expected(valueOf(a), valueOf(b))));
        expect(Math.max(...found)).toBeLessThanOrEqual(MOST);
      }),
      { numRuns: 2000, examples: [[Array(9).fill(MOST), Array(9).fill(most), C]] },
    );
  });
});

describe('multiples of a point', () => {
  const scalarOf = (value: bigint): Uint8Array => secp256k1.Point.Fn.toBytes(value);

  it('are those that noble finds', () => {
    const points = fieldPoints((bytes) => {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
      return { memory: exports['memory'] as WebAssembly.Memory, exports };
    });
    const key = noble.publicKey(scalarOf(123_456_789n));
    points.fill(1, secp256k1.Point.fromBytes(key).toBytes(false));
    for (const [row, digit] of [
      [0, 1],
      [0, 2],
      [0, 3],
      [0, 255],
      [1, 1],
      [15, 171],
      [31, 128],
      [31, 255],
    ] as const) {
      const scalar = secp256k1.Point.Fn.create(BigInt(digit) << BigInt(8 * row));
      const x = noble.multiplyPoint(key, scalarOf(scalar))?.subarray(1);
      expect(points.xOf(points.multipleAt(1, row, digit))).toBe(
        BigInt(`0x${Buffer.from(x ?? []).toString('hex')}`),
      );
    }
  });

  it('have no sum with themselves', () => {
    const points = fieldPoints((bytes) => {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
      return { memory: exports['memory'] as WebAssembly.Memory, exports };
    });
    points.fill(0, secp256k1.Point.BASE.toBytes(false));
    const [one, two, three] = [1, 2, 3].map((digit) => points.multipleAt(0, 0, digit)) as [
      number,
      number,
      number,
    ];
    points.copyPoint(points.sumAt(0), one);
    points.copyPoint(points.sumAt(1), two);
    const sum = (a: number, b: number): boolean => {
      points.enter(0, points.sumAt(0), points.sumAt(0), a);
      points.enter(1, points.sumAt(1), points.sumAt(1), b);
      return points.sumUp(2);
    };
    expect(sum(two, two)).toBe(false);
    expect(sum(two, one)).toBe(true);
    expect(points.xOf(points.sumAt(0))).toBe(points.xOf(three));
    expect(points.xOf(points.sumAt(1))).toBe(points.xOf(three));
  });
});
