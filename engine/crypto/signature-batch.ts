import { secp256k1 } from '@noble/curves/secp256k1.js';
import { fromHex, toHex } from '../base/bytes.ts';
import { POINT_BYTES } from './field-wasm.ts';
import { fieldPoints, ROWS, SUMS, type FieldPoints, type Table } from './field-points.ts';
import type { InstantiateModule } from './secp256k1-wasm-exports.ts';

const { Fn } = secp256k1.Point;
const N = Fn.ORDER;
const ONE = fromHex('01'.padStart(64, '0'));
/** From here on a table of the key's multiples, which takes as long as some twenty signatures, is worth it. */
const FEWEST = 32;
const OF_G: Table = 0;
const OF_KEY: Table = 1;

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);

/** a · b modulo n; null when one of them is zero or not below n. */
type Multiply = (a: Uint8Array, b: Uint8Array) => Uint8Array | null;

/** r ‖ s is a signature when r is the x of u1·G + u2·key modulo n, where u1 = hash/s and u2 = r/s. */
type Equation = { readonly r: bigint; readonly u1: Uint8Array; readonly u2: Uint8Array };

/** True: each is a signature by the key. False says nothing: there are few, or they must be judged one by one. */
export type AreSignatures = (
  signatures: readonly Uint8Array[],
  hashes: readonly Uint8Array[],
  key: Uint8Array,
) => boolean;

/**
 * Many signatures by one key, as those of the HTLCs of a commitment are. The multiples of the key are made once, and
 * each signature is 64 additions and no doubling. `key` has 65 bytes.
 */
export function signatureBatch(instantiate: InstantiateModule, multiply: Multiply): AreSignatures {
  let made: FieldPoints | 'not to be had' | null = null;
  const field = (): FieldPoints | 'not to be had' => {
    try {
      if (made !== null) return made;
      made = fieldPoints(instantiate);
      made.fill(OF_G, secp256k1.Point.BASE.toBytes(false));
    } catch {
      // Without memory for it, everything works as before, slower.
      made = 'not to be had';
    }
    return made;
  };
  return (signatures, hashes, key) => {
    if (signatures.length < FEWEST) return false;
    const points = field();
    const equations = points === 'not to be had' ? null : equationsOf(signatures, hashes, multiply);
    if (points === 'not to be had' || equations === null) return false;
    points.fill(OF_KEY, key);
    for (let start = 0; start < equations.length; start += SUMS)
      if (!areTrue(points, equations.slice(start, start + SUMS))) return false;
    return true;
  };
}

/** Null when one of them cannot be a signature, or is a strange one. */
function equationsOf(
  signatures: readonly Uint8Array[],
  hashes: readonly Uint8Array[],
  multiply: Multiply,
): Equation[] | null {
  const inverses = inversesOf(
    signatures.map((signature) => signature.subarray(32)),
    multiply,
  );
  if (inverses === null) return null;
  const equations: Equation[] = [];
  for (const [i, signature] of signatures.entries()) {
    const [hash, inverse, r] = [hashes[i], inverses[i], signature.subarray(0, 32)];
    if (hash === undefined || inverse === undefined || numberOf(signature.subarray(32)) > N / 2n) return null;
    const u1 = multiply(hash, inverse);
    const u2 = multiply(r, inverse);
    if (u1 === null || u2 === null) return null;
    equations.push({ r: numberOf(r), u1, u2 });
  }
  return equations;
}

/** By one inversion. */
function inversesOf(values: readonly Uint8Array[], multiply: Multiply): Uint8Array[] | null {
  const products: Uint8Array[] = [];
  let product = ONE;
  for (const value of values) {
    products.push(product);
    const next = multiply(product, value);
    if (next === null) return null;
    product = next;
  }
  const inverses: Uint8Array[] = [];
  let inverse = Fn.toBytes(Fn.inv(numberOf(product)));
  for (let i = values.length - 1; i >= 0; i--) {
    const single = multiply(inverse, products[i] ?? ONE);
    const rest = multiply(inverse, values[i] ?? ONE);
    if (single === null || rest === null) return null;
    inverses.push(single);
    inverse = rest;
  }
  return inverses.reverse();
}

function areTrue(field: FieldPoints, equations: readonly Equation[]): boolean {
  const isEmpty = new Uint8Array(equations.length).fill(1);
  for (const table of [OF_G, OF_KEY])
    for (let row = 0; row < ROWS; row++) {
      const first = field.multipleAt(table, row, 0);
      let count = 0;
      for (let i = 0; i < equations.length; i++) {
        const digit = equations[i]?.[table === OF_G ? 'u1' : 'u2'][ROWS - 1 - row] ?? 0;
        if (digit === 0) continue;
        const sum = field.sumAt(i);
        const multiple = first + digit * POINT_BYTES;
        if (isEmpty[i] === 1) field.copyPoint(sum, multiple);
        else field.enter(count++, sum, sum, multiple);
        isEmpty[i] = 0;
      }
      if (!field.sumUp(count)) return false;
    }
  return equations.every(({ r }, i) => {
    const x = field.xOf(field.sumAt(i));
    // r is x modulo n, and x may be past n.
    return isEmpty[i] === 0 && (x === r || (x >= N && x - N === r));
  });
}
