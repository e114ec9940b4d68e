import { describe, expect, it } from 'vitest';
import { ok } from '../base/result.ts';
import { CrashStore } from '../testkit/crash-store.ts';
import { field, ROUTES } from '../testkit/esplora-lies.ts';
import { FakeEsplora } from '../testkit/fake-esplora.ts';
import { NodeWorld, openedNodes, type NodeSeat } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import type { NodeEvent } from './api.ts';
import { RESTORE_KEY } from './loaded.ts';

/** The words on an empty disk, and nothing else. */
async function wordsAlone(seat: NodeSeat): Promise<void> {
  seat.die();
  seat.store = new CrashStore();
  await seat.start();
  void seat.node.restoreOnchain();
  await seat.world.settle();
  await seat.world.pass(60_001);
}

async function told({ api, world }: NodeSeat): Promise<readonly NodeEvent[]> {
  const events: NodeEvent[] = [];
  for (let next = await api.nextEvent(); next !== null; next = await api.nextEvent()) {
    events.push(next.event);
    value(await world.ask(api.eventHandled(next.cursor)));
  }
  return events;
}

it('coins that words found are from before, and no news; what comes after is', async () => {
  const world = new NodeWorld();
  const alice = world.seat('alice');
  await alice.start();
  await world.fund(alice, 50_000n);
  await wordsAlone(alice);
  expect((await alice.api.listBalances()).onchain.confirmedSat).toBe(50_000n);
  expect(await told(alice)).toEqual([]);
  await world.fund(alice, 20_000n);
  expect(await told(alice)).toMatchObject([{ tag: 'onchain-received', amountSat: 20_000n, confirmed: true }]);
});

it('words alone tell a channel that was opened and closed with the peer from payments', async () => {
  const { world, alice, channelId } = await openedNodes();
  value(await world.ask(alice.api.closeChannel(channelId)));
  await world.settle();
  await world.mine(7);
  const kinds = async (): Promise<readonly string[]> =>
    (await alice.api.listPayments()).payments.map(({ kind }) => kind);
  const before = await kinds();
  expect(before).toEqual(['channel-close', 'channel-open', 'onchain']);
  await wordsAlone(alice);
  expect(await kinds()).toEqual(before);
});

it('words find on where a server failed in the middle of it: what was found is there meanwhile, and no news', async () => {
  const world = new NodeWorld();
  const alice = world.seat('alice');
  await alice.start();
  for (const amount of [50_000n, 20_000n, 10_000n]) await world.fund(alice, amount);
  let given = 0;
  world.esplora.fault = (path) =>
    path.endsWith('/raw') && ++given > 3 ? { status: 503, body: 'Bad gateway' } : null;
  await wordsAlone(alice);
  const found = (await alice.api.listBalances()).onchain.confirmedSat;
  expect(found).toBeGreaterThan(0n);
  expect(found).toBeLessThan(80_000n);
  world.esplora.fault = () => null;
  value(await world.ask(alice.api.sync()));
  expect((await alice.api.listBalances()).onchain.confirmedSat).toBe(80_000n);
  expect(await told(alice)).toEqual([]);
});

describe('of two servers that are named, one is gone:', () => {
  const DOWN = { code: 'unreachable', detail: '' } as const;
  const lacks = (path: string) =>
    /^\/scripthash\/[0-9a-f]+$/.test(path)
      ? { status: 200, body: '{"chain_stats":{"tx_count":0},"mempool_stats":{"tx_count":0}}' }
      : null;

  async function restoring() {
    const world = new NodeWorld();
    const alice = world.seat('alice');
    await alice.start();
    await world.fund(alice, 50_000n);
    const second = new FakeEsplora('https://second.test', world.chain);
    second.fault = () => DOWN;
    world.servers.push(second);
    alice.servers = () => Promise.resolve(ok({ esplora: [world.esplora.url, second.url], proxies: [] }));
    alice.die();
    alice.store = new CrashStore();
    await alice.start();
    const restore = async (): Promise<boolean> => {
      const asked = alice.node.restoreOnchain();
      await world.settle();
      return (await asked).ok;
    };
    const isLooking = async (): Promise<boolean> =>
      value(await alice.store.get('meta', RESTORE_KEY)) !== null;
    return { world, alice, second, restore, isLooking };
  }

  it('what words found is there at once, and it is waited for ten minutes', async () => {
    const { world, alice, restore, isLooking } = await restoring();
    expect(await restore()).toBe(true);
    expect((await alice.api.listBalances()).onchain.confirmedSat).toBe(50_000n);
    const asked = (): number => world.esplora.log.filter((line) => line.includes('/scripthash/')).length;
    const before = asked();
    for (let i = 0; i < 9; i++) await world.pass(60_001);
    expect(await isLooking()).toBe(true);
    // Meanwhile what is new is looked for, and nothing anew.
    expect(asked() - before).toBeLessThan(80);
    for (let i = 0; i < 3; i++) await world.pass(60_001);
    expect(await isLooking()).toBe(false);
  });

  it('what the index of the other lacks is found when it is back', async () => {
    const { world, alice, second, restore, isLooking } = await restoring();
    world.esplora.fault = lacks;
    expect(await restore()).toBe(true);
    expect((await alice.api.listBalances()).onchain.confirmedSat).toBe(0n);
    second.fault = () => null;
    await world.pass(60_001);
    await world.pass(60_001);
    expect(await isLooking()).toBe(false);
    expect((await alice.api.listBalances()).onchain.confirmedSat).toBe(50_000n);
    expect(await told(alice)).toEqual([]);
  });
});

it('a close is taken in while servers are slow to list coins', async () => {
  const { world, alice, bob, channelId } = await openedNodes();
  const slow = new FakeEsplora('https://slow.test', world.chain);
  let isSlow = false;
  const never = new Promise<never>(() => undefined);
  world.servers.push({
    url: slow.url,
    answer: (request) =>
      isSlow && request.url.includes('/scripthash/') ? (never as never) : slow.answer(request),
  });
  alice.servers = () => Promise.resolve(ok({ esplora: [slow.url], proxies: [] }));
  // Out of reach of its peer, which would say so itself.
  alice.die();
  value(await world.ask(bob.api.forceCloseChannel(channelId)));
  bob.die();
  slow.fault = field(ROUTES.outspends, 'spent', false);
  await alice.restart();
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'offline' }]);
  slow.fault = () => null;
  isSlow = true;
  await world.mine(2);
  await world.pass(10_001);
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'force-closing' }]);
});
