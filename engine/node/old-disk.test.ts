import { beforeAll, expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { outPointKey } from '../base/ids.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { sha256 } from '../crypto/hash.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { openedNodes, type NodeSeat, type NodeWorld } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

const pay = async (world: NodeWorld, from: NodeSeat, to: NodeSeat): Promise<void> => {
  const request = { amountMsat: 50_000_000n, description: '' };
  const { invoice } = value(await world.ask(to.api.bolt11.receive(request)));
  value(await world.ask(from.api.bolt11.send(invoice)));
  await world.settle();
};

/** All that servers are told from now on. */
function told({ esplora }: NodeWorld): () => readonly Tx[] {
  const before = esplora.posted.length;
  return () => esplora.posted.slice(before);
}

// The disk is that of before a payment, and the peer has closed alone since. At the start no server is there; the person
// closes the channel, too, before one is back.
it('an old disk that is told to close while no server is there: what it would publish is revoked, and nobody is told it', async () => {
  const nodes = await openedNodes();
  const { world, alice, bob, channelId } = nodes;
  await pay(world, alice, bob);
  const old = alice.store.restart();
  await pay(world, alice, bob);
  alice.die();
  value(await world.ask(bob.api.forceCloseChannel(channelId)));
  await world.pass(5_000);
  const [theirs] = world.chain.mempool;
  expect(theirs).toBeDefined();
  const funding = theirs!.inputs.map(({ outPoint }) => outPointKey(outPoint));
  const isRival = (tx: Tx): boolean =>
    txIdOf(tx) !== txIdOf(theirs!) &&
    tx.inputs.some(({ outPoint }) => funding.includes(outPointKey(outPoint)));
  bob.die();
  const posted = told(world);
  const down = { code: 'unreachable', detail: 'down' } as const;
  world.esplora.fault = () => down;
  alice.store = old;
  await alice.start();
  value(await world.ask(alice.api.forceCloseChannel(channelId)));
  for (let rounds = 0; rounds < 40; rounds++) await world.pass(1_500);
  world.esplora.fault = () => null;
  for (let rounds = 0; rounds < 60; rounds++) await world.pass(1_500);
  for (let blocks = 0; blocks < 3; blocks++) {
    // It stays in the mempool.
    const waiting = world.chain.mempool.splice(0);
    world.chain.mine(1);
    world.chain.add(...waiting);
    await world.pass(1_500);
  }
  expect(
    posted()
      .filter(isRival)
      .map((tx) => toHex(tx.outputs[0]?.script ?? new Uint8Array())),
  ).toEqual([]);
  expect((await alice.api.status()).alarms).toMatchObject([{ code: 'data-loss', detail: channelId }]);
});

// As before, with a payment in the old copy, so that nothing is left to time alone; the servers are there, or come back, or the
// disk takes nothing of what they tell, for longer than any look is waited for.
it.each([
  ['is there', null],
  ['comes back', 'server'],
  ['is there, and the disk fails', 'disk'],
  ['forgets, and the disk fails with something else to write', 'disk-before'],
  ['tells nothing of the channel for some minutes, in which the disk fails', 'disk-blind'],
] as const)(
  'an old disk with a payment in it that is told to close: nobody is told what is revoked, as the server %s',
  async (_, ill) => {
    const { world, alice, bob, channelId } = await openedNodes();
    await pay(world, alice, bob);
    const paymentHash = toHex(sha256(new Uint8Array(32).fill(7)));
    const request = { amountMsat: 20_000_000n, description: '', paymentHash };
    const { invoice } = value(await world.ask(bob.api.bolt11.receiveForHash(request)));
    value(await world.ask(alice.api.bolt11.send(invoice)));
    await world.settle();
    const old = alice.store.restart();
    await pay(world, alice, bob);
    alice.die();
    value(await world.ask(bob.api.forceCloseChannel(channelId)));
    await world.pass(5_000);
    const [theirs] = world.chain.mempool.splice(0);
    expect(theirs).toBeDefined();
    bob.die();
    const posted = told(world);
    alice.store = old;
    const down = { code: 'unreachable', detail: 'down' } as const;
    if (ill === 'server') world.esplora.fault = () => down;
    await alice.start();
    if (ill?.startsWith('disk') === true) {
      world.chain.mine(1);
      world.esplora.fault = (path) => {
        alice.store.refuse({ code: 'unavailable', detail: 'an I/O error' });
        if (ill === 'disk-before') void alice.api.newAddress();
        return ill === 'disk-blind' && path.includes('outspend') ? down : null;
      };
    }
    world.chain.add(theirs!);
    value(await world.ask(alice.api.forceCloseChannel(channelId)));
    for (let rounds = 0; rounds < (ill === 'disk-blind' ? 20 : 5); rounds++) await world.pass(1_500);
    world.esplora.fault = () => null;
    if (ill === 'disk-before') world.chain.mempool = [];
    if (ill?.startsWith('disk') === true) for (let rounds = 0; rounds < 30; rounds++) await world.pass(1_500);
    alice.store.refuse(null);
    for (let rounds = 0; rounds < 15; rounds++) await world.pass(1_500);
    const funding = theirs!.inputs.map(({ outPoint }) => outPointKey(outPoint));
    const rivals = posted().filter(
      (tx) =>
        txIdOf(tx) !== txIdOf(theirs!) &&
        tx.inputs.some(({ outPoint }) => funding.includes(outPointKey(outPoint))),
    );
    expect(rivals.map((tx) => txIdOf(tx))).toEqual([]);
    expect((await alice.api.status()).alarms).toMatchObject([{ code: 'data-loss', detail: channelId }]);
  },
);

it.each([false, true])(
  'a commitment that needs a child is told with it (no server for a moment: %s)',
  async (isBlind) => {
    const { world, alice, bob, channelId } = await openedNodes();
    await pay(world, alice, bob);
    bob.die();
    world.esplora.estimates = { '2': 40, '6': 30, '144': 20, '1008': 10 };
    world.clock.advance(130_000);
    await world.settle();
    await world.pass(1_500);
    let packages = 0;
    world.esplora.refuses = (txs) => {
      if (txs.length > 1) packages++;
      return null;
    };
    if (isBlind) world.esplora.fault = () => ({ code: 'unreachable', detail: 'down' });
    value(await world.ask(alice.api.forceCloseChannel(channelId)));
    for (let rounds = 0; rounds < 3; rounds++) await world.pass(1_500);
    world.esplora.fault = () => null;
    for (let rounds = 0; rounds < 20; rounds++) await world.pass(1_500);
    expect(packages).toBeGreaterThan(0);
  },
);

// What alone would tell that it was settled long ago is the peer.
it('a payment that is about to expire, of a peer that does not come: it is waited for some minutes, also without a block', async () => {
  const { world, alice, bob } = await openedNodes();
  await pay(world, alice, bob);
  await pay(world, alice, bob);
  const preimage = new Uint8Array(32).fill(9);
  const request = { amountMsat: 20_000_000n, description: '', paymentHash: toHex(sha256(preimage)) };
  const { invoice } = value(await world.ask(alice.api.bolt11.receiveForHash(request)));
  value(await world.ask(bob.api.bolt11.send(invoice)));
  await world.settle();
  const claimable = (await alice.events()).findLast(({ tag }) => tag === 'payment-claimable');
  if (claimable?.tag !== 'payment-claimable') throw new Error('nothing came');
  bob.die();
  await world.settle();
  value(await world.ask(alice.api.bolt11.claim(toHex(preimage))));
  // Twelve blocks before it expires.
  const { tipHeight } = (await alice.api.status()).chain;
  world.chain.mine(claimable.claimDeadlineHeight + 12 - (tipHeight ?? 0));
  alice.die();
  const posted = told(world);
  alice.store = alice.store.restart();
  await alice.start();
  await world.pass(60_000);
  expect(posted()).toEqual([]);
  for (let rounds = 0; rounds < 3; rounds++) await world.pass(60_000);
  expect(posted().length).toBeGreaterThan(0);
});
