import { beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../base/result.ts';
import { sat } from '../base/units.ts';
import { scriptOfAddress } from '../bitcoin/address.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { paying } from '../testkit/fake-chain.ts';
import { NodeWorld, openedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import type { NodeEvent } from './api.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

describe('two nodes', () => {
  it('open, pay both ways and close', async () => {
    const { world, alice, bob, channelId } = await openedNodes();
    expect((await alice.api.listChannels())[0]).toMatchObject({ channelId, state: 'ready', isUsable: true });

    const invoice = value(
      await world.ask(bob.api.bolt11.receive({ amountMsat: 100_000_000n, description: 'tea' })),
    );
    value(await world.ask(alice.api.bolt11.send(invoice.invoice)));
    expect(value(await alice.api.payment(invoice.paymentId)).state).toBe('succeeded');
    expect(value(await bob.api.payment(invoice.paymentId)).state).toBe('succeeded');

    const back = value(
      await world.ask(alice.api.bolt11.receive({ amountMsat: 30_000_000n, description: 'change' })),
    );
    value(await world.ask(bob.api.bolt11.send(back.invoice)));
    expect(value(await alice.api.payment(back.paymentId)).state).toBe('succeeded');
    expect((await bob.api.listBalances()).totalMsat).toBe(70_000_000n);

    value(await world.ask(alice.api.closeChannel(channelId)));
    await world.settle();
    await world.mine(7);
    expect((await alice.api.listChannels())[0]?.state).toBe('closed');
    expect((await bob.api.listBalances()).onchain.confirmedSat).toBe(70_000n);
    expect(alice.complaints).toEqual([]);
    expect(bob.complaints).toEqual([]);
  });

  it('tell on-chain money when it is seen and when it confirms, and say which is which', async () => {
    const world = new NodeWorld();
    const alice = world.seat('alice');
    await alice.start();
    const { address } = value(await world.ask(alice.api.newAddress()));
    world.chain.add(paying([value(scriptOfAddress(address, 'regtest')), sat(50_000n)]));
    value(await world.ask(alice.api.sync()));
    const cameTo = [{ address, amountSat: 50_000n }];
    expect((await alice.api.listPayments()).payments).toMatchObject([{ state: 'pending', cameTo }]);
    await world.mine(3);
    const [received] = (await alice.api.listPayments()).payments;
    expect(value(await alice.api.payment(received?.id ?? ''))).toMatchObject({ state: 'succeeded', cameTo });
    const told: NodeEvent[] = [];
    for (let next = await alice.api.nextEvent(); next !== null; next = await alice.api.nextEvent()) {
      told.push(next.event);
      value(await world.ask(alice.api.eventHandled(next.cursor)));
    }
    expect(told).toMatchObject([
      { tag: 'onchain-received', amountSat: 50_000n, confirmed: false },
      { tag: 'onchain-received', amountSat: 50_000n, confirmed: true },
    ]);
  });

  it('keep what was noted for money on the chain, coming and going', async () => {
    const world = new NodeWorld();
    const alice = world.seat('alice');
    await alice.start();
    const { address } = value(await world.ask(alice.api.newAddress('Tea')));
    value(await world.ask(alice.api.labelAddress(address, 'Coffee')));
    world.chain.add(paying([value(scriptOfAddress(address, 'regtest')), sat(90_000n)]));
    await world.mine();
    const theirs = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
    value(await world.ask(alice.api.sendToAddress(theirs, 20_000n, 'slow', undefined, 'Rent')));
    const { payments } = await alice.api.listPayments();
    expect(payments.map(({ label }) => label)).toEqual(['Rent', 'Coffee']);
    expect(await alice.api.labelAddress(theirs, 'x')).toMatchObject({
      error: { code: 'invalid-argument', field: 'address' },
    });
  });

  it('tell coins that were sent to oneself by what that cost, and as neither in nor out', async () => {
    const world = new NodeWorld();
    const alice = world.seat('alice');
    await alice.start();
    await world.fund(alice, 90_000n);
    const { address } = value(await world.ask(alice.api.newAddress()));
    const { feeSat } = value(await world.ask(alice.api.sendToAddress(address, 20_000n, 'slow')));
    const { payments } = await alice.api.listPayments();
    const own = payments.filter(({ toSelf }) => toSelf);
    expect(own).toMatchObject([{ kind: 'onchain', amountMsat: feeSat * 1000n, feeMsat: null }]);
    expect((await alice.api.listBalances()).totalMsat).toBe((90_000n - feeSat) * 1000n);
  });

  // BOLT 2 §open_channel: "the `channel_type` includes `option_zeroconf` and it does not trust the sender to open an
  // unconfirmed channel."
  it('opens no channel to be used unconfirmed where the peer does not trust it with one, and keeps its coins', async () => {
    const world = new NodeWorld();
    const alice = world.seat('alice');
    const bob = world.seat('bob');
    await alice.start();
    await bob.start();
    await world.fund(alice, 1_000_000n);
    const before = await alice.api.listBalances();
    const wish = { nodeId: await bob.id(), host: 'bob', port: 9735, amountSat: 500_000n, zeroConf: true };
    const opened = await world.ask(alice.api.openChannel(wish));
    expect(opened).toMatchObject({ ok: false, error: { code: 'peer-refused' } });
    expect(await alice.api.listBalances()).toEqual(before);
  });

  it('opens no channel for a higher fee than was agreed to, and keeps its coins', async () => {
    const world = new NodeWorld();
    const alice = world.seat('alice');
    const bob = world.seat('bob');
    await alice.start();
    await bob.start();
    await world.fund(alice, 1_000_000n);
    const before = await alice.api.listBalances();
    const { feeSat } = value(await alice.api.quoteOpenChannel(500_000n, 5));
    const wish = {
      nodeId: await bob.id(),
      host: 'bob',
      port: 9735,
      amountSat: 500_000n,
      feerateSatPerVb: 5,
    };
    const above = { code: 'fee-above-limit', feeMsat: feeSat * 1000n, limitMsat: (feeSat - 1n) * 1000n };
    expect(await world.ask(alice.api.openChannel({ ...wish, maxFeeSat: feeSat - 1n }))).toEqual({
      ok: false,
      error: above,
    });
    // Not worth a call.
    expect(await alice.api.listPeers()).toEqual([]);
    expect(await alice.api.listBalances()).toEqual(before);

    value(await world.ask(alice.api.openChannel({ ...wish, maxFeeSat: feeSat })));
    const [opening] = (await alice.api.listPayments()).payments;
    expect(opening).toMatchObject({ kind: 'channel-open', feeMsat: feeSat * 1000n });
  });

  it('nor where other coins have to pay for it by the time that the peer has agreed', async () => {
    const world = new NodeWorld();
    const alice = world.seat('alice');
    const bob = world.seat('bob');
    await alice.start();
    await bob.start();
    await world.fund(alice, 1_000_000n);
    for (let coin = 0; coin < 4; coin++) await world.fund(alice, 200_000n);
    const { feeSat } = value(await alice.api.quoteOpenChannel(500_000n, 5));
    const wish = { host: 'bob', port: 9735, amountSat: 500_000n, feerateSatPerVb: 5, maxFeeSat: feeSat };
    const opening = alice.api.openChannel({ ...wish, nodeId: await bob.id() });
    // The large coin goes elsewhere in the meantime: four small ones cost more.
    const theirs = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
    const sent = alice.api.sendToAddress(theirs, 990_000n, { satPerVb: 5 });
    const [opened, { txId }] = [await world.ask(opening), value(await sent)];
    expect(opened).toMatchObject({ error: { code: 'fee-above-limit', limitMsat: feeSat * 1000n } });
    expect(await alice.api.listChannels()).toEqual([]);
    expect((await alice.api.listBalances()).onchain.reservedSat).toBe(0n);
    expect(
      (await alice.api.listPayments()).payments.filter(({ direction }) => direction === 'outgoing'),
    ).toMatchObject([{ txId }]);
  });

  it('takes no channel from a peer while the chain cannot be seen', async () => {
    const world = new NodeWorld();
    const alice = world.seat('alice');
    const bob = world.seat('bob');
    bob.servers = () => Promise.resolve(ok({ esplora: ['https://gone.test'], proxies: [] }));
    await alice.start();
    await bob.start();
    await world.fund(alice, 1_000_000n);
    const opened = await world.ask(
      alice.api.openChannel({ nodeId: await bob.id(), host: 'bob', port: 9735, amountSat: 500_000n }),
    );
    expect(opened).toMatchObject({ ok: false, error: { code: 'peer-refused' } });
    expect(await bob.api.listChannels()).toEqual([]);
  });
});
