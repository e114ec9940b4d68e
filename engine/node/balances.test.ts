import { beforeAll, describe, expect, it } from 'vitest';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { NodeWorld, openedNodes, type NodeSeat, type OpenedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

/** All fees of one life of a channel, in millisatoshis: more than any of these takes. */
const FEES = 12_000_000n;

const totalOf = async ({ api }: NodeSeat): Promise<bigint> => (await api.listBalances()).totalMsat;

/** Pays 100,000 sat over, then ends the channel and looks at both balances after each block. */
async function watched({ world, alice, bob }: OpenedNodes, end: () => Promise<unknown>): Promise<void> {
  const invoice = value(
    await world.ask(bob.api.bolt11.receive({ amountMsat: 100_000_000n, description: '' })),
  );
  value(await world.ask(alice.api.bolt11.send(invoice.invoice)));
  const seen: [bigint, bigint][] = [];
  await world.ask(end());
  for (let block = 0; block < 200; block += block < 8 ? 1 : 19) {
    seen.push([await totalOf(alice), await totalOf(bob)]);
    await world.mine(block < 8 ? 1 : 19);
  }
  seen.push([await totalOf(alice), await totalOf(bob)]);
  for (const [ours, theirs] of seen) {
    expect(ours).toBeLessThanOrEqual(900_000_000n);
    expect(ours).toBeGreaterThan(900_000_000n - FEES);
    expect(theirs).toBeLessThanOrEqual(100_000_000n);
    expect(theirs).toBeGreaterThan(100_000_000n - FEES);
  }
  for (const seat of [alice, bob]) {
    const { onchain, totalMsat } = await seat.api.listBalances();
    expect(onchain.confirmedSat * 1000n).toBe(totalMsat);
    expect((await seat.api.listChannels()).map(({ state }) => state)).toEqual(['closed']);
  }
}

describe('every satoshi is counted once', () => {
  it('while a channel is closed by both', async () => {
    const nodes = await openedNodes();
    await watched(nodes, () => nodes.alice.api.closeChannel(nodes.channelId));
  });

  it('while it is closed by one', async () => {
    const nodes = await openedNodes();
    await watched(nodes, () => nodes.alice.api.forceCloseChannel(nodes.channelId));
  });

  it('while it is opened, and over restarts', async () => {
    const { alice, bob, world } = await openedNodes();
    const before = await totalOf(alice);
    expect(before).toBeGreaterThan(1_000_000_000n - FEES);
    await alice.restart();
    expect(await totalOf(alice)).toBe(before);
    await world.pass(60_000);
    expect([await totalOf(alice), await totalOf(bob)]).toEqual([before, 0n]);
  });

  it('and what a peer only promises is not counted: its funding is in no block yet, or never will be', async () => {
    const world = new NodeWorld();
    const [alice, bob] = [world.seat('alice'), world.seat('bob')];
    await alice.start();
    await bob.start();
    await world.fund(alice, 1_000_000n);
    const wish = { nodeId: await bob.id(), host: 'bob', port: 9735, amountSat: 500_000n };
    const { fundingTxId } = value(
      await world.ask(alice.api.openChannel({ ...wish, pushMsat: 200_000_000n })),
    );
    await world.pass(2_000);
    expect(await bob.api.listBalances()).toMatchObject({ openingSat: 0n, totalMsat: 0n });
    const [funding] = world.chain.mempool;
    world.chain.mempool = [];
    const [channel] = await bob.api.listChannels();
    expect(channel).toMatchObject({ fundingTxId, confirmations: 0, localMsat: 200_000_000n });
    value(await world.ask(bob.api.forceCloseChannel(channel?.channelId ?? '')));
    await world.pass(2_000);
    expect(await bob.api.listBalances()).toMatchObject({ closingSat: 0n, totalMsat: 0n });
    if (funding !== undefined) world.chain.add(funding);
    await world.mine(1);
    expect(await totalOf(bob)).toBe(200_000_000n);
  });
});
