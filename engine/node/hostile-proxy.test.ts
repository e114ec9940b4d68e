import { beforeAll, describe, expect, it } from 'vitest';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { HostileProxy, type Tamper } from '../testkit/hostile-proxy.ts';
import { openedNodes, type OpenedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

type Between = OpenedNodes & { readonly proxy: HostileProxy; readonly bobId: string };

/** Alice reaches Bob through the proxy alone. */
async function between(): Promise<Between> {
  const nodes = await openedNodes();
  const { world, alice, bob } = nodes;
  const bobId = await bob.id();
  const proxy = new HostileProxy(world.network, 'proxy', 'bob');
  value(await world.ask(alice.api.disconnect(bobId)));
  value(await world.ask(alice.api.connect(bobId, 'proxy', 9735, true)));
  await world.settle();
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'ready' }]);
  return { ...nodes, proxy, bobId };
}

/** Until the two talk again, however long redials wait by now. */
async function mended({ world, alice, bob, proxy, bobId }: Between): Promise<void> {
  proxy.tamper = (bytes) => [bytes];
  proxy.silent = false;
  value(await world.ask(alice.api.disconnect(bobId)));
  value(await world.ask(alice.api.connect(bobId, 'proxy', 9735, true)));
  await world.settle();
  for (const { api } of [alice, bob]) expect(await api.listChannels()).toMatchObject([{ state: 'ready' }]);
}

async function total({ alice, bob }: OpenedNodes): Promise<bigint> {
  const balances = await Promise.all([alice, bob].map(({ api }) => api.listBalances()));
  return balances.reduce((sum, { lightning }) => sum + lightning.localMsat + lightning.inFlightMsat, 0n);
}

/** A payment while the proxy does its worst, and then without it: it has failed or succeeded, for both alike. */
async function payThrough(nodes: Between, tamper: Tamper): Promise<void> {
  const { world, alice, bob, proxy } = nodes;
  const { invoice, paymentId } = value(
    await world.ask(bob.api.bolt11.receive({ amountMsat: 1_000_000n, description: '' })),
  );
  proxy.tamper = tamper;
  const paying = value(await world.ask(alice.api.bolt11.send(invoice)));
  await world.settle();
  await mended(nodes);
  const sent = value(await alice.api.payment(paying.paymentId));
  const received = value(await bob.api.payment(paymentId));
  expect(sent.state).toMatch(/succeeded|failed/);
  expect(received.state === 'succeeded').toBe(sent.state === 'succeeded');
}

describe('a hostile proxy', () => {
  it('that cuts at each byte of a handshake, up and down, costs the connection only', async () => {
    const nodes = await between();
    const { world, alice, proxy, bobId } = nodes;
    // BOLT 8's acts: 50 bytes up, 50 down, 66 up.
    for (const direction of ['up', 'down'] as const)
      for (let limit = 0; limit < (direction === 'up' ? 116 : 50); limit++) {
        value(await world.ask(alice.api.disconnect(bobId)));
        proxy.tamper = byteByByte(limit, direction);
        expect(
          (await world.ask(alice.api.connect(bobId, 'proxy', 9735, true))).ok,
          `${direction} ${limit}`,
        ).toBe(false);
      }
    await mended(nodes);
    expect((await alice.api.status()).alarms).toEqual([]);
  });

  it('that cuts in the middle of a payment: it is made once, or not at all, and the channel goes on', async () => {
    const nodes = await between();
    const money = await total(nodes);
    for (const direction of ['up', 'down'] as const)
      for (let limit = 0; limit < 2_000; limit += 167) await payThrough(nodes, fromNowOn(limit, direction));
    expect(await total(nodes)).toBe(money);
    for (const { api } of [nodes.alice, nodes.bob]) expect((await api.status()).alarms).toEqual([]);
  });

  it.each<readonly [string, Tamper]>([
    ['flips a bit of everything', (bytes) => [bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte))]],
    ['says everything twice', (bytes) => [bytes, bytes]],
    ['slips in garbage', (bytes) => [new Uint8Array(18).fill(7), bytes]],
    ['answers us with our own words', (bytes, _, direction) => (direction === 'up' ? [] : [bytes, bytes])],
    ['leaves a piece out', (bytes) => [bytes.subarray(1)]],
  ])('that %s: what does not decrypt ends the connection, and nothing else', async (_, tamper) => {
    const nodes = await between();
    const money = await total(nodes);
    await payThrough(nodes, tamper);
    expect(await total(nodes)).toBe(money);
  });

  it('that says it is connected and reaches nobody is given up, and dialled ever more rarely', async () => {
    const { world, alice, proxy, bobId } = await between();
    proxy.silent = true;
    await world.ask(alice.api.disconnect(bobId));
    const refused = alice.api.connect(bobId, 'proxy', 9735, true);
    await world.pass(120_000);
    expect(await refused).toMatchObject({ ok: false, error: { code: 'timed-out' } });
    proxy.dials = 0;
    for (let minute = 0; minute < 60; minute++) await world.pass(60_000);
    expect(proxy.dials).toBeLessThan(40);
    expect(await alice.api.listChannels()).toMatchObject([{ state: 'offline' }]);
  });
});

/** Exactly `limit` bytes of a direction come through. */
const byteByByte =
  (limit: number, cut: 'up' | 'down'): Tamper =>
  (bytes, before, direction) => {
    if (direction !== cut || before + bytes.length <= limit) return [bytes];
    return [bytes.subarray(0, Math.max(0, limit - before)), null];
  };

/** The same, counted from this moment of a connection that stands. */
function fromNowOn(limit: number, cut: 'up' | 'down'): Tamper {
  let start: number | null = null;
  return (bytes, before, direction) => {
    if (direction !== cut) return [bytes];
    start ??= before;
    return byteByByte(start + limit, cut)(bytes, before, direction);
  };
}
