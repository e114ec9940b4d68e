import { describe, expect, it } from 'vitest';
import { outPointKey } from '../base/ids.ts';
import { txIdOf } from '../bitcoin/tx.ts';
import { CrashStore } from '../testkit/crash-store.ts';
import { NodeWorld, openedNodes, type NodeSeat } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import type { PaymentDetails } from './api.ts';
import type { BackupPeer, RestoredBackup } from './backup-api.ts';

/** The same words on an empty disk: the former device is gone. */
async function newDevice(seat: NodeSeat): Promise<void> {
  seat.die();
  seat.store = new CrashStore();
  await seat.start();
  void seat.node.restoreOnchain();
  await seat.world.settle();
}

const pay = async (world: NodeWorld, from: NodeSeat, to: NodeSeat, amountMsat: bigint): Promise<void> => {
  const { invoice } = value(await world.ask(to.api.bolt11.receive({ amountMsat, description: '' })));
  value(await world.ask(from.api.bolt11.send(invoice)));
};

const keeper = async (seat: NodeSeat): Promise<BackupPeer | undefined> =>
  (await seat.api.snapshot('backup')).peers[0];

/** From the peer's closing to the last of our claims. */
async function untilClosed(world: NodeWorld, seat: NodeSeat): Promise<void> {
  for (let blocks = 0; blocks < 200; blocks += 10) {
    await world.mine(10);
    if ((await seat.api.listChannels()).every(({ state }) => state === 'closed')) return;
  }
}

/** What servers were ever told that would spend the funding output of the only channel, by transaction. */
async function toldOfFunding(world: NodeWorld, seat: NodeSeat): Promise<ReadonlySet<string>> {
  const [channel] = await seat.api.listChannels();
  const funding = `${channel?.fundingTxId}:${channel?.fundingIndex}`;
  const spends = world.esplora.posted.filter(({ inputs }) =>
    inputs.some(({ outPoint }) => outPointKey(outPoint) === funding),
  );
  return new Set(spends.map(txIdOf));
}

/** The commitment that this node published. */
async function publishedBy(seat: NodeSeat): Promise<string> {
  const [channel] = await seat.api.listChannels();
  expect(channel?.closing).toMatchObject({ kind: 'local-force' });
  return channel?.closing?.txId ?? '';
}

/** The peer's commitment fee is the opener's to pay, and the claim pays its own. */
const FEES = 5_000n;

describe('a backup', () => {
  it('is with the peer as soon as there is a channel, and follows it', async () => {
    const { world, alice, bob } = await openedNodes();
    await world.pass(1_000);
    const first = await alice.api.snapshot('backup');
    expect(first).toMatchObject({ channels: 1, isBehind: false, file: null, peers: [{ state: 'kept' }] });
    expect(first.peers[0]?.sent?.counter).toBe(first.counter);
    // Each keeps the other's.
    expect(first.keptForPeers).toBe(1);
    expect((await bob.api.snapshot('backup')).keptForPeers).toBe(1);

    await pay(world, alice, bob, 10_000_000n);
    expect(await alice.api.snapshot('backup')).toMatchObject({ counter: first.counter, isBehind: true });
    await world.pass(61_000);
    const second = await alice.api.snapshot('backup');
    expect(second).toMatchObject({ counter: first.counter + 1, isBehind: false });
    expect(second.peers[0]?.sent?.counter).toBe(second.counter);
  });

  it('counts as a file once that is written, and not when it was made for one', async () => {
    const { world, alice } = await openedNodes();
    const { backup } = alice.api;
    const first = value(await world.ask(backup.export()));
    expect((await alice.api.snapshot('backup')).file).toBeNull();
    expect((await world.ask(backup.saved(first.counter + 1))).ok).toBe(false);
    value(await world.ask(backup.saved(first.counter)));
    expect((await alice.api.snapshot('backup')).file).toMatchObject({ counter: first.counter });
    await alice.restart();
    expect((await alice.api.snapshot('backup')).file).toMatchObject({ counter: first.counter });
  });

  it('a file written late does not count as newer than the one that is newer', async () => {
    const { world, alice, bob } = await openedNodes();
    const { backup } = alice.api;
    const first = value(await world.ask(backup.export()));
    const request = { amountMsat: 5_000_000n, description: '' };
    const { invoice } = value(await world.ask(bob.api.bolt11.receive(request)));
    value(await world.ask(alice.api.bolt11.send(invoice)));
    await world.pass(61_000);
    const second = value(await world.ask(backup.export()));
    expect(second.counter).toBeGreaterThan(first.counter);
    value(await world.ask(backup.saved(second.counter)));
    value(await world.ask(backup.saved(first.counter)));
    expect((await alice.api.snapshot('backup')).file).toMatchObject({ counter: second.counter });
  });

  it('is asked for at each connection; a peer that lost it, or has an old one, is named', async () => {
    const { world, alice, bob } = await openedNodes();
    await world.pass(61_000);
    await bob.restart();
    await world.pass(10_000);
    expect(await keeper(alice)).toMatchObject({ state: 'kept', connected: true });
    expect((await keeper(alice))?.checkedAt).not.toBe(null);

    // A peer that went back to an older copy.
    const copy = bob.store.snapshot();
    await pay(world, alice, bob, 10_000_000n);
    await world.pass(61_000);
    await world.pass(61_000);
    const rows = new Map([...bob.store.snapshot()].map(([table, all]) => [table, new Map(all)]));
    for (const [key, bytes] of copy.get('meta') ?? []) rows.get('meta')?.set(key, bytes);
    bob.die();
    bob.store = new CrashStore(rows);
    await bob.start();
    await world.pass(10_000);
    expect(await keeper(alice)).toMatchObject({ state: 'outdated' });

    for (const key of rows.get('meta')?.keys() ?? [])
      if (key.includes('guest')) rows.get('meta')?.delete(key);
    bob.die();
    bob.store = new CrashStore(rows);
    await bob.start();
    await world.pass(10_000);
    expect(await keeper(alice)).toMatchObject({ state: 'missing' });
    // It has been given the latest again: the next time it has it.
    await bob.restart();
    await world.pass(10_000);
    expect(await keeper(alice)).toMatchObject({ state: 'kept' });
    expect(await alice.api.listChannels()).toMatchObject([{ state: 'ready' }]);
  });

  it('of a peer whose channels are over is kept for 2016 blocks and no longer', async () => {
    const { world, alice, bob, channelId } = await openedNodes();
    await world.pass(1_000);
    value(await world.ask(alice.api.closeChannel(channelId)));
    await world.settle();
    await world.mine(7);
    await world.mine(2_000);
    expect((await bob.api.snapshot('backup')).keptForPeers).toBe(1);
    await world.mine(30);
    expect((await bob.api.snapshot('backup')).keptForPeers).toBe(0);
  });
});

describe('a lost device', () => {
  async function paid(): Promise<Awaited<ReturnType<typeof openedNodes>> & { readonly total: bigint }> {
    const opened = await openedNodes();
    const { world, alice, bob } = opened;
    for (let i = 0; i < 3; i++) await pay(world, alice, bob, 20_000_000n);
    const { totalMsat } = await alice.api.listBalances();
    return { ...opened, total: totalMsat };
  }
  const lightning = async ({ api }: NodeSeat): Promise<readonly PaymentDetails[]> =>
    (await api.listPayments()).payments.filter(({ kind }) => kind === 'bolt11');
  const total = async (seat: NodeSeat): Promise<bigint> => (await seat.api.listBalances()).totalMsat;

  it('words and a file: the channel is closed by its peer, and everything is on chain', async () => {
    const { world, alice, bob, total: before } = await paid();
    const { bytes } = value(await world.ask(alice.api.backup.export()));
    const paidBefore = await lightning(alice);
    const stale = (await alice.api.listBalances()).lightning.localMsat;
    await pay(world, alice, bob, 20_000_000n);
    await newDevice(alice);
    const restored = value(await world.ask(alice.api.backup.restore(bytes)));
    expect(restored).toMatchObject({ found: 1, stopped: 0, known: 0 });
    expect(await alice.api.listChannels()).toMatchObject([{ state: 'data-loss' }]);
    // Nothing of it can be sent any more: it is on its way back, as much as is known.
    expect((await alice.api.snapshot('backup')).channels).toBe(0);
    const [{ closing: ending } = { closing: null }] = await alice.api.listChannels();
    expect(ending).toMatchObject({ kind: 'unknown', txId: null });
    const cost = ending?.feeSat ?? 0n;
    const { lightning: gone, closingSat, totalMsat } = await alice.api.listBalances();
    expect({ localMsat: gone.localMsat, closingSat, totalMsat }).toEqual({
      localMsat: 0n,
      closingSat: stale / 1000n - cost,
      totalMsat: before - cost * 1000n,
    });
    // What was paid up to then is known, also after a restart, and is not paid again.
    await alice.restart();
    expect(await lightning(alice)).toEqual(paidBefore);
    const [last] = paidBefore;
    expect(await world.ask(alice.api.bolt11.send(last?.invoice ?? ''))).toMatchObject({
      error: { code: 'duplicate-payment' },
    });
    await world.pass(5_000);
    await untilClosed(world, alice);
    const after = await total(alice);
    expect(after).toBeLessThan(before - 20_000_000n);
    expect(after).toBeGreaterThan(before - 20_000_000n - FEES * 1000n);
    // Every fee is told, and nothing but fees: what was paid after the backup is none.
    const [closed] = await alice.api.listChannels();
    const { feeSat = 0n, amountSat = 0n, transactions = [] } = closed?.closing ?? {};
    const claimed = transactions.reduce((sum, one) => sum + one.feeSat, 0n);
    expect(transactions).toHaveLength(1);
    expect(before - 20_000_000n - after).toBe((feeSat + claimed) * 1000n);
    expect(transactions[0]?.receivedSat).toBe(amountSat - claimed);
    const opening = (await alice.api.listPayments()).payments.find(
      ({ txId }) => txId === closed?.fundingTxId,
    );
    expect(opening).toMatchObject({ kind: 'channel-open', direction: 'outgoing', amountMsat: 500_000_000n });
    expect((await alice.api.listBalances()).closingSat).toBe(0n);
    expect(await toldOfFunding(world, bob)).toEqual(new Set([await publishedBy(bob)]));
  });

  it('a file tells which transactions opened and closed channels that were over when it was made', async () => {
    const { world, alice, channelId } = await paid();
    value(await world.ask(alice.api.closeChannel(channelId)));
    await world.settle();
    await world.mine(7);
    const onChain = async (): Promise<Readonly<Record<string, string>>> =>
      Object.fromEntries(
        (await alice.api.listPayments()).payments.flatMap(({ txId, kind }) =>
          txId === null ? [] : [[txId, kind]],
        ),
      );
    const before = await onChain();
    expect(Object.values(before).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'channel-close',
      'channel-open',
      'onchain',
    ]);
    for (const restored of ['once', 'from the file of what was restored']) {
      const { bytes } = value(await world.ask(alice.api.backup.export()));
      await newDevice(alice);
      await world.pass(60_001);
      value(await world.ask(alice.api.backup.restore(bytes)));
      expect(await onChain(), restored).toEqual(before);
      await alice.restart();
      expect(await onChain(), restored).toEqual(before);
    }
  });

  it('an invoice from before words were restored may have been paid by the lost device: it is paid once the person says that it was not', async () => {
    const { world, alice, bob } = await paid();
    await world.pass(61_000);
    const ask = async (): Promise<string> =>
      value(await world.ask(bob.api.bolt11.receive({ amountMsat: 20_000_000n, description: '' }))).invoice;
    // After the last copy that a peer keeps.
    const invoice = await ask();
    value(await world.ask(alice.api.bolt11.send(invoice)));
    await world.settle();
    const { bytes } = value(await world.ask(alice.api.backup.export()));
    const other = await ask();
    await newDevice(alice);
    const asked = alice.api.backup.askPeer(await bob.id(), 'bob', 9735);
    await world.pass(1_000);
    expect(value(await world.ask(asked))).toMatchObject({ found: 1 });
    await untilClosed(world, alice);
    const opening = alice.api.openChannel({
      nodeId: await bob.id(),
      host: 'bob',
      port: 9735,
      amountSat: 300_000n,
    });
    await world.pass(1_000);
    value(await world.ask(opening));
    await world.mine(6);
    const before = await total(alice);
    expect(await world.ask(alice.api.bolt11.send(invoice))).toEqual({
      ok: false,
      error: { code: 'may-be-paid', by: 'earlier-device' },
    });
    expect(value(await world.ask(alice.api.bolt11.quote(other))).mayBePaid).toBe('earlier-device');
    // Also for whoever would pay the address beside it.
    expect(value(await alice.api.parse(other))).toMatchObject({ mayBePaid: 'earlier-device' });
    expect(await total(alice)).toBe(before);
    value(await world.ask(alice.api.bolt11.send(other, { isUnpaid: true })));
    // Whoever knows better says so.
    value(await world.ask(alice.api.backup.restore(bytes)));
    expect(await world.ask(alice.api.bolt11.send(invoice))).toMatchObject({
      error: { code: 'duplicate-payment', state: 'succeeded' },
    });
    await world.pass(61_000);
    const later = await ask();
    expect(value(await world.ask(alice.api.bolt11.quote(later))).mayBePaid).toBeUndefined();
    expect(value(await alice.api.parse(later))).not.toHaveProperty('mayBePaid');
    value(await world.ask(alice.api.bolt11.send(later)));
  });

  it('words alone: the peer gives back what it kept', async () => {
    const { world, alice, total: before } = await paid();
    const id = await world.seats[1]?.id();
    await world.pass(61_000);
    await newDevice(alice);
    const asked = alice.api.backup.askPeer(id ?? '', 'bob', 9735);
    await world.pass(1_000);
    expect(value(await world.ask(asked))).toMatchObject({ found: 1, stopped: 0, known: 0 });
    await untilClosed(world, alice);
    const after = await total(alice);
    expect(after).toBeGreaterThan(before - FEES * 1000n);
    expect((await alice.api.listBalances()).onchain.confirmedSat).toBe(after / 1000n);
  });

  it('a peer that kept nothing says so, one that is not there is a refusal', async () => {
    const world = new NodeWorld();
    const [alice, bob] = [world.seat('alice'), world.seat('bob')];
    await alice.start();
    await bob.start();
    const asked = alice.api.backup.askPeer(await bob.id(), 'bob', 9735);
    await world.settle();
    await world.pass(11_000);
    expect(value(await world.ask(asked))).toBe(null);
    const missing = alice.api.backup.askPeer(await bob.id(), 'nowhere', 9735);
    await world.pass(31_000);
    expect((await world.ask(missing)).ok).toBe(false);
  });

  it('a file of other words, no file at all', async () => {
    const { world, alice, bob } = await openedNodes();
    const { bytes } = value(await world.ask(alice.api.backup.export()));
    expect(await world.ask(bob.api.backup.restore(bytes))).toEqual({
      ok: false,
      error: { code: 'backup-unreadable', reason: 'other-words' },
    });
    expect(await world.ask(alice.api.backup.restore(new Uint8Array(9)))).toEqual({
      ok: false,
      error: { code: 'backup-unreadable', reason: 'not-a-backup' },
    });
    expect(await world.ask(alice.api.backup.restore('file' as never))).toMatchObject({
      ok: false,
      error: { code: 'invalid-argument' },
    });
    // Its own, with nothing lost: nothing happens.
    expect(value(await world.ask(alice.api.backup.restore(bytes)))).toMatchObject<Partial<RestoredBackup>>({
      found: 0,
      stopped: 0,
      known: 1,
    });
    expect(await alice.api.listChannels()).toMatchObject([{ state: 'ready' }]);
  });
});

describe('a disk that went back to an older state', () => {
  it('is found out by the peer’s copy before the channel says anything, and nothing is ever published', async () => {
    const { world, alice, bob } = await openedNodes();
    await world.pass(61_000);
    const old = alice.store.snapshot();
    await pay(world, alice, bob, 20_000_000n);
    await world.pass(61_000);
    alice.die();
    alice.store = new CrashStore(old);
    await alice.start();
    await world.pass(10_000);
    // Already the peer’s commitment, known by what its copy of the backup says of it.
    expect(await alice.api.listChannels()).toMatchObject([
      { state: 'force-closing', closing: { kind: 'remote-force' } },
    ]);
    const events = await alice.events();
    expect(events.filter(({ tag }) => tag === 'alarm')).toMatchObject([{ alarm: { code: 'data-loss' } }]);
    await untilClosed(world, alice);
    // What was paid is Bob's, what is ours is home.
    const { totalMsat, closingSat } = await alice.api.listBalances();
    expect(closingSat).toBe(0n);
    expect(totalMsat).toBeGreaterThan(980_000_000n - FEES * 1000n);
    expect((await bob.api.listBalances()).totalMsat).toBeGreaterThan(19_000_000n);
    expect(await toldOfFunding(world, bob)).toEqual(new Set([await publishedBy(bob)]));
  });
});
