import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { parseServersConfig } from '../../engine/node/servers-config.ts';
import { CONNECTED } from '../../services/proxy/protocol.ts';
import { mineAutomatically } from '../world/auto-miner.ts';
import { until } from '../world/until.ts';
import { World } from '../world/world.ts';

let world: World;
let beside: World;
beforeAll(async () => {
  // Two at once must not be in each other's way.
  [world, beside] = await Promise.all([World.start({ esploras: 2 }), World.start({ peers: [] })]);
});
afterAll(async () => {
  await Promise.all([world.stop(), beside.stop()]);
});

const ask = async (path: string, body: unknown) => {
  const response = await fetch(world.control.url + path, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
};

test('describes itself as the app’s configuration file does', () => {
  const parsed = parseServersConfig(world.config());
  expect(parsed).toMatchObject({
    ok: true,
    value: { networks: { regtest: { peers: [{ nodeId: world.ldk.id }] } } },
  });
  expect(world.config().networks.regtest.esplora).toHaveLength(2);
  expect(beside.config().networks.regtest.peers).toEqual([]);
});

test('each world has a chain of its own; its servers agree', async () => {
  await world.mine(1);
  const tips = await Promise.all(
    [...world.esploras, beside.esplora].map(async ({ url }) =>
      (await fetch(`${url}/blocks/tip/hash`)).text(),
    ),
  );
  expect(tips[0]).toBe(tips[1]);
  expect(tips[0]).not.toBe(tips[2]);
});

test('the peer has its coins and is reached through the proxy', async () => {
  expect(await world.ldk.onchainSat()).toBe(200_000_000n);
  const { host, port } = world.ldk.address;
  const page = new WebSocket(`${world.proxy.url}/v1/${host}/${port}`, { origin: 'http://wallet.test' });
  const [frame] = (await once(page, 'message')) as [Buffer];
  expect(frame.toString()).toBe(CONNECTED);
  page.terminate();
});

describe('what a page may ask for', () => {
  test('coins, confirmed', async () => {
    const address = await world.chain.newAddress('bech32m');
    const { status, answer } = await ask('/faucet', { address, amountSat: 1_000_000 });
    expect(status).toBe(200);
    const utxos = await (await fetch(`${world.esplora.url}/address/${address}/utxo`)).json();
    expect(utxos).toMatchObject([{ txid: answer['txid'], value: 1_000_000, status: { confirmed: true } }]);
  });

  test('blocks', async () => {
    const height = await world.chain.height();
    expect(await ask('/mine', { blocks: 3 })).toEqual({ status: 200, answer: { height: height + 3 } });
  });

  test('an invoice of the peer', async () => {
    const { answer } = await ask('/peer/invoice', { amountMsat: 5_000_000, description: 'tea' });
    expect(answer['bolt11']).toMatch(/^lnbcrt50u1/);
  });

  test('nonsense gets a sentence', async () => {
    expect(await ask('/faucet', { address: 'nowhere', amountSat: 1 })).toMatchObject({ status: 400 });
    expect(await ask('/faucet', { address: 'x', amountSat: -1 })).toEqual({
      status: 400,
      answer: { error: 'amountSat must be a whole number above 0' },
    });
    expect(await ask('/mine', 7)).toMatchObject({ status: 400 });
    expect(await ask('/rob', {})).toMatchObject({ status: 404 });
  });
});

test('blocks come by themselves while a transaction waits, and stop six later', async () => {
  const height = await beside.chain.height();
  const miner = mineAutomatically(beside.chain, 10);
  const txid = await beside.chain.send(await beside.chain.newAddress(), 10_000n);
  const confirmations = async (): Promise<number> =>
    (await beside.chain.rpc.call<{ confirmations?: number }>('getrawtransaction', txid, true))
      .confirmations ?? 0;
  await until(async () => (await confirmations()) === 6, { what: 'six confirmations' });
  miner.stop();
  expect(await beside.chain.height()).toBe(height + 6);
});
