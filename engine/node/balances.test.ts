import { beforeAll, describe, expect, it } from 'vitest';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { openedNodes, type NodeSeat, type OpenedNodes } from '../testkit/node-world.ts';
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
});
