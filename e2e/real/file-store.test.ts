import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { put } from '../../engine/base/write.ts';
import { STORE_CONTRACT } from '../../engine/testkit/store-contract.ts';
import { FileStore } from '../world/leyden/file-store.ts';

let folder: string;
const opened: FileStore[] = [];

async function openStore(path: string): Promise<FileStore> {
  const store = await FileStore.open(path);
  opened.push(store);
  return store;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leyden-store-'));
});
afterAll(async () => {
  for (const store of opened) await store.close();
  await rm(folder, { recursive: true, force: true });
});

describe.each(STORE_CONTRACT.map((check, i) => [check.name, check, i] as const))('%s', (_, check, i) => {
  test('file store', async () => {
    const path = join(folder, `contract-${i}`);
    const store = await openStore(path);
    await expect(check.run({ store, reopen: () => openStore(path) })).resolves.toBe(undefined);
  });
});

test('a commit cut off at any byte is not there, and the next one is', async () => {
  const whole = join(folder, 'whole');
  const store = await openStore(whole);
  await store.commit([put('payment', 'a', Uint8Array.of(1))]);
  const first = (await readFile(whole)).length;
  await store.commit([put('payment', 'a', Uint8Array.of(2)), put('payment', 'b', Uint8Array.of(2))]);
  const bytes = await readFile(whole);
  for (let cut = first; cut < bytes.length; cut++) {
    const path = join(folder, 'cut');
    await writeFile(path, bytes);
    await truncate(path, cut);
    const again = await openStore(path);
    expect(await again.get('payment', 'a')).toEqual({ ok: true, value: Uint8Array.of(1) });
    expect(await again.get('payment', 'b')).toEqual({ ok: true, value: null });
    await again.commit([put('payment', 'c', Uint8Array.of(3))]);
    await again.close();
    const third = await openStore(path);
    expect(await third.get('payment', 'c')).toEqual({ ok: true, value: Uint8Array.of(3) });
    await third.close();
  }
});

test('a commit whose bytes were damaged is not there', async () => {
  const path = join(folder, 'damaged');
  const store = await openStore(path);
  await store.commit([put('payment', 'a', Uint8Array.of(1))]);
  await store.close();
  await appendFile(path, Uint8Array.from([3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9]));
  const again = await openStore(path);
  expect(await again.get('payment', 'a')).toEqual({ ok: true, value: Uint8Array.of(1) });
  await again.close();
});
