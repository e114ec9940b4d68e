import { beforeAll, describe, expect, it } from 'vitest';
import { txId } from '../base/ids.ts';
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
