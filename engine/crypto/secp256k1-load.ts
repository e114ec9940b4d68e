import type { Random } from '../base/ports.ts';
import { err, ok, type Result } from '../base/result.ts';
import { installSecp256k1 } from './secp256k1.ts';
import { wrongAnswer } from './secp256k1-known-answers.ts';
import { wasmSecp256k1 } from './secp256k1-wasm.ts';
import { readExports, type WasmExports } from './secp256k1-wasm-exports.ts';

/** Instantiates secp256k1.wasm, which `libsecp256k1/build.mjs` builds; may reject. */
export type InstantiateWasm = () => Promise<WasmExports>;

export type Secp256k1LoadFailure =
  /** No WebAssembly here, or its bytes did not arrive. */
  | { readonly code: 'unavailable'; readonly detail: string }
  /** Other exports than ours. */
  | { readonly code: 'unknown-version' }
  | { readonly code: 'wrong-answer'; readonly operation: string };

/**
 * Puts WebAssembly in noble's place, after it has given the right answer to a question of each kind. On a failure
 * noble stays: all works, slower. Never rejects.
 */
export async function loadSecp256k1(
  instantiate: InstantiateWasm,
  random: Random,
): Promise<Result<void, Secp256k1LoadFailure>> {
  let exports: WasmExports;
  try {
    exports = await instantiate();
  } catch (error) {
    return err({ code: 'unavailable', detail: String(error) });
  }
  const wasm = readExports(exports);
  if (wasm === null) return err({ code: 'unknown-version' });
  try {
    const curve = wasmSecp256k1(wasm, random(32));
    const operation = wrongAnswer(curve);
    if (operation !== null) return err({ code: 'wrong-answer', operation });
    installSecp256k1(curve);
    return ok(undefined);
  } catch (error) {
    return err({ code: 'unavailable', detail: String(error) });
  }
}
