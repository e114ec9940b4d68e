import { expect, it } from 'vitest';
import { CrashStore } from '../testkit/crash-store.ts';
import { NodeWorld, openedNodes, type NodeSeat } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import type { NodeEvent } from './api.ts';

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
