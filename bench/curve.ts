import { loadSecp256k1 } from '../engine/crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../engine/platform/secp256k1-node.ts';
import { systemRandom } from '../engine/platform/system-random.ts';

/** The curve as the wallet uses it: in WebAssembly. */
export async function loadCurve(): Promise<void> {
  const loaded = await loadSecp256k1(instantiateSecp256k1, systemRandom);
  if (!loaded.ok) throw new Error(`the curve did not load: ${loaded.error.code}`);
}
