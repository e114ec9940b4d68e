import { beforeAll, describe, expect, it } from 'vitest';
import { channelId, txId } from '../base/ids.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
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

describe('a peer that asks too much', () => {
  it('cannot fill the disk and the watches with channels that nobody funds', async () => {
    const { world, alice } = await openedNodes();
    const mallory = await HostilePeer.connect(world, 'mallory', alice);
    for (let i = 0; i < 6; i++)
      await mallory.openFrom({ txId: txId(`${i}`.repeat(64)), index: 0 }, 100_000n, i);
    expect(await alice.api.listChannels()).toHaveLength(1 + 4);
  });

  it('is hung up on when its messages wait for a disk that takes nothing', async () => {
    const { world, alice } = await openedNodes();
    const mallory = await HostilePeer.connect(world, 'mallory', alice);
    alice.store.hold();
    void alice.api.newAddress();
    await world.settle();
    const warning = {
      name: 'warning',
      channelId: channelId('11'.repeat(32)),
      data: new Uint8Array(8),
    } as const;
    for (let i = 0; i < 4_100; i++) mallory.say(warning);
    await world.settle();
    expect(mallory.isConnected).toBe(false);
    alice.store.release();
    await world.settle();
    expect((await alice.api.listPeers()).map(({ state }) => state)).toEqual(['connected']);
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
