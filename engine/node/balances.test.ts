import { beforeAll, describe, expect, it } from 'vitest';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { NodeWorld, openedNodes, type NodeSeat, type OpenedNodes } from '../testkit/node-world.ts';
import type { ChannelDetails } from './api.ts';
import { value } from '../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

/** All fees of one life of a channel, in millisatoshis: more than any of these takes. */
const FEES = 12_000_000n;

const totalOf = async ({ api }: NodeSeat): Promise<bigint> => (await api.listBalances()).totalMsat;

const AMOUNT = 50_000_000n;

type Seen = {
  readonly isDone: boolean;
  readonly htlcs: number;
  readonly total: bigint;
  readonly local: bigint;
  /** Of all that the channel says is somebody's. */
  readonly sum: bigint;
  readonly capacity: bigint;
};

/** What a node says of a payment and of its money, at once. */
async function seen({ api }: NodeSeat, paymentId: string): Promise<Seen> {
  const [payment, channels, { totalMsat, lightning }] = await Promise.all([
    api.payment(paymentId),
    api.listChannels(),
    api.listBalances(),
  ]);
  const of = (pick: (channel: ChannelDetails) => bigint): bigint =>
    channels.reduce((sum, channel) => sum + pick(channel), 0n);
  return {
    isDone: payment.ok && payment.value.state === 'succeeded',
    htlcs: Number(of(({ pendingHtlcs }) => BigInt(pendingHtlcs))),
    total: totalMsat,
    local: lightning.localMsat,
    sum: of((one) => one.localMsat + one.remoteMsat + one.pendingIncomingMsat + one.pendingOutgoingMsat),
    capacity: of(({ capacitySat }) => capacitySat * 1000n),
  };
}

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

  it('between the success of a payment and the end of its HTLC, after each message', async () => {
    const { alice, bob, world } = await openedNodes();
    const atFirst = await totalOf(alice);
    const request = { amountMsat: AMOUNT, description: '' };
    const { invoice, paymentId } = value(await world.ask(bob.api.bolt11.receive(request)));
    const sending = alice.api.bolt11.send(invoice);
    let last: { readonly sent: Seen; readonly got: Seen } | null = null;
    let waited = 0;
    for (let quiet = 0; quiet < 2; quiet++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (world.network.pending === 0) continue;
      quiet = -1;
      world.network.deliverOne();
      await new Promise((resolve) => setImmediate(resolve));
      const got = await seen(bob, paymentId);
      const sent = await seen(alice, paymentId);
      expect(got).toMatchObject(got.isDone ? { total: AMOUNT, local: AMOUNT } : { total: 0n, local: 0n });
      expect(sent.total).toBe(sent.isDone ? atFirst - AMOUNT : atFirst);
      for (const { sum, capacity } of [got, sent]) expect(sum).toBe(capacity);
      if (got.isDone && got.htlcs > 0) waited++;
      last = { sent, got };
    }
    value(await sending);
    expect(last).toMatchObject({ sent: { isDone: true, htlcs: 0 }, got: { isDone: true, htlcs: 0 } });
    // The HTLC was there for some messages more.
    expect(waited).toBeGreaterThan(1);
  });

  it('where the peer goes silent once it knows the preimage, and the chain has to settle it', async () => {
    const { alice, bob, world, channelId } = await openedNodes();
    const request = { amountMsat: AMOUNT, description: '' };
    const { invoice, paymentId } = value(await world.ask(bob.api.bolt11.receive(request)));
    const sending = alice.api.bolt11.send(invoice);
    for (let done = false; !done; done = (await seen(bob, paymentId)).isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      world.network.deliverOne();
      await new Promise((resolve) => setImmediate(resolve));
    }
    alice.die();
    await world.settle();
    void sending;
    // For the fee of taking it.
    const coins = 25_000n;
    await world.fund(bob, coins);
    const totals = [await totalOf(bob)];
    value(await world.ask(bob.api.forceCloseChannel(channelId)));
    for (let block = 0; block < 12; block++) {
      totals.push(await totalOf(bob));
      await world.mine();
    }
    await world.mine(200);
    totals.push(await totalOf(bob));
    for (const total of totals) {
      expect(total).toBeLessThanOrEqual(AMOUNT + coins * 1_000n);
      expect(total).toBeGreaterThan(AMOUNT + coins * 1_000n - FEES);
    }
    expect((await bob.api.listBalances()).closingSat).toBe(0n);
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

  // BOLT 2 §open_channel: "The receiving node MUST NOT: consider funds received, using `push_msat`, to be received until
  // the funding transaction has reached sufficient depth."
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
    const [closing] = await bob.api.listChannels();
    expect(closing).toMatchObject({ state: 'force-closing', closing: { amountSat: 0n, outputs: [] } });
    if (funding !== undefined) world.chain.add(funding);
    await world.mine(1);
    expect(await totalOf(bob)).toBe(200_000_000n);
  });
});
