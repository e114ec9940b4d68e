import { assert } from '../base/assert.ts';
import { TOLD, tracedBody } from './traced-code.ts';
import { wasmNumber, wasmReader, wasmSized, type WasmReader } from './wasm-bytes.ts';

/** An instruction that tells: of which function, counted as in the module, where in it, and what it is. */
export type Site = { readonly function: number; readonly at: number; readonly instruction: string };

/** A module that imports `TOLD` from "trace"; each gets a number and its site, and gives the number back. */
export type TracedWasm = { readonly module: Uint8Array<ArrayBuffer>; readonly sites: readonly Site[] };

const HEADER = 8;
const I32 = 0x7f;
const FUNCTION_TYPE = 0x60;
const END = 0x0b;
const text = (value: string): number[] => wasmSized([...new TextEncoder().encode(value)]);
const each = (read: WasmReader, one: () => readonly number[]): number[] => {
  const count = read.number();
  return [...wasmNumber(count), ...Array.from({ length: count }, one).flat()];
};

/** @throws Error where the module imports, or has what is not known here. */
export function tracedWasm(bytes: Uint8Array): TracedWasm {
  const sites: Site[] = [];
  const parametersOf: number[] = [];
  const typeOf: number[] = [];
  const moved = (index: number): number[] => wasmNumber(index + TOLD.length);

  const types = (read: WasmReader): number[] => {
    const count = read.number();
    const own = Array.from({ length: count }, () => {
      const form = read.byte();
      const parameters = read.bytes(read.number());
      const results = read.bytes(read.number());
      parametersOf.push(parameters.length);
      return [form, ...wasmSized([...parameters]), ...wasmSized([...results])];
    });
    return [...wasmNumber(count + 1), ...own.flat(), FUNCTION_TYPE, 2, I32, I32, 1, I32];
  };
  const imports = (): number[] => [
    TOLD.length,
    ...TOLD.flatMap((name) => [...text('trace'), ...text(name), 0, ...wasmNumber(parametersOf.length)]),
  ];
  const functions = (read: WasmReader): number[] =>
    each(read, () => {
      const type = read.number();
      typeOf.push(type);
      return wasmNumber(type);
    });
  const exports = (read: WasmReader): number[] =>
    each(read, () => {
      const name = read.bytes(read.number());
      const kind = read.byte();
      const index = read.number();
      return [...wasmSized([...name]), kind, ...(kind === 0 ? moved(index) : wasmNumber(index))];
    });
  const elements = (read: WasmReader): number[] =>
    each(read, () => {
      assert(read.number() === 0, 'elements of the first table, at an offset');
      const offset = [read.byte(), ...read.rawNumbers(1), read.byte()];
      assert(offset.at(-1) === END, 'an offset that is a number');
      return [0, ...offset, ...each(read, () => moved(read.number()))];
    });
  const code = (read: WasmReader): number[] => {
    let index = 0;
    return each(read, () => {
      const body = read.bytes(read.number());
      const own = index++;
      const newSite = (at: number, instruction: string) => sites.push({ function: own, at, instruction }) - 1;
      return wasmSized(tracedBody(body, parametersOf[typeOf[own] ?? -1] ?? 0, newSite));
    });
  };

  const rewritten = new Map([
    [1, types],
    [3, functions],
    [7, exports],
    [9, elements],
    [10, code],
  ]);
  const read = wasmReader(bytes);
  const module = [...read.bytes(HEADER)];
  while (read.more()) {
    const id = read.byte();
    assert(id !== 2 && id !== 8, 'a module without imports and without a start');
    const content = read.bytes(read.number());
    const rewrite = rewritten.get(id);
    const now = rewrite === undefined ? [...content] : rewrite(wasmReader(content));
    // Not `push(...now)`: a section is more than a call's arguments may be.
    for (const byte of [id, ...wasmNumber(now.length)]) module.push(byte);
    for (const byte of now) module.push(byte);
    if (id === 1) module.push(2, ...wasmSized(imports()));
  }
  return { module: Uint8Array.from(module), sites };
}
