import { beforeAll, describe, expect, it } from 'vitest';
import { err, ok } from '../base/result.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { NodeWorld, openedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

const notRunning = { ok: false, error: { code: 'not-running' } };

describe('the life of a node', () => {
  it('a node that is stopped while it begins never comes to life', async () => {
    const world = new NodeWorld();
    const alice = world.seat('alice');
    let answer: (servers: Awaited<ReturnType<typeof alice.servers>>) => void = () => undefined;
    alice.servers = () => new Promise((resolve) => (answer = resolve));
    await alice.load();
    const starting = alice.api.start();
    await world.settle();
    expect(await alice.api.stop()).toEqual(notRunning);
    answer(ok({ esplora: [world.esplora.url], proxies: [] }));
    expect(await world.ask(starting)).toEqual(notRunning);
    await world.pass(60_000);
    expect((await alice.api.status()).running).toBe(false);
    expect(world.esplora.log).toEqual([]);
  });

  it('is started again after a stop, from what is on disk', async () => {
    const { world, alice, bob, channelId } = await openedNodes();
    value(await world.ask(alice.api.stop()));
    expect(await alice.api.newAddress()).toEqual(notRunning);
    value(await world.ask(alice.api.start()));
    await world.pass(60_000);
    expect((await alice.api.listChannels())[0]).toMatchObject({ channelId, state: 'ready' });
    expect((await bob.api.listChannels())[0]).toMatchObject({ channelId, state: 'ready' });
  });

  it('the map is never on the start path: channels are ready, and pay, while the kept one is still being read', async () => {
    const { world, alice, bob, channelId } = await openedNodes();
    const before = await alice.api.listBalances();
    expect(before.lightning.localMsat).toBeGreaterThan(400_000_000n);
    alice.die();
    alice.store = alice.store.restart();
    let read: (kept: Uint8Array | null) => void = () => undefined;
    let asked = 0;
    alice.graphCache = {
      load: () => {
        asked++;
        return new Promise((resolve) => (read = resolve));
      },
      save: () => Promise.resolve(),
    };
    await alice.load();
    // Also before it is started.
    expect((await alice.api.listBalances()).lightning.localMsat).toBe(before.lightning.localMsat);
    expect(asked).toBe(0);
    value(await world.ask(alice.api.start()));
    await world.pass(60_000);
    expect(asked).toBe(1);
    expect((await alice.api.listChannels())[0]).toMatchObject({ channelId, state: 'ready', isUsable: true });
    const { invoice, paymentId } = value(
      await world.ask(bob.api.bolt11.receive({ amountMsat: 9_000_000n, description: '' })),
    );
    value(await world.ask(alice.api.bolt11.send(invoice)));
    await world.settle();
    expect(await bob.api.payment(paymentId)).toMatchObject({ ok: true, value: { state: 'succeeded' } });
    read(null);
  });

  it('whoever waits for an answer is told when the node stops', async () => {
    const world = new NodeWorld();
    const [alice, bob] = [world.seat('alice'), world.seat('bob')];
    await alice.start();
    await bob.start();
    await world.fund(alice, 1_000_000n);
    const nodeId = await bob.id();
    value(await world.ask(alice.api.connect(nodeId, 'bob', 9735, false)));
    // Bob's answer never comes.
    bob.store.hold();
    const opening = alice.api.openChannel({ nodeId, host: 'bob', port: 9735, amountSat: 500_000n });
    await world.settle();
    value(await world.ask(alice.api.stop()));
    expect(await world.ask(opening)).toMatchObject({ ok: false });
    expect((await alice.api.listBalances()).onchain.reservedSat).toBe(0n);
  });

  it('stops though the disk refuses every write, and says nothing of what is not on it', async () => {
    const { world, alice, bob } = await openedNodes();
    const before = await alice.api.listBalances();
    const invoice = value(
      await world.ask(bob.api.bolt11.receive({ amountMsat: 9_000_000n, description: '' })),
    );
    alice.store.refuse({ code: 'quota', detail: 'full' });
    const paying = alice.api.bolt11.send(invoice.invoice);
    await world.settle();
    expect((await alice.api.status()).alarms.map(({ code }) => code)).toEqual(['storage-full']);
    expect((await bob.api.listChannels())[0]?.pendingHtlcs).toBe(0);
    const looking = alice.api.listBalances();
    looking.catch(() => undefined);
    value(await world.ask(alice.api.stop()));
    expect(await paying).toEqual(notRunning);
    await expect(looking).rejects.toThrow('not on disk');
    alice.store.refuse(null);
    value(await world.ask(alice.api.start()));
    await world.pass(60_000);
    expect(await alice.api.listBalances()).toEqual(before);
    expect(await alice.api.payment(invoice.paymentId)).toMatchObject({ ok: false });
  });

  it('a bug in a turn leaves no half of it: the node goes on from what is on disk', async () => {
    const { world, alice, bob } = await openedNodes();
    const invoice = value(
      await world.ask(bob.api.bolt11.receive({ amountMsat: 9_000_000n, description: '' })),
    );
    const commits = alice.store.commits.length;
    let draws = 0;
    alice.onRandom = () => {
      // The first is that of the payment: its turn has begun.
      if (++draws === 1) throw new Error('a bug');
    };
    const paying = alice.api.bolt11.send(invoice.invoice);
    expect(await world.ask(paying)).toEqual(notRunning);
    alice.onRandom = () => undefined;
    expect(alice.store.commits.length).toBe(commits);
    await world.pass(1_001);
    await world.pass(60_000);
    expect(await alice.api.status()).toMatchObject({ running: true, alarms: [{ code: 'bug' }] });
    value(await world.ask(alice.api.bolt11.send(invoice.invoice)));
    expect(value(await bob.api.payment(invoice.paymentId)).state).toBe('succeeded');
  });

  it('starts when it can, after servers could not be told', async () => {
    const world = new NodeWorld();
    const alice = world.seat('alice');
    const { servers } = alice;
    alice.servers = () => Promise.resolve(err({ code: 'invalid-config', field: '', detail: '' }));
    await alice.load();
    expect(await alice.api.start()).toMatchObject({ error: { code: 'invalid-config' } });
    alice.servers = servers;
    value(await world.ask(alice.api.start()));
    expect((await alice.api.status()).running).toBe(true);
  });

  it('tells the chain again of what the wallet sent, after a crash before anybody heard of it', async () => {
    const world = new NodeWorld();
    const alice = world.seat('alice');
    await alice.start();
    await world.fund(alice, 1_000_000n);
    const { address } = value(await world.ask(alice.api.newAddress()));
    alice.store.plan({ tag: 'crash-after' });
    void alice.api.sendToAddress(address, 300_000n, 'normal');
    await world.settle();
    expect(world.chain.mempool).toEqual([]);
    await alice.restart();
    await world.settle();
    expect(world.chain.mempool).toHaveLength(1);
  });
});
