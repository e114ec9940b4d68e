import { wasmNumber, wasmReader } from './wasm-bytes.ts';

/** What the code calls: imports, thus ahead of all functions of the module's own. */
export const TOLD = ['truth', 'value'] as const;

const I32 = 0x7f;
const I64 = 0x7e;
const BR_TABLE = 0x0e;
const CALL = 0x10;
const CALL_INDIRECT = 0x11;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const I32_CONST = 0x41;
const BULK = 0xfc;
const MEMORY_COPY = 10;
const MEMORY_FILL = 11;

const TRUTHS = new Map([
  [0x04, 'if'],
  [0x0d, 'br_if'],
  [0x1b, 'select'],
]);
const isLoad = (op: number): boolean => op === 0x28 || op === 0x29 || (op >= 0x2c && op <= 0x35);
const isStoreOf32 = (op: number): boolean => op === 0x36 || op === 0x3a || op === 0x3b;
const isStoreOf64 = (op: number): boolean => op === 0x37 || (op >= 0x3c && op <= 0x3e);
const takesNumber = (op: number): boolean =>
  [0x02, 0x03, 0x04, 0x0c, 0x0d, 0x41, 0x42].includes(op) || (op >= 0x20 && op <= 0x24);
// Not divisions, whose time hangs on the numbers, nor floating point.
const takesNothing = (op: number): boolean =>
  [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xa7, 0xac, 0xad].includes(op) ||
  (op >= 0x45 && op <= 0x5a) ||
  (op >= 0x67 && op <= 0x6c) ||
  (op >= 0x71 && op <= 0x7e) ||
  (op >= 0x83 && op <= 0x8a) ||
  (op >= 0xc0 && op <= 0xc4);

/**
 * A function's body that tells, ahead of each instruction whose time may hang on what it is given, just that: whether a
 * branch is taken and which of two a `select` gives, where a load or a store is, between which places a bulk copy is
 * and how long.
 * @param newSite the number, below 2^20, of the instruction that stands at a byte of the body.
 * @throws Error on an instruction that is not known here.
 */
export function tracedBody(
  body: Uint8Array,
  parameters: number,
  newSite: (at: number, instruction: string) => number,
): number[] {
  const read = wasmReader(body);
  const groups = read.number();
  const declared: number[] = [];
  let locals = parameters;
  for (let group = 0; group < groups; group++) {
    const count = read.number();
    declared.push(...wasmNumber(count), read.byte());
    locals += count;
  }
  const [spare, another, spare64] = [locals, locals + 1, locals + 2];
  const code = [...wasmNumber(groups + 2), ...declared, 2, I32, 1, I64];

  let at = 0;
  /** The topmost number, which stays where it is. */
  const tell = (told: (typeof TOLD)[number], instruction: string): void => {
    const site = newSite(at, instruction);
    code.push(I32_CONST, (site & 0x7f) | 0x80, ((site >> 7) & 0x7f) | 0x80, site >> 14);
    code.push(CALL, TOLD.indexOf(told));
  };
  const putAside = (local: number) => code.push(LOCAL_SET, ...wasmNumber(local));
  const putBack = (local: number) => code.push(LOCAL_GET, ...wasmNumber(local));

  while (read.more()) {
    at = read.at();
    const op = read.byte();
    const truth = TRUTHS.get(op);
    if (truth !== undefined) tell('truth', truth);
    if (isLoad(op)) {
      tell('value', 'load');
      code.push(op, ...read.rawNumbers(2));
    } else if (isStoreOf32(op) || isStoreOf64(op)) {
      const local = isStoreOf32(op) ? spare : spare64;
      putAside(local);
      tell('value', 'store');
      putBack(local);
      code.push(op, ...read.rawNumbers(2));
    } else if (op === BULK) {
      const kind = read.number();
      if (kind !== MEMORY_COPY && kind !== MEMORY_FILL) throw new Error(`instruction 0xfc ${kind}`);
      tell('value', 'bulk length');
      putAside(spare);
      if (kind === MEMORY_COPY) tell('value', 'bulk source');
      putAside(another);
      tell('value', 'bulk destination');
      putBack(another);
      putBack(spare);
      code.push(op, kind, ...read.rawNumbers(kind === MEMORY_COPY ? 2 : 1));
    } else if (op === BR_TABLE) {
      tell('value', 'br_table');
      const count = read.number();
      code.push(op, ...wasmNumber(count), ...read.rawNumbers(count + 1));
    } else if (op === CALL_INDIRECT) {
      tell('value', 'call_indirect');
      code.push(op, ...read.rawNumbers(2));
    } else if (op === CALL) code.push(op, ...wasmNumber(read.number() + TOLD.length));
    else if (takesNumber(op)) code.push(op, ...read.rawNumbers(1));
    else if (takesNothing(op)) code.push(op);
    else throw new Error(`instruction 0x${op.toString(16)}`);
  }
  return code;
}
