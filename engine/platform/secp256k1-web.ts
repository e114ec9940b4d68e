import wasmUrl from '../../node_modules/.cache/leyden-curve/secp256k1.wasm?url';
import { base64 } from '@scure/base';
import { fromHex } from '../base/bytes.ts';
import { MODULE_SHA256 } from '../crypto/secp256k1-sha256.mjs';
import type { InstantiateWasm } from '../crypto/secp256k1-load.ts';

/**
 * For `loadSecp256k1` in a Web Worker: an asset of the site, 30 kB over the wire. The page's Content-Security-Policy
 * must allow 'wasm-unsafe-eval' for scripts. Every secret passes through it, so it is held to its hash as scripts are, also
 * before a service worker does that.
 */
export const instantiateSecp256k1: InstantiateWasm = async () => {
  const response = await fetch(wasmUrl, { integrity: `sha256-${base64.encode(fromHex(MODULE_SHA256))}` });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  // Not instantiateStreaming: a plain static server may not know the type application/wasm.
  return (await WebAssembly.instantiate(await response.arrayBuffer())).instance.exports;
};
