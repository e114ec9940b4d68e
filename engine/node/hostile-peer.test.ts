import { beforeAll, describe, expect, it } from 'vitest';
import { channelId, txId } from '../base/ids.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { HostileChannel } from '../testkit/hostile-channel.ts';
import { HostilePeer } from '../testkit/hostile-peer.ts';
import { openedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

describe('a hostile peer', () => {
  it('cannot put a channel of its own in the place of one that stands', async () => {
    const { world, alice } = await openedNodes();
    const [before] = await alice.api.listChannels();
    const mallory = await HostilePeer.connect(world, 'mallory', alice);
    const outPoint = { txId: txId(before?.fundingTxId ?? ''), index: before?.fundingIndex ?? 0 };
    await mallory.openFrom(outPoint, 500_000n);
    expect(await alice.api.listChannels()).toEqual([before]);
    expect(mallory.heard.map(({ name }) => name)).toEqual(['accept_channel', 'error']);
    await alice.restart();
    await world.pass(60_000);
    expect(await alice.api.listChannels()).toEqual([before]);
  });
});

describe('a peer with several channels', () => {
  // BOLT 2 §Message Retransmission: "MUST transmit `channel_reestablish` for each channel."
  it('hears channel_reestablish for each of them, on every connection and after a restart', async () => {
    const { world, alice } = await openedNodes();
    const mallory = await HostilePeer.connect(world, 'mallory', alice);
    for (let i = 0; i < 3; i++)
      await mallory.openFrom({ txId: txId(`${i}`.repeat(64)), index: 0 }, 100_000n, i);
    const ids = mallory.heard.flatMap((said) => (said.name === 'funding_signed' ? [said.channelId] : []));
    expect(new Set(ids).size).toBe(3);
    const reestablished = async (): Promise<readonly string[]> => {
      mallory.heard.length = 0;
      await mallory.dial(alice.name);
      return mallory.heard.flatMap((said) => (said.name === 'channel_reestablish' ? [said.channelId] : []));
    };
    await mallory.hangUp();
    expect((await reestablished()).toSorted()).toEqual(ids.toSorted());
    await mallory.hangUp();
    await alice.restart();
    expect((await reestablished()).toSorted()).toEqual(ids.toSorted());
  });
});

describe('a peer that asks too much', () => {
  it('cannot fill the disk and the watches with channels that nobody funds', async () => {
    const { world, alice } = await openedNodes();
    const mallory = await HostilePeer.connect(world, 'mallory', alice);
    const told = async () =>
      (await alice.api.listPeers()).map(({ state, lastError }) => ({ state, lastError }));
    for (let i = 0; i < 8; i++)
      await mallory.openFrom({ txId: txId(`${i}`.repeat(64)), index: 0 }, 100_000n, i);
    expect(await alice.api.listChannels()).toHaveLength(1 + 4);
    const calm = { state: 'connected', lastError: null };
    expect(await told()).toEqual([calm, calm]);
    await mallory.openFrom({ txId: txId('8'.repeat(64)), index: 0 }, 100_000n, 8);
    expect(await told()).toEqual([
      calm,
      {
        state: 'connected',
        lastError: { code: 'peer-misbehaved', reason: 'asks-for-channels', detail: 'asked for 9, funded 0' },
      },
    ]);
  });

  it('nor the list of channels with those that it abandons, and what they had watched', async () => {
    const { world, alice } = await openedNodes();
    const [before] = await alice.api.listChannels();
    const mallory = await HostilePeer.connect(world, 'mallory', alice);
    for (let i = 0; i < 25; i++) {
      // The funding transaction of the channel that stands, too.
      const ofOther = i === 3 ? (before?.fundingTxId ?? '') : i.toString(16).padStart(64, '0');
      await mallory.openFrom({ txId: txId(ofOther), index: 9 }, 100_000n, i);
      const signed = mallory.heard.findLast(({ name }) => name === 'funding_signed');
      if (signed?.name !== 'funding_signed') throw new Error('not signed');
      mallory.say({ name: 'error', channelId: signed.channelId, data: Uint8Array.of(0x21) });
      await world.settle();
    }
    const states = (await alice.api.listChannels()).map(({ state }) => state);
    expect(states.filter((state) => state === 'closed')).toHaveLength(20);
    expect(states.filter((state) => state === 'ready')).toHaveLength(1);
    const requests = world.esplora.log.length;
    await world.mine(1);
    const asked = world.esplora.log
      .slice(requests)
      .flatMap((line) => /0{60}[0-9a-f]{4}/.exec(line)?.[0] ?? []);
    expect(new Set(asked).size).toBe(20);
    await alice.restart();
    expect(await alice.api.listChannels()).toHaveLength(21);
    expect(
      (await alice.api.listChannels()).find(({ channelId: id }) => id === before?.channelId),
    ).toMatchObject({
      fundingTxId: before?.fundingTxId,
    });
  });

  it('nor those that are looked for, should they be funded after all, with what it pushed to us', async () => {
    const { world, alice } = await openedNodes();
    const closed = async () => (await alice.api.listChannels()).filter(({ state }) => state === 'closed');
    for (let n = 0; n < 6; n++) {
      const mallory = await HostilePeer.connect(world, `mallory ${n}`, alice);
      for (let i = 0; i < 4; i++)
        await mallory.openFrom({ txId: txId(`${n}${i}`.padStart(64, '0')), index: 0 }, 100_000n, i, 50_000n);
    }
    // BOLT 2 §channel_ready: "SHOULD forget the channel if it does not see the correct funding transaction after a timeout
    // of 2016 blocks."
    await world.mine(2_016);
    // A peer has a block to say what is overdue.
    await world.mine(1);
    expect(await closed()).toHaveLength(20);
    const requests = world.esplora.log.length;
    await world.mine(1);
    const asked = world.esplora.log.slice(requests).flatMap((line) => /0{62}\d\d/.exec(line)?.[0] ?? []);
    expect(new Set(asked).size).toBe(20);
    await alice.restart();
    expect(await closed()).toHaveLength(20);
  });

  async function hungUpWhileTheDiskIsHeld(count: number, length: number): Promise<void> {
    const { world, alice } = await openedNodes();
    const mallory = await HostilePeer.connect(world, 'mallory', alice);
    alice.store.hold();
    void alice.api.newAddress();
    await world.settle();
    const warning = {
      name: 'warning',
      channelId: channelId('11'.repeat(32)),
      data: new Uint8Array(length),
    } as const;
    // Never more at once than its own socket takes.
    for (let said = 0; said < count; said += 50) {
      for (let i = 0; i < 50; i++) mallory.say(warning);
      await world.settle();
    }
    expect(mallory.isConnected).toBe(false);
    alice.store.release();
    await world.settle();
    expect((await alice.api.listPeers()).map(({ state }) => state)).toEqual(['connected']);
  }

  it('is hung up on when its messages wait for a disk that takes nothing', () =>
    hungUpWhileTheDiskIsHeld(4_100, 8));

  it('and sooner when they are long', () => hungUpWhileTheDiskIsHeld(200, 65_000));

  it('is hung up on for ten thousand pings; the others do not notice', async () => {
    const { world, alice, bob } = await openedNodes();
    const mallory = await HostilePeer.connect(world, 'mallory', alice);
    const ping = { name: 'ping', pongBytes: 65_531, ignored: new Uint8Array(0) } as const;
    for (let i = 0; i < 10_000; i++) mallory.say(ping);
    await world.settle();
    expect(mallory.isConnected).toBe(false);
    expect(mallory.heard.filter(({ name }) => name === 'pong').length).toBeLessThanOrEqual(200);
    const { invoice } = value(
      await world.ask(bob.api.bolt11.receive({ amountMsat: 1_000n, description: '' })),
    );
    const { paymentId } = value(await world.ask(alice.api.bolt11.send(invoice)));
    await world.settle();
    expect(value(await alice.api.payment(paymentId))).toMatchObject({ state: 'succeeded' });
  });

  it('has its HTLCs given back by the thousand, those past the rate later, and anew after a restart: nobody is hung up on, no channel closes, none stays in flight', async () => {
    const { world, alice } = await openedNodes();
    const mallory = await HostilePeer.connect(world, 'mallory', alice);
    const channel = await HostileChannel.open(world, mallory, 1_000_000n);
    for (let i = 0; i < 8; i++) await channel.flood(483, 1_000n);
    channel.offer(482, 1_000n);
    // One that its own payer lets expire as soon as a node forwards it at all.
    channel.offer(1, 1_000n, 4);
    await channel.pump();
    // The 4,001st is the first that is owed; the others keep their slots meanwhile.
    expect(channel.side.settled).toHaveLength(4_001 - 8 * 483);
    await world.pass(1_000);
    await channel.pump();
    expect(channel.side.settled).toHaveLength(4_005 - 8 * 483);
    expect(channel.side.settled.some(({ id }) => id === 4_346n)).toBe(true);
    await world.pass(10_000);
    await channel.pump();
    expect(channel.side.settled).toHaveLength(4_045 - 8 * 483);
    expect(mallory.isConnected).toBe(true);
    // What is held is on the disk as what came, and is given back anew.
    await alice.restart();
    await channel.comeBack(alice.name);
    expect(channel.side.settled).toHaveLength(483);
    expect(mallory.isConnected).toBe(true);
    expect((await alice.api.listChannels()).map(({ state }) => state)).toEqual(['ready', 'ready']);
  }, 180_000);

  it('leaves nothing behind when it opens channels and abandons them, again and again', async () => {
    const { world, alice } = await openedNodes();
    const before = await alice.api.listBalances();
    for (let i = 0; i < 6; i++) {
      const mallory = await HostilePeer.connect(world, `mallory ${i}`, alice);
      await mallory.openFrom({ txId: txId('cd'.repeat(32)), index: i }, 100_000n, i);
      await mallory.hangUp();
    }
    expect((await alice.api.listChannels()).filter(({ state }) => state === 'ready')).toHaveLength(1);
    expect(await alice.api.listBalances()).toEqual(before);
    // BOLT 2: what its opener has not funded for 2016 blocks is forgotten; we wait a little longer for one who is away.
    for (let i = 0; i < 10; i++) await world.mine(250);
    const left = (await alice.api.listChannels()).filter(({ state }) => state !== 'closed');
    expect(left).toMatchObject([{ state: 'ready' }]);
  });

  it('that holds a payment until it expires costs a channel and its fees, and the payer is told', async () => {
    const { world, alice, bob } = await openedNodes();
    const request = { amountMsat: 100_000_000n, description: '', paymentHash: '77'.repeat(32) };
    const { invoice } = value(await world.ask(bob.api.bolt11.receiveForHash(request)));
    const { paymentId } = value(await world.ask(alice.api.bolt11.send(invoice)));
    await world.settle();
    const before = await alice.api.listBalances();
    // Bob says nothing more, and is there all the same.
    bob.store.hold();
    for (let i = 0; i < 10; i++) await world.mine(30);
    expect(value(await alice.api.payment(paymentId))).toMatchObject({ state: 'failed' });
    expect(await alice.api.listChannels()).not.toMatchObject([{ state: 'ready' }]);
    for (let i = 0; i < 10; i++) await world.mine(30);
    const { totalMsat } = await alice.api.listBalances();
    expect(totalMsat).toBeGreaterThan(before.totalMsat - 20_000_000n);
    bob.store.release();
    await world.settle();
  });

  it('gets no channel from a node that does not know how high the chain is', async () => {
    const { world, alice } = await openedNodes();
    // Alice's servers are out of reach, and the machine has slept for two hours.
    world.esplora.fault = () => ({ code: 'unreachable', detail: '' });
    for (let hour = 0; hour < 2; hour++) await world.pass(3_600_000);
    const mallory = await HostilePeer.connect(world, 'mallory', alice);
    await mallory.openFrom({ txId: txId('ab'.repeat(32)), index: 0 }, 100_000n);
    expect(await alice.api.listChannels()).toHaveLength(1);
    expect(mallory.heard.map(({ name }) => name)).toEqual(['error']);
    expect(await alice.api.bolt11.claim('00'.repeat(32))).toMatchObject({ error: { code: 'chain-behind' } });
  });
});
