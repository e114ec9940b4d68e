import { toHex } from '../base/bytes.ts';
import {
  ELEMENT_BYTES,
  ENTRY_BYTES,
  fieldModule,
  FREE_AT,
  INVERSE_AT,
  JACOBIAN_AT,
  LIMB_BITS,
  limbsOf,
  P,
  POINT_BYTES,
  PRODUCT_AT,
  type FieldWasm,
} from './field-wasm.ts';
import type { InstantiateModule } from './secp256k1-wasm-exports.ts';

/** A scalar is 32 digits of 8 bits: a table has a row of 256 points for each. */
export const ROWS = 32;
const ROW_BITS = 8;
const DIGITS = 2 ** ROW_BITS;
const TABLE_BYTES = ROWS * DIGITS * POINT_BYTES;
const TABLES = 2;
/** As many sums at once as the last round of a table has. */
const SLOTS = (ROWS * DIGITS) / 2;
export const SUMS = 512;
const PAGE = 65_536;

const TABLES_AT = FREE_AT + 2 * ELEMENT_BYTES;
const SLOTS_AT = TABLES_AT + TABLES * TABLE_BYTES;
const SUMS_AT = SLOTS_AT + SLOTS * POINT_BYTES;
const LIST_AT = SUMS_AT + SUMS * POINT_BYTES;
const PAGES = Math.ceil((LIST_AT + SLOTS * ENTRY_BYTES) / PAGE);

/** One of the two tables of multiples. */
export type Table = 0 | 1;

/**
 * Sums of points that are public, many of one kind at once. Coordinates are affine and one inversion serves all sums of
 * a round: half of the products of the usual formulas.
 */
export type FieldPoints = {
  readonly sumAt: (index: number) => number;
  readonly multipleAt: (table: Table, row: number, digit: number) => number;
  readonly copyPoint: (to: number, from: number) => void;
  /** The `index`-th of the sums to come, of points at `a` and `b`; `to` may be one of them. */
  readonly enter: (index: number, to: number, a: number, b: number) => void;
  /** Those that were entered. False when one of them has no slope: then none is made. */
  readonly sumUp: (count: number) => boolean;
  /** All digit·2^(8·row)·point, of a point of 65 bytes. */
  readonly fill: (table: Table, point: Uint8Array) => void;
  readonly xOf: (at: number) => bigint;
};

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);
/** p - 2 = (2^223 - 1)·2^33 + …: what follows the 223 ones. */
const LOW_BITS = ((P - 2n) % 2n ** 33n).toString(2).padStart(33, '0');

export function fieldPoints(instantiate: InstantiateModule): FieldPoints {
  const { memory, exports } = instantiate(fieldModule(PAGES));
  const { multiply, prepareAll, finishAll, square, double } = exports as FieldWasm;
  const words = new Uint32Array(memory.buffer);
  const temporary = (index: number): number => FREE_AT + index * ELEMENT_BYTES;

  const put = (at: number, value: bigint): void => words.set(limbsOf(value), at >> 2);
  const read = (at: number): bigint => {
    let value = 0n;
    for (let i = ELEMENT_BYTES / 4 - 1; i >= 0; i--)
      value = (value << BigInt(LIMB_BITS)) + BigInt(words[(at >> 2) + i] ?? 0);
    return value % P;
  };
  const copy = (to: number, from: number, bytes: number): void => {
    words.copyWithin(to >> 2, from >> 2, (from + bytes) >> 2);
  };

  // Fermat: x^(p-2). All but the lowest 33 bits of p - 2 are ones, and 2n ones are n ones twice.
  const raise = (at: number, squarings: number, factor: number): void => {
    square(at, squarings);
    multiply(at, at, factor);
  };
  const invert = (to: number, from: number): void => {
    const [ones, shorter] = [temporary(0), temporary(1)] as const;
    copy(ones, from, ELEMENT_BYTES);
    let count = 1;
    for (const bit of '1011111') {
      copy(shorter, ones, ELEMENT_BYTES);
      raise(ones, count, shorter);
      count *= 2;
      if (bit === '0') continue;
      raise(ones, 1, from);
      count++;
    }
    for (const zeros of LOW_BITS.split('1').slice(0, -1)) raise(ones, zeros.length + 1, from);
    copy(to, ones, ELEMENT_BYTES);
  };
  /** False when the product is zero. */
  const invertProduct = (): boolean => {
    if (read(PRODUCT_AT) === 0n) return false;
    invert(INVERSE_AT, PRODUCT_AT);
    return true;
  };
  const slotAt = (index: number): number => SLOTS_AT + index * POINT_BYTES;
  /** Of the first `count` entries of the list. */
  const sumUp = (count: number): boolean => {
    if (count === 0) return true;
    put(PRODUCT_AT, 1n);
    prepareAll(LIST_AT, SLOTS_AT, count);
    if (!invertProduct()) return false;
    finishAll(LIST_AT + count * ENTRY_BYTES, slotAt(count), count);
    return true;
  };
  const enter = (index: number, to: number, a: number, b: number): void => {
    const at = (LIST_AT + index * ENTRY_BYTES) >> 2;
    words[at] = to;
    words[at + 1] = a;
    words[at + 2] = b;
  };

  const multipleAt = (table: Table, row: number, digit: number): number =>
    TABLES_AT + table * TABLE_BYTES + (row * DIGITS + digit) * POINT_BYTES;
  /** Those of digits 1, 2, 4 … 128 of every row: the point doubled again and again, then all made affine together. */
  const fillPowers = (table: Table, point: Uint8Array): void => {
    const [x, y, z] = [0, 1, 2].map((i) => JACOBIAN_AT + i * ELEMENT_BYTES) as [number, number, number];
    put(x, numberOf(point.subarray(1, 33)));
    put(y, numberOf(point.subarray(33)));
    put(z, 1n);
    put(PRODUCT_AT, 1n);
    const powerAt = (power: number): number =>
      multipleAt(table, Math.floor(power / ROW_BITS), 2 ** (power % ROW_BITS));
    for (let power = 0; power < ROWS * ROW_BITS; power++) {
      copy(powerAt(power), x, POINT_BYTES);
      copy(slotAt(power), z, ELEMENT_BYTES);
      copy(slotAt(power) + ELEMENT_BYTES, PRODUCT_AT, ELEMENT_BYTES);
      multiply(PRODUCT_AT, PRODUCT_AT, z);
      double();
    }
    invertProduct();
    for (let power = ROWS * ROW_BITS - 1; power >= 0; power--) {
      const [at, inverse, squared] = [powerAt(power), temporary(0), temporary(1)] as const;
      multiply(inverse, INVERSE_AT, slotAt(power) + ELEMENT_BYTES);
      multiply(INVERSE_AT, INVERSE_AT, slotAt(power));
      multiply(squared, inverse, inverse);
      multiply(at, at, squared);
      multiply(squared, squared, inverse);
      multiply(at + ELEMENT_BYTES, at + ELEMENT_BYTES, squared);
    }
  };

  return {
    sumAt: (index) => SUMS_AT + index * POINT_BYTES,
    multipleAt,
    copyPoint: (to, from) => copy(to, from, POINT_BYTES),
    enter,
    sumUp,
    fill(table, point) {
      fillPowers(table, point);
      for (let power = 2; power < DIGITS; power *= 2) {
        let count = 0;
        for (let row = 0; row < ROWS; row++) {
          const first = multipleAt(table, row, 0);
          const left = first + power * POINT_BYTES;
          for (let rest = POINT_BYTES; rest < power * POINT_BYTES; rest += POINT_BYTES)
            enter(count++, left + rest, left, first + rest);
        }
        sumUp(count);
      }
    },
    xOf: read,
  };
}
