import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { indexedDbCell } from '../engine/platform/indexeddb-cell.ts';
import { closeBrowser, newBrowser, openHost } from './testkit/one-browser.ts';

vi.hoisted(() => {
  // config.json is looked for beside the worker.
  Object.assign(globalThis, { self: { location: { href: 'https://wallet.test/assets/worker.js' } } });
});

beforeEach(newBrowser);
afterEach(closeBrowser);

const onDisk = (): Promise<Uint8Array | null> => indexedDbCell('leyden-log', 'lines').load();

test('the next worker tells what the one before logged, from a disk that tells nothing; erased, it is gone', async () => {
  const { host } = openHost();
  expect(await host.create(null, 'regtest')).toMatchObject({ ok: true });
  await vi.waitFor(async () => expect(await onDisk()).not.toBeNull(), { timeout: 30_000 });
  const opened = 'the wallet is open {"network":"regtest"}';
  expect(Buffer.from((await onDisk()) ?? []).toString('latin1')).not.toContain('the wallet is open');

  const { host: next } = openHost();
  expect(await next.takeOver()).toMatchObject({ ok: true });
  const lines = await next.logs();
  expect(lines.filter(({ message }) => message === opened)).toHaveLength(2);
  expect(await next.erase()).toMatchObject({ ok: true });
  expect([await onDisk(), await next.logs()]).toEqual([null, []]);
});
