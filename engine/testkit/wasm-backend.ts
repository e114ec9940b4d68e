import { assert } from '../base/assert.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import type { Secp256k1 } from '../crypto/secp256k1-backend.ts';
import { wasmSecp256k1 } from '../crypto/secp256k1-wasm.ts';
import { readExports } from '../crypto/secp256k1-wasm-exports.ts';

/** The WebAssembly backend, for tests, without the check at load. */
export async function wasmBackend(): Promise<Secp256k1> {
  const wasm = readExports(await instantiateSecp256k1());
  assert(wasm !== null, 'exports');
  return wasmSecp256k1(wasm, new Uint8Array(32).fill(7));
}
