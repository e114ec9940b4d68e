import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Bitcoind } from '../world/bitcoind.ts';
import { until } from '../world/until.ts';

let chain: Bitcoind;
beforeAll(async () => {
  chain = await Bitcoind.start();
});
afterAll(() => chain.stop());

test('coins can be spent from the start, and `fund` confirms what it pays', async () => {
  const address = await chain.newAddress();
  const height = await chain.height();
  const txid = await chain.fund(address, 123_456n);
  expect(await chain.height()).toBe(height + 1);
  const tx = await chain.rpc.call<{ confirmations: number; vout: { value: number }[] }>(
    'getrawtransaction',
    txid,
    true,
  );
  expect(tx.confirmations).toBe(1);
  expect(tx.vout.map((output) => output.value)).toContain(0.00123456);
});

test('a reorganisation puts transactions back into the mempool, or leaves them in other blocks', async () => {
  const txid = await chain.fund(await chain.newAddress(), 50_000n);
  const height = await chain.height();
  const blocks = await chain.reorg(1, 2);
  expect(blocks).toHaveLength(2);
  expect(await chain.height()).toBe(height + 1);
  expect(await chain.rpc.call('getrawmempool')).toEqual([txid]);
  await chain.mine(1);
  expect(await chain.rpc.call('getrawmempool')).toEqual([]);
});

test('a package is accepted as a whole or refused with reasons', async () => {
  const result = await chain.submitPackage(['00']).catch((error: Error) => error.message);
  expect(result).toMatch(/TX decode failed/);
});

test('kill -9 of whoever started bitcoind ends bitcoind too', async () => {
  const script = fileURLToPath(new URL('./fixtures/start-bitcoind.ts', import.meta.url));
  const starter = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = await new Promise<number>((resolve) =>
    starter.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString()))),
  );
  const isAlive = (): boolean => {
    try {
      return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
    } catch {
      return false;
    }
  };
  expect(isAlive()).toBe(true);
  starter.kill('SIGKILL');
  await until(() => !isAlive(), { what: 'bitcoind to end' });
  expect(isAlive()).toBe(false);
});
