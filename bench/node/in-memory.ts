import { setImmediate } from 'node:timers/promises';
import { instantiateSecp256k1 } from '../../engine/platform/secp256k1-node.ts';
import { MemoryStore } from '../../engine/storage/memory-store.ts';
import type { Surroundings } from './surroundings.ts';

/** Node.js, state in memory. */
export const inMemory: Surroundings = {
  openStore: () => Promise.resolve(new MemoryStore()),
  instantiateCurve: instantiateSecp256k1,
  turn: () => setImmediate(),
};
