import {
  advance,
  and,
  call,
  get,
  i32,
  i64,
  load,
  load32,
  minus,
  moduleOf,
  plus,
  plus32,
  repeat,
  set,
  shiftLeft,
  shiftRight,
  store,
  times,
  type Code,
  type WasmFunction,
} from './wasm-code.ts';

/**
 * The field of secp256k1 in WebAssembly, for numbers that are public. An element is nine words of 32 bits, the i-th of
 * them worth 2^(29·i): the products of two elements are 81, and nine of them add up without a carry. Between the
 * functions a word is below 2^29 + 2^19, and the number itself is not below p: only `xOf` of a point makes it so.
 */
const LIMBS = 9;
export const LIMB_BITS = 29;
const MASK = 2 ** LIMB_BITS - 1;
/** p = 2^256 - 2^32 - 977, so that 2^261 is 2^37 + 31264: at the i-th word 31264, and 2^8 at the next. */
const LOW_FOLD = 31_264;
const HIGH_FOLD_BITS = 8;
export const P = 2n ** 256n - 2n ** 32n - 977n;

export const ELEMENT_BYTES = 4 * LIMBS;
export const POINT_BYTES = 2 * ELEMENT_BYTES;

export const limbsOf = (value: bigint): number[] =>
  Array.from({ length: LIMBS }, (_, i) => Number((value >> BigInt(LIMB_BITS * i)) & BigInt(MASK)));

/** A multiple of p whose every word is above those that are taken off: below 2^29 + 2^20 + 2^29. */
const BIAS = ((): readonly number[] => {
  const least = 2 ** LIMB_BITS + 2 ** 20;
  const sum = limbsOf(0n).reduce((total, _, i) => total + (BigInt(least) << BigInt(LIMB_BITS * i)), 0n);
  return limbsOf(P - (sum % P)).map((limb) => limb + least);
})();

const INDICES = BIAS.map((_, i) => i);
const at = (i: number): number => 4 * i;

// The first two elements of the memory are the product of all denominators, and its inverse as it is used up.
export const PRODUCT_AT = 0;
export const INVERSE_AT = ELEMENT_BYTES;
const [DIFFERENCE, SLOPE, X, Y] = [2, 3, 4, 5].map((i) => i * ELEMENT_BYTES) as [
  number,
  number,
  number,
  number,
];
/** x, y and z. */
export const JACOBIAN_AT = 6 * ELEMENT_BYTES;
const [JX, JY, JZ] = [6, 7, 8].map((i) => i * ELEMENT_BYTES) as [number, number, number];
export const FREE_AT = 9 * ELEMENT_BYTES;
/** The addresses of a sum and of what is added. */
export const ENTRY_BYTES = 12;

// Functions are called by their place in the module.
const [MULTIPLY, ADD, SUBTRACT, PREPARE, FINISH] = [0, 1, 2, 3, 4] as const;
const addressOf = (where: number | Code): Code => (typeof where === 'number' ? i32(where) : where);
const operation = (which: number, to: number | Code, a: number | Code, b: number | Code): Code => [
  ...addressOf(to),
  ...addressOf(a),
  ...addressOf(b),
  ...call(which),
];

/** Carries through the words that `word` gives, and stores them at `target`; `carry` and `first` are locals. */
function carried(target: Code, carry: number, first: number, word: (i: number) => Code): Code {
  const code = INDICES.flatMap((i) => [
    ...(i === 0 ? word(0) : plus(word(i), shiftRight(get(carry), LIMB_BITS))),
    ...set(carry),
    ...(i === 0 ? [...get(carry), ...set(first)] : store(target, at(i), and(get(carry), i64(MASK)))),
  ]);
  const top = [...shiftRight(get(carry), LIMB_BITS), ...set(carry)];
  const low = store(target, 0, plus(and(get(first), i64(MASK)), times(get(carry), i64(LOW_FOLD))));
  const next = store(target, at(1), plus(load(target, at(1)), shiftLeft(get(carry), HIGH_FOLD_BITS)));
  return [...code, ...top, ...low, ...next];
}

/** a - b without a carry: words below 2^31, good as the second factor of a product and for nothing else. */
const difference = (target: Code, a: Code, aOffset: number, b: Code, bOffset: number): Code =>
  BIAS.flatMap((bias, i) =>
    store(target, at(i), minus(plus(load(a, aOffset + at(i)), i64(bias)), load(b, bOffset + at(i)))),
  );

const copy = (target: Code, offset: number, source: Code): Code =>
  INDICES.flatMap((i) => store(target, offset + at(i), load(source, at(i))));

const multiply = ((): WasmFunction => {
  const [a, b, high, carry, first] = [3, 3 + LIMBS, 3 + 2 * LIMBS, 3 + 3 * LIMBS, 4 + 3 * LIMBS] as const;
  const column = (k: number): Code =>
    INDICES.filter((i) => k - i >= 0 && k - i < LIMBS)
      .map((i) => times(get(a + i), get(b + k - i)))
      .reduce(plus);
  const code: number[] = [];
  for (const i of INDICES)
    code.push(...load(get(1), at(i)), ...set(a + i), ...load(get(2), at(i)), ...set(b + i));
  // The words past 2^261 first: what they are worth below it is added on the way up.
  for (let k = LIMBS; k <= 2 * LIMBS - 2; k++) {
    code.push(
      ...(k === LIMBS ? column(k) : plus(column(k), shiftRight(get(carry), LIMB_BITS))),
      ...set(carry),
    );
    code.push(...and(get(carry), i64(MASK)), ...set(high + k - LIMBS));
  }
  code.push(...shiftRight(get(carry), LIMB_BITS), ...set(high + LIMBS - 1));
  for (const i of INDICES) {
    let sum = plus(column(i), times(get(high + i), i64(LOW_FOLD)));
    if (i > 0)
      sum = plus(sum, plus(shiftLeft(get(high + i - 1), HIGH_FOLD_BITS), shiftRight(get(carry), LIMB_BITS)));
    code.push(...sum, ...set(carry));
    // `a` and `b` are read to the last: the words wait where nothing reads any more.
    code.push(
      ...(i === 0 ? [...get(carry), ...set(first)] : store(get(0), at(i), and(get(carry), i64(MASK)))),
    );
  }
  code.push(
    ...plus(shiftRight(get(carry), LIMB_BITS), shiftLeft(get(high + LIMBS - 1), HIGH_FOLD_BITS)),
    ...set(carry),
  );
  code.push(...plus(and(get(first), i64(MASK)), times(get(carry), i64(LOW_FOLD))), ...set(first));
  code.push(...store(get(0), 0, and(get(first), i64(MASK))));
  code.push(
    ...plus(
      plus(load(get(0), at(1)), shiftLeft(get(carry), HIGH_FOLD_BITS)),
      shiftRight(get(first), LIMB_BITS),
    ),
    ...set(first),
  );
  code.push(...store(get(0), at(1), and(get(first), i64(MASK))));
  code.push(...store(get(0), at(2), plus(load(get(0), at(2)), shiftRight(get(first), LIMB_BITS))));
  return { name: 'multiply', parameters: 3, locals: 3 * LIMBS + 2, body: code };
})();

const add: WasmFunction = {
  name: 'add',
  parameters: 3,
  locals: 2,
  body: carried(get(0), 3, 4, (i) => plus(load(get(1), at(i)), load(get(2), at(i)))),
};

const subtract: WasmFunction = {
  name: 'subtract',
  parameters: 3,
  locals: 2,
  body: carried(get(0), 3, 4, (i) =>
    minus(plus(load(get(1), at(i)), i64(BIAS[i] ?? 0)), load(get(2), at(i))),
  ),
};

/** (a, b, slot): x_b - x_a and the product so far go to the slot; the product goes on. */
const prepare: WasmFunction = {
  name: 'prepare',
  parameters: 3,
  locals: 0,
  body: [
    ...difference(get(2), get(1), 0, get(0), 0),
    ...copy(get(2), ELEMENT_BYTES, i32(PRODUCT_AT)),
    ...operation(MULTIPLY, PRODUCT_AT, PRODUCT_AT, get(2)),
  ],
};

/** (sum, a, b, slot), in the reverse of the order of `prepare`: sum = a + b. */
const finish: WasmFunction = {
  name: 'finish',
  parameters: 4,
  locals: 2,
  body: [
    ...operation(MULTIPLY, SLOPE, INVERSE_AT, plus32(get(3), i32(ELEMENT_BYTES))),
    ...operation(MULTIPLY, INVERSE_AT, INVERSE_AT, get(3)),
    ...difference(i32(DIFFERENCE), get(2), ELEMENT_BYTES, get(1), ELEMENT_BYTES),
    ...operation(MULTIPLY, SLOPE, SLOPE, DIFFERENCE),
    ...operation(MULTIPLY, X, SLOPE, SLOPE),
    ...carried(i32(X), 4, 5, (i) =>
      minus(
        minus(plus(load(i32(X), at(i)), i64(2 * (BIAS[i] ?? 0))), load(get(1), at(i))),
        load(get(2), at(i)),
      ),
    ),
    ...difference(i32(DIFFERENCE), get(1), 0, i32(X), 0),
    ...operation(MULTIPLY, Y, SLOPE, DIFFERENCE),
    ...carried(i32(Y), 4, 5, (i) =>
      minus(plus(load(i32(Y), at(i)), i64(BIAS[i] ?? 0)), load(get(1), ELEMENT_BYTES + at(i))),
    ),
    ...copy(get(0), 0, i32(X)),
    ...copy(get(0), ELEMENT_BYTES, i32(Y)),
  ],
};

/** (list, slot, count): `prepare` of each entry of a list of three addresses: the sum's, a's and b's. */
const prepareAll: WasmFunction = {
  name: 'prepareAll',
  parameters: 3,
  locals: 0,
  body: repeat(2, [
    ...load32(get(0), 4),
    ...load32(get(0), 8),
    ...get(1),
    ...call(PREPARE),
    ...advance(0, ENTRY_BYTES),
    ...advance(1, POINT_BYTES),
  ]),
};

/** (list, slot, count): `finish` of each, from the last on; the addresses are those of the ends. */
const finishAll: WasmFunction = {
  name: 'finishAll',
  parameters: 3,
  locals: 0,
  body: repeat(2, [
    ...advance(0, -ENTRY_BYTES),
    ...advance(1, -POINT_BYTES),
    ...load32(get(0), 0),
    ...load32(get(0), 4),
    ...load32(get(0), 8),
    ...get(1),
    ...call(FINISH),
  ]),
};

/** (element, count): squared that often. */
const square: WasmFunction = {
  name: 'square',
  parameters: 2,
  locals: 0,
  body: repeat(1, operation(MULTIPLY, get(0), get(0), get(0))),
};

/** The Jacobian point at JACOBIAN_AT, x/z² and y/z³, becomes its double. */
const double: WasmFunction = {
  name: 'double',
  parameters: 0,
  locals: 0,
  body: [
    ...operation(MULTIPLY, JZ, JY, JZ),
    ...operation(ADD, JZ, JZ, JZ),
    ...operation(MULTIPLY, X, JY, JY),
    ...operation(MULTIPLY, Y, JX, X),
    ...operation(ADD, Y, Y, Y),
    ...operation(ADD, Y, Y, Y),
    ...operation(MULTIPLY, X, X, X),
    ...operation(ADD, X, X, X),
    ...operation(ADD, X, X, X),
    ...operation(ADD, X, X, X),
    ...operation(MULTIPLY, DIFFERENCE, JX, JX),
    ...operation(ADD, SLOPE, DIFFERENCE, DIFFERENCE),
    ...operation(ADD, SLOPE, SLOPE, DIFFERENCE),
    ...operation(MULTIPLY, JX, SLOPE, SLOPE),
    ...operation(SUBTRACT, JX, JX, Y),
    ...operation(SUBTRACT, JX, JX, Y),
    ...operation(SUBTRACT, Y, Y, JX),
    ...operation(MULTIPLY, JY, SLOPE, Y),
    ...operation(SUBTRACT, JY, JY, X),
  ],
};

export const fieldModule = (pages: number): Uint8Array<ArrayBuffer> =>
  moduleOf([multiply, add, subtract, prepare, finish, prepareAll, finishAll, square, double], pages);

export type FieldWasm = {
  readonly multiply: (product: number, a: number, b: number) => void;
  readonly add: (sum: number, a: number, b: number) => void;
  readonly subtract: (difference: number, a: number, b: number) => void;
  readonly prepareAll: (list: number, slot: number, count: number) => void;
  readonly finishAll: (listEnd: number, slotEnd: number, count: number) => void;
  readonly square: (element: number, count: number) => void;
  readonly double: () => void;
};
