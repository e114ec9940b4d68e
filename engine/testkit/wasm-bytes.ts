import { assert } from '../base/assert.ts';

/** Reads a WebAssembly module's bytes in turn. */
export type WasmReader = {
  readonly at: () => number;
  readonly more: () => boolean;
  readonly byte: () => number;
  /** LEB128 of an unsigned 32-bit number: a length, a count, an index. */
  readonly number: () => number;
  readonly bytes: (length: number) => Uint8Array;
  /** The bytes of some LEB128 numbers of any kind, as they stand. */
  readonly rawNumbers: (count: number) => Uint8Array;
};

export function wasmReader(bytes: Uint8Array): WasmReader {
  let at = 0;
  const byte = (): number => {
    const value = bytes[at++];
    assert(value !== undefined, 'the end of a WebAssembly section');
    return value;
  };
  return {
    at: () => at,
    more: () => at < bytes.length,
    byte,
    number() {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const next = byte();
        value |= (next & 0x7f) << shift;
        if (next < 0x80) return value >>> 0;
      }
    },
    bytes(length) {
      at += length;
      assert(at <= bytes.length, 'the end of a WebAssembly section');
      return bytes.subarray(at - length, at);
    },
    rawNumbers(count) {
      const from = at;
      for (let left = count; left > 0;) if (byte() < 0x80) left--;
      return bytes.subarray(from, at);
    },
  };
}

/** LEB128 of an unsigned number below 2^31. */
export function wasmNumber(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return [...bytes, left];
    bytes.push((left & 0x7f) | 0x80);
  }
}

/** Bytes with their count before them: a section's content, a function's body. */
export const wasmSized = (bytes: readonly number[]): number[] => [...wasmNumber(bytes.length), ...bytes];
