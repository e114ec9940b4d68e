import { expect, it } from 'vitest';
import type { BackupSearch } from './backup-api.ts';
import { CrashStore } from '../testkit/crash-store.ts';
import { openedNodes, type NodeSeat, type NodeWorld, type OpenedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import { STATIC_PAYMENT_KEYS } from '../wallet/key-tree.ts';

const EVERY_MS = 100;
const KEYS_AT_ONCE = 25;
const total = async ({ api }: NodeSeat): Promise<bigint> => (await api.listBalances()).totalMsat;

/** Alice paid Bob, and has some left in the channel: 400,000 sat, less what the commitment costs. */
async function paid(): Promise<OpenedNodes> {
  const opened = await openedNodes();
  const { world, alice, bob } = opened;
  const { invoice } = value(
    await world.ask(bob.api.bolt11.receive({ amountMsat: 100_000_000n, description: '' })),
  );
  value(await world.ask(alice.api.bolt11.send(invoice)));
  return opened;
}

/** The words on an empty disk, and nothing else. */
async function wordsAlone(seat: NodeSeat): Promise<void> {
  seat.die();
  seat.store = new CrashStore();
  seat.strayEveryMs = EVERY_MS;
  await seat.start();
  void seat.node.restoreOnchain();
  await seat.world.settle();
  // The wallet's own coins first.
  await seat.world.pass(60_001);
}

async function searched(world: NodeWorld, seat: NodeSeat): Promise<void> {
  for (let step = 0; step < (STATIC_PAYMENT_KEYS / KEYS_AT_ONCE) * 2; step++) {
    if (((await seat.api.snapshot('backup')).search?.rounds ?? 1) > 0) return;
    await world.pass(EVERY_MS);
  }
  throw new Error('the search does not end');
}

it('a peer that kept nothing closed before the words were restored: all but the fees comes home, over a restart', async () => {
  const { world, alice, bob, channelId } = await paid();
  const before = await total(alice);
  alice.die();
  value(await world.ask(bob.api.forceCloseChannel(channelId)));
  await world.mine(10);
  await wordsAlone(alice);
  const search = async (): Promise<BackupSearch | null> => (await alice.api.snapshot('backup')).search;
  expect(await search()).toMatchObject({ rounds: 0, keysTotal: 1_000, foundSat: 0n, nextHeight: null });
  for (let step = 0; step < 10; step++) await world.pass(EVERY_MS);
  await alice.restart();
  expect((await search())?.keysChecked).toBeGreaterThanOrEqual(200);
  await searched(world, alice);

  // Before the claim is in a block it counts already.
  const found = await total(alice);
  expect(found).toBeGreaterThan(before - 5_000_000n);
  expect(found).toBeLessThan(before);
  await alice.restart();
  await world.mine(1);
  const { onchain, closingSat } = await alice.api.listBalances();
  expect({ home: onchain.confirmedSat * 1000n, closingSat }).toEqual({ home: found, closingSat: 0n });
  expect((await search())?.foundSat).toBeGreaterThan(390_000n);
  // Deep: nothing is left to do until it is looked again.
  await world.mine(6);
  expect(await search()).toMatchObject({ foundSat: 0n, nextHeight: expect.any(Number) as number });
  expect(await total(alice)).toBe(found);
});

it('a peer that speaks of a channel nobody knows is told so, closes it, and the money is found', async () => {
  const { world, alice, bob } = await paid();
  const before = await total(alice);
  // It keeps no backup, and the channel is open.
  const rows = new Map([...bob.store.snapshot()].map(([table, all]) => [table, new Map(all)]));
  for (const key of rows.get('meta')?.keys() ?? []) if (key.includes('guest')) rows.get('meta')?.delete(key);
  alice.die();
  bob.die();
  bob.store = new CrashStore(rows);
  await bob.start();
  await wordsAlone(alice);
  const asked = alice.api.backup.askPeer(await bob.id(), 'bob', 9735);
  await world.settle();
  await world.pass(11_000);
  expect(value(await world.ask(asked))).toBe(null);
  await world.mine(3);
  await searched(world, alice);
  await world.mine(1);
  expect(await total(alice)).toBeGreaterThan(before - 5_000_000n);
});

it('a backup file that comes after all takes over what was found', async () => {
  const { world, alice, bob, channelId } = await paid();
  const before = await total(alice);
  const { bytes } = value(await world.ask(alice.api.backup.export()));
  alice.die();
  value(await world.ask(bob.api.forceCloseChannel(channelId)));
  await world.mine(10);
  await wordsAlone(alice);
  await searched(world, alice);
  expect(value(await world.ask(alice.api.backup.restore(bytes)))).toMatchObject({ found: 1 });
  await world.mine(1);
  await world.mine(8);
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
  const after = await alice.api.listBalances();
  expect(after).toMatchObject({ closingSat: 0n, totalMsat: after.onchain.confirmedSat * 1000n });
  expect(after.totalMsat).toBeGreaterThan(before - 5_000_000n);
  expect(after.totalMsat).toBeLessThan(before);
});

it('without a restore nobody is asked for anything', async () => {
  const { alice } = await paid();
  expect((await alice.api.snapshot('backup')).search).toBe(null);
});
