import { randomBytes } from 'node:crypto';
import { unhex } from './library.ts';
import type { LdkSettings } from './settings.ts';
import type { LdkStore } from './store.ts';

const SEED_KEY = 'seed';

/** 32 bytes, the same at each start. */
export function seedOf(store: LdkStore, settings: LdkSettings): Uint8Array {
  const saved = store.get(SEED_KEY);
  if (saved !== null) return saved;
  const seed = settings.seed === null ? new Uint8Array(randomBytes(32)) : unhex(settings.seed);
  store.commit({ put: new Map([[SEED_KEY, seed]]), remove: new Set() });
  return seed;
}
