import type { InstantiateWasm } from '../../engine/crypto/secp256k1-load.ts';
import type { Store } from '../../engine/storage/store.ts';

/** What differs between a node in Node.js and one in a browser. */
export type Surroundings = {
  readonly openStore: (name: string) => Promise<Store>;
  readonly instantiateCurve: InstantiateWasm;
  /** Resolves when everything that waits for no clock is done. */
  readonly turn: () => Promise<void>;
};
