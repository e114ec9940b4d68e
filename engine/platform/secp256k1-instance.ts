import type { InstantiatedWasm } from '../crypto/secp256k1-wasm-exports.ts';

// The memory that secp256k1.wasm of @bitauth/libauth 3.0.0 was linked for: fixed, its tables and stack at the bottom.
const PAGES = 256;
const PAGE = 65_536;
const STATIC_BASE = 1_024;
/** Where the module keeps the end of its heap, and the first free byte after it, rounded up to 16. */
const HEAP_END_AT = STATIC_BASE + 67_712;
const STACK_BASE = HEAP_END_AT + 16;
const STACK_BYTES = 5 * 1_024 * 1_024;
const TABLE_SIZE = 6;

const refuse = (what: string) => (): never => {
  throw new Error(`secp256k1 WebAssembly: ${what}`);
};

/**
 * The module, ready to be called, in memory of its own. Its host never grows that memory: all our buffers are made
 * once.
 * @param bytes secp256k1.wasm of @bitauth/libauth 3.0.0
 */
export async function instanceOf(bytes: BufferSource): Promise<InstantiatedWasm> {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  const heap = new Uint8Array(memory.buffer);
  new DataView(memory.buffer).setUint32(HEAP_END_AT, STACK_BASE + STACK_BYTES, true);
  const { instance } = await WebAssembly.instantiate(bytes, {
    env: {
      memory,
      table: new WebAssembly.Table({ element: 'anyfunc', initial: TABLE_SIZE, maximum: TABLE_SIZE }),
      tableBase: 0,
      DYNAMICTOP_PTR: HEAP_END_AT,
      STACKTOP: STACK_BASE,
      getTotalMemory: () => PAGES * PAGE,
      _emscripten_memcpy_big: (to: number, from: number, length: number) => {
        heap.copyWithin(to, from, from + length);
        return to;
      },
      abort: refuse('aborted'),
      _abort: refuse('aborted'),
      enlargeMemory: refuse('out of memory'),
      abortOnCannotGrowMemory: refuse('out of memory'),
      ___setErrNo: refuse('out of memory'),
    },
  });
  return { memory, exports: instance.exports };
}
