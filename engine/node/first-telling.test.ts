import { describe, expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { sha256 } from '../crypto/hash.ts';
import { openedNodes, type OpenedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

const FULL = { code: 'quota', detail: 'full' } as const;
const BROKEN = { code: 'unavailable', detail: 'an I/O error' } as const;
const TAKEN = { code: 'fenced', detail: 'another tab took the wallet over' } as const;
/** After so many looks of which the disk takes nothing a commitment that is on it is told. */
const LOOKS = 15;

type Stage = OpenedNodes & {
  /** What spends the funding output, of what servers were told. */
  readonly closes: () => readonly string[];
  /** How often they were told several at once. */
  readonly packages: () => number;
  /** So many looks at the chain go by, or what takes their place while the disk takes nothing. */
  readonly looks: (count: number) => Promise<void>;
};

/** The peer is gone; `prepare` has happened before. */
async function stage(prepare: (nodes: OpenedNodes) => Promise<void> = async () => {}): Promise<Stage> {
  const nodes = await openedNodes();
  await prepare(nodes);
  const { world, alice, bob } = nodes;
  const [channel] = await alice.api.listChannels();
  value(await world.ask(alice.api.disconnect(await bob.id())));
  const posts: (readonly Tx[])[] = [];
  world.esplora.refuses = (txs) => {
    posts.push(txs);
    return null;
  };
  const isClose = ({ inputs }: Tx): boolean => inputs[0]?.outPoint.txId === channel?.fundingTxId;
  return {
    ...nodes,
    closes: () => [...new Set(posts.flat().filter(isClose).map(txIdOf))],
    packages: () => posts.filter((txs) => txs.length > 1).length,
    looks: async (count) => {
      for (let look = 0; look < count; look++) await world.pass(1_500);
    },
  };
}

/**
 * Alice closes alone, and that is saved. `befalls` happens as she begins to look at the chain, where a block came that she would
 * write down.
 */
async function forceClose({ world, alice, channelId }: Stage, befalls: () => void): Promise<void> {
  world.chain.mine(1);
  let hasBegun = false;
  world.esplora.fault = () => {
    if (!hasBegun) befalls();
    hasBegun = true;
    return null;
  };
  value(await world.ask(alice.api.forceCloseChannel(channelId)));
  expect(hasBegun).toBe(true);
}

/** The disk takes writes again, and what waited for it is tried again. */
async function recover({ world, alice }: Stage): Promise<void> {
  alice.store.refuse(null);
  alice.store.release();
  for (let retry = 0; retry < 3; retry++) await world.pass(10_000);
  expect((await alice.api.status()).alarms).toEqual([]);
}

const fail = ({ alice }: Stage): void => alice.store.refuse(BROKEN);

describe('a close is on the disk, which takes nothing more before servers are told', () => {
  it.each<readonly [string, (nodes: Stage) => void, number]>([
    ['has no room', ({ alice }) => alice.store.refuse(FULL), 0],
    ['fails', fail, 0],
    // Who writes to it, it is asked for longer.
    ['does not answer', ({ alice }) => alice.store.hold(), 10],
    [
      'fails, with something else to write first',
      (nodes) => {
        fail(nodes);
        void nodes.alice.api.newAddress();
      },
      0,
    ],
    [
      'fails, and the server tells nothing of the channel at first',
      (nodes) => {
        fail(nodes);
        let asked = 0;
        nodes.world.esplora.fault = (path) =>
          path.includes('outspend') && asked++ < 2 ? { status: 500, body: 'no' } : null;
      },
      1,
    ],
  ])('as it %s: our commitment is told after some minutes', async (_, befalls, more) => {
    const nodes = await stage();
    await forceClose(nodes, () => befalls(nodes));
    await nodes.looks(LOOKS - 1);
    expect(nodes.closes()).toEqual([]);
    await nodes.looks(2 + more);
    expect(nodes.closes()).toHaveLength(1);
    await recover(nodes);
    await nodes.world.mine(1);
    expect(await nodes.alice.api.listChannels()).toMatchObject([
      { closing: { kind: 'local-force', confirmations: 1 } },
    ]);
    expect(nodes.closes()).toHaveLength(1);
  });

  it('with the child that pays for it', async () => {
    const nodes = await stage();
    const { world } = nodes;
    world.esplora.estimates = { '2': 40, '6': 30, '144': 20, '1008': 10 };
    await world.pass(130_000);
    await nodes.looks(1);
    await forceClose(nodes, () => fail(nodes));
    await nodes.looks(LOOKS - 1);
    expect(nodes.packages()).toBe(0);
    await nodes.looks(2);
    expect(nodes.packages()).toBeGreaterThan(0);
    expect(nodes.closes()).toHaveLength(1);
  });

  it('and the machine sleeps for so long that the node begins anew: told after some minutes, and on by the next, with each block', async () => {
    const nodes = await stage();
    const { world } = nodes;
    await forceClose(nodes, () => fail(nodes));
    for (let sleeps = 0; sleeps < 2; sleeps++) {
      world.chain.mempool = [];
      world.chain.mine(1);
      world.clock.skew += 660;
      // Until the disk is tried again, and the node begins anew.
      for (let retry = 0; retry < 4; retry++) await world.pass(5_000);
      expect(nodes.closes()).toHaveLength(sleeps);
      await nodes.looks(LOOKS + 2);
      expect(nodes.closes()).toHaveLength(1);
      world.chain.mempool = [];
      await world.mine(1);
      expect(world.chain.mempool.map(txIdOf)).toEqual(nodes.closes());
    }
    await recover(nodes);
  });

  it('as another tab has the wallet: nothing is told', async () => {
    const nodes = await stage();
    await forceClose(nodes, () => nodes.alice.store.refuse(TAKEN));
    await nodes.looks(3 * LOOKS);
    expect(nodes.closes()).toEqual([]);
  });

  it('and the peer’s commitment waits in the mempool: ours is told beside it where a payment is in them', async () => {
    const nodes = await stage(async ({ world, alice, bob }) => {
      const paymentHash = toHex(sha256(new Uint8Array(32).fill(7)));
      const request = { amountMsat: 20_000_000n, description: '', paymentHash };
      const { invoice } = value(await world.ask(bob.api.bolt11.receiveForHash(request)));
      value(await world.ask(alice.api.bolt11.send(invoice)));
      await world.settle();
    });
    const { world, bob, channelId } = nodes;
    value(await world.ask(bob.api.forceCloseChannel(channelId)));
    const theirs = world.chain.mempool.splice(0);
    bob.die();
    await forceClose(nodes, () => {
      fail(nodes);
      world.chain.add(...theirs);
    });
    await nodes.looks(LOOKS - 1);
    expect(nodes.closes()).toEqual(theirs.map(txIdOf));
    await nodes.looks(2);
    expect(nodes.closes()).toHaveLength(2);
  });

  it.each<readonly [string, boolean, (nodes: Stage) => void]>([
    ['before', false, fail],
    [
      'before, and something else is to be written first',
      false,
      (nodes) => {
        fail(nodes);
        void nodes.alice.api.newAddress();
      },
    ],
    ['since', true, fail],
  ])('and the peer has closed the channel %s: ours is not told', async (_, isLate, befalls) => {
    const nodes = await stage();
    const { world, alice, bob, channelId } = nodes;
    value(await world.ask(bob.api.forceCloseChannel(channelId)));
    const theirs = world.chain.mempool.splice(0);
    expect(theirs).toHaveLength(1);
    bob.die();
    if (!isLate) world.chain.add(...theirs);
    await forceClose(nodes, () => befalls(nodes));
    await nodes.looks(LOOKS / 2);
    if (isLate) world.chain.add(...theirs);
    await nodes.looks(2 * LOOKS);
    expect(nodes.closes()).toEqual(theirs.map(txIdOf));
    await recover(nodes);
    expect(await alice.api.listChannels()).toMatchObject([{ closing: { kind: 'remote-force' } }]);
    expect(nodes.closes()).toEqual(theirs.map(txIdOf));
  });
});
