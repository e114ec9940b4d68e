import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { InstantiateWasm } from '../crypto/secp256k1-load.ts';
import { instanceOf } from './secp256k1-instance.ts';

const MODULE = '@bitauth/libauth/build/lib/bin/secp256k1/secp256k1.wasm';

/** For `loadSecp256k1` in Node.js: the module's bytes from the installed package. */
export const instantiateSecp256k1: InstantiateWasm = async () =>
  instanceOf(await readFile(createRequire(import.meta.url).resolve(MODULE)));
