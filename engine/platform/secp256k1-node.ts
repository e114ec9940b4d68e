import module from '../../node_modules/.cache/leyden-curve/secp256k1.json' with { type: 'json' };
import type { InstantiateWasm } from '../crypto/secp256k1-load.ts';

/** For `loadSecp256k1` in Node.js: the module is part of the program. */
export const instantiateSecp256k1: InstantiateWasm = async () =>
  (await WebAssembly.instantiate(Buffer.from(module.base64, 'base64'))).instance.exports;
