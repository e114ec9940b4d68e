import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import { indexedDbGraphCache } from './indexeddb-graph-cache.ts';

it('gives back what was kept, each network its own', async () => {
  const cache = indexedDbGraphCache('mainnet');
  expect(await cache.load()).toBeNull();
  await cache.save(Uint8Array.of(1, 2, 3));
  await cache.save(Uint8Array.of(4, 5));
  expect(await indexedDbGraphCache('mainnet').load()).toEqual(Uint8Array.of(4, 5));
  expect(await indexedDbGraphCache('signet').load()).toBeNull();
});
