import { beforeAll, expect, it } from 'vitest';
import { nodeId, outPointKey } from '../base/ids.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { encode } from '../codec/field.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { CrashStore } from '../testkit/crash-store.ts';
import { NodeWorld, openedNodes, type NodeSeat, type OpenedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import { keeperRecord } from './backup/records.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

type Two = OpenedNodes & {
  /** Has Alice's words, and an empty disk. */
  readonly other: NodeSeat;
  readonly total: bigint;
  /** Every transaction that spends the channel's funding and was handed to a server, by id. */
  readonly closers: ReadonlySet<string>;
};

const pay = async (world: NodeWorld, from: NodeSeat, to: NodeSeat): Promise<void> => {
  const request = { amountMsat: 20_000_000n, description: '' };
  const { invoice } = value(await world.ask(to.api.bolt11.receive(request)));
  value(await world.ask(from.api.bolt11.send(invoice)));
  await world.settle();
};
const total = async ({ api }: NodeSeat): Promise<bigint> => (await api.listBalances()).totalMsat;
const states = async ({ api }: NodeSeat): Promise<readonly string[]> =>
  (await api.listChannels()).map(({ state }) => state);
const alarms = async ({ api }: NodeSeat): Promise<readonly string[]> =>
  (await api.status()).alarms.map(({ code }) => code);

/** Alice has paid from her channel and runs on; the same words are restored on another device. */
async function two(): Promise<Two> {
  const opened = await openedNodes();
  const { world, alice, bob } = opened;
  await pay(world, alice, bob);
  await world.pass(61_000);
  const [channel] = await alice.api.listChannels();
  const fundingTxId = channel?.fundingTxId ?? 'none';
  const closers = new Set<string>();
  const spent = (tx: Tx): readonly string[] => tx.inputs.map(({ outPoint }) => outPointKey(outPoint));
  world.esplora.refuses = (txs) => {
    for (const tx of txs) if (spent(tx).some((key) => key.startsWith(fundingTxId))) closers.add(txIdOf(tx));
    // Two devices claim the same: who is second is told so, as servers do.
    const others = world.chain.all().filter((tx) => txs.every((ours) => txIdOf(ours) !== txIdOf(tx)));
    const taken = new Set(others.flatMap(spent));
    return txs.some((tx) => spent(tx).some((key) => taken.has(key)))
      ? 'bad-txns-inputs-missingorspent'
      : null;
  };
  const other = world.seat('other');
  other.words = 'alice';
  await other.start();
  void other.node.restoreOnchain();
  await world.settle();
  await world.pass(60_001);
  return { ...opened, other, total: await total(alice), closers };
}

/** A peer that keeps no backups. */
async function forgetCopies(peer: NodeSeat): Promise<void> {
  const rows = new Map([...peer.store.snapshot()].map(([table, all]) => [table, new Map(all)]));
  for (const key of rows.get('meta')?.keys() ?? []) if (key.includes('guest')) rows.get('meta')?.delete(key);
  peer.die();
  peer.store = new CrashStore(rows);
  await peer.start();
}

async function untilClosed(world: NodeWorld, ...seats: readonly NodeSeat[]): Promise<void> {
  for (let blocks = 0; blocks < 30; blocks++) {
    await world.mine(10);
    const all = await Promise.all(seats.map(states));
    if (all.flat().every((state) => state === 'closed')) return;
  }
  throw new Error('not closed');
}

/** For what is asked for that waits on time. */
async function meanwhile<T>(world: NodeWorld, answer: Promise<T>): Promise<T> {
  for (let step = 0; step < 40; step++) await world.pass(1_000);
  return answer;
}

const FEES = 5_000_000n;

it('a restored device that comes upon a peer of old touches nothing: the other goes on, and the person is told', async () => {
  const { world, alice, bob, other, closers } = await two();
  const asked = { nodeId: await bob.id(), host: 'bob', port: 9735, amountSat: 100_000n };
  expect(await meanwhile(world, other.api.openChannel(asked))).toEqual({
    ok: false,
    error: { code: 'runs-elsewhere' },
  });
  expect(await alarms(other)).toEqual(['runs-elsewhere']);
  for (let step = 0; step < 20; step++) await world.pass(5_000);
  expect({ alice: await states(alice), other: await states(other), closers: closers.size }).toEqual({
    alice: ['ready'],
    other: [],
    closers: 0,
  });
  await pay(world, alice, bob);
  expect(await alarms(alice)).toEqual([]);
});

it('so does one whose peer keeps no copies, and speaks of a channel that this disk does not know', async () => {
  const { world, alice, bob, other, closers } = await two();
  alice.die();
  await forgetCopies(bob);
  await meanwhile(world, other.api.connect(await bob.id(), 'bob', 9735, false));
  expect(await alarms(other)).toEqual(['runs-elsewhere']);
  await alice.restart();
  for (let step = 0; step < 20; step++) await world.pass(5_000);
  expect([await states(alice), closers.size]).toEqual([['ready'], 0]);
  await pay(world, alice, bob);
});

it('a restored device with a channel of its own at that peer keeps it, and leaves the one that it does not know', async () => {
  const world = new NodeWorld();
  const [alice, bob] = [world.seat('alice'), world.seat('bob')];
  await alice.start();
  await bob.start();
  void alice.node.restoreOnchain();
  await world.settle();
  await world.pass(60_001);
  await world.fund(alice, 1_000_000n);
  const open = async (): Promise<void> => {
    const peer = { nodeId: await bob.id(), host: 'bob', port: 9735, amountSat: 300_000n };
    value(await meanwhile(world, alice.api.openChannel(peer)));
    await world.mine(6);
  };
  await open();
  const disk = alice.store.snapshot();
  await open();
  alice.die();
  await forgetCopies(bob);
  alice.store = new CrashStore(disk);
  await alice.start();
  for (let step = 0; step < 20; step++) await world.pass(5_000);
  expect(await alarms(alice)).toEqual(['runs-elsewhere']);
  expect(await states(alice)).toEqual(['ready']);
  expect((await states(bob)).toSorted()).not.toContain('force-closing');
  await pay(world, alice, bob);
});

it('a device that takes over while the other runs: the channel is closed by its peer, nothing else is published, and both have what is left', async () => {
  const { world, alice, bob, other, total: before, closers } = await two();
  const taken = await meanwhile(world, other.api.backup.askPeer(await bob.id(), 'bob', 9735));
  expect(value(taken)).toMatchObject({ found: 1 });
  for (let step = 0; step < 20; step++) await world.pass(5_000);
  await untilClosed(world, alice, other);
  await world.mine(6);
  expect(closers.size).toBe(1);
  for (const seat of [alice, other]) {
    expect(await total(seat)).toBeGreaterThan(before - FEES);
    expect((await seat.api.listBalances()).closingSat).toBe(0n);
  }
  expect(await total(alice)).toBe(await total(other));
});

it('what the first device takes of a close is found by the second, whichever addresses the first gave out meanwhile', async () => {
  const { world, alice, bob, other, total: before } = await two();
  for (let i = 0; i < 3; i++) value(await world.ask(alice.api.newAddress()));
  const taken = await meanwhile(world, other.api.backup.askPeer(await bob.id(), 'bob', 9735));
  expect(value(taken)).toMatchObject({ found: 1 });
  other.die();
  await untilClosed(world, alice);
  await other.restart();
  await untilClosed(world, other);
  expect(await total(other)).toBe(await total(alice));
  expect(await total(other)).toBeGreaterThan(before - FEES);
  expect((await other.api.listBalances()).onchain.pendingSat).toBe(0n);
  // Told once, as to the first.
  const received = async (seat: NodeSeat): Promise<readonly unknown[]> =>
    (await seat.events()).filter(({ tag }) => tag === 'onchain-received').slice(-2);
  const [, claim] = await received(alice);
  expect(await received(other)).toEqual([claim]);
});

it('a device that comes back after another took over: it sees its channel closed and publishes nothing of it', async () => {
  const { world, alice, bob, other, total: before, closers } = await two();
  alice.die();
  const taken = await meanwhile(world, other.api.backup.askPeer(await bob.id(), 'bob', 9735));
  expect(value(taken)).toMatchObject({ found: 1 });
  await untilClosed(world, other);
  await alice.restart();
  for (let step = 0; step < 20; step++) await world.pass(5_000);
  await untilClosed(world, alice, other);
  expect(closers.size).toBe(1);
  expect(await total(alice)).toBe(await total(other));
  expect(await total(alice)).toBeGreaterThan(before - FEES);
});

it('who took over once: what the other device opens after that is not closed', async () => {
  const { world, alice, bob, other, closers } = await two();
  value(await meanwhile(world, other.api.backup.askPeer(await bob.id(), 'bob', 9735)));
  await untilClosed(world, alice, other);
  other.die();
  value(
    await meanwhile(
      world,
      alice.api.openChannel({ nodeId: await bob.id(), host: 'bob', port: 9735, amountSat: 200_000n }),
    ),
  );
  await world.mine(6);
  await world.pass(61_000);
  const before = closers.size;
  await other.restart();
  for (let step = 0; step < 20; step++) await world.pass(5_000);
  expect(await alarms(other)).toEqual(['runs-elsewhere']);
  expect(await states(alice)).toEqual(['closed', 'ready']);
  expect(closers.size).toBe(before);
  await pay(world, alice, bob);

  // Asked for, it is.
  const taken = await meanwhile(world, other.api.backup.askPeer(await bob.id(), 'bob', 9735));
  expect(value(taken)).toMatchObject({ found: 1 });
  expect(await alarms(other)).toEqual([]);
});

it('a file that another device may still write is taken only by who says that it does not', async () => {
  const { world, alice, other } = await two();
  const { bytes } = value(await world.ask(alice.api.backup.export()));
  expect(await world.ask(other.api.backup.restore(bytes, false))).toEqual({
    ok: false,
    error: { code: 'runs-elsewhere' },
  });
  expect(await states(other)).toEqual([]);
  // Its own is nobody else's.
  expect(value(await world.ask(alice.api.backup.restore(bytes, false)))).toMatchObject({ known: 1 });
  expect(value(await world.ask(other.api.backup.restore(bytes)))).toMatchObject({ found: 1 });
});

it('a file of a device whose clock was ahead is taken all the same by who says that it runs no more', async () => {
  const { world, alice, other } = await two();
  world.clock.skew += 3_000;
  await pay(world, alice, world.seats[1]!);
  await world.pass(61_000);
  const { bytes } = value(await world.ask(alice.api.backup.export()));
  alice.die();
  world.clock.skew -= 3_000;
  expect(value(await world.ask(other.api.backup.restore(bytes)))).toMatchObject({ found: 1 });
});

it('an old disk from before devices had names, and a copy that is further on: the channel is stopped, also where the copy has one that is unknown', async () => {
  const { world, alice, bob, channelId } = await openedNodes();
  await world.pass(61_000);
  const old = new Map([...alice.store.snapshot()].map(([table, all]) => [table, new Map(all)]));
  old.get('meta')?.delete('backup/own');
  // Takes so little that beside what the other device has there is no room.
  const keeper = { nodeId: nodeId(await bob.id()), capacity: 512, sent: null, returned: null };
  old.get('meta')?.set(`backup/keeper/${keeper.nodeId}`, encode(keeperRecord, keeper));
  await pay(world, alice, bob);
  const peer = { nodeId: await bob.id(), host: 'bob', port: 9735, amountSat: 200_000n };
  value(await meanwhile(world, alice.api.openChannel(peer)));
  await world.mine(6);
  await world.pass(61_000);
  alice.die();
  alice.store = new CrashStore(old);
  await alice.start();
  for (let step = 0; step < 10; step++) await world.pass(5_000);
  expect((await alarms(alice)).toSorted()).toEqual(['data-loss', 'runs-elsewhere']);
  const stopped = await alice.api.listChannels();
  expect(stopped.map((one) => [one.channelId, one.state])).toEqual([[channelId, 'force-closing']]);
  expect(stopped[0]?.closing?.kind).toBe('remote-force');
  // The one that is not known here is left as it is.
  expect((await states(bob)).toSorted()).toEqual(['force-closing', 'reconnecting']);

  // What the peer keeps is that device's: not ours, and nothing of ours is kept there.
  const kept = async (): Promise<unknown> => (await alice.api.snapshot('backup')).peers;
  expect(await kept()).toMatchObject([{ state: 'shared', sent: null }]);
  bob.die();
  await alice.restart();
  expect(await kept()).toMatchObject([{ state: 'unknown', sent: null }]);
});

it('a copy of the disk that runs beside it, which nothing on either can tell from the other: whoever is behind stops, and what its peer publishes is all that is published', async () => {
  const { world, alice, bob, other, closers } = await two();
  other.die();
  other.store = new CrashStore(alice.store.snapshot());
  await pay(world, alice, bob);
  await other.start();
  for (let step = 0; step < 20; step++) await world.pass(5_000);
  const before = await total(alice);
  await untilClosed(world, alice, other);
  await world.mine(6);
  expect(closers.size).toBe(1);
  for (const seat of [alice, other]) expect(await total(seat)).toBeGreaterThan(before - FEES);
  expect(await total(alice)).toBe(await total(other));
  expect((await alarms(other)).filter((code) => code === 'data-loss')).toEqual(['data-loss']);
  expect(await alarms(alice)).toEqual([]);
});

it('a disk put back, as its peer shows that keeps no copies: what was asked for before may be paid already', async () => {
  const { world, alice, bob } = await openedNodes();
  const old = new CrashStore(alice.store.snapshot());
  const request = { amountMsat: 20_000_000n, description: '' };
  const { invoice } = value(await world.ask(bob.api.bolt11.receive(request)));
  value(await world.ask(alice.api.bolt11.send(invoice)));
  await world.settle();
  alice.die();
  await forgetCopies(bob);
  alice.store = old;
  await alice.start();
  for (let step = 0; step < 5; step++) await world.pass(5_000);
  expect(await alarms(alice)).toEqual(['data-loss']);
  await alice.restart();
  expect(await world.ask(alice.api.bolt11.send(invoice))).toEqual({
    ok: false,
    error: { code: 'may-be-paid', by: 'earlier-device' },
  });
});
