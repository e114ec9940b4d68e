import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { InstantiateWasm } from '../crypto/secp256k1-load.ts';

/** For `loadSecp256k1` in Node.js: the module's bytes from the installed package. */
export const instantiateSecp256k1: InstantiateWasm = async (imports) => {
  const entry = createRequire(import.meta.url).resolve('@solar-republic/wasm-secp256k1/headless');
  const bytes = await readFile(new URL('secp256k1.wasm', `file://${entry}`));
  const { instance } = await WebAssembly.instantiate(bytes, imports);
  return instance.exports;
};
