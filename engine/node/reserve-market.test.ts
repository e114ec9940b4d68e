import { expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import type { Tx } from '../bitcoin/tx.ts';
import { sha256 } from '../crypto/hash.ts';
import { openedNodes, type OpenedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

const USUAL = 25_000n;
const PREIMAGE = new Uint8Array(32).fill(3);
const THEIRS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';

/** Bob claims a payment of so much that Alice, who is gone, has yet to hear of. */
async function owed(
  amountMsat: bigint,
  beforeSheGoes: (nodes: OpenedNodes) => Promise<void> = async () => {},
): Promise<OpenedNodes> {
  const nodes = await openedNodes();
  const { world, alice, bob } = nodes;
  await world.fund(bob, 400_000n);
  const paymentHash = toHex(sha256(PREIMAGE));
  const held = value(
    await world.ask(bob.api.bolt11.receiveForHash({ amountMsat, description: '', paymentHash })),
  );
  value(await world.ask(alice.api.bolt11.send(held.invoice)));
  await world.settle();
  await beforeSheGoes(nodes);
  alice.die();
  value(await world.ask(bob.api.bolt11.claim(toHex(PREIMAGE))));
  return nodes;
}

async function market({ world }: OpenedNodes, satPerVb: number): Promise<void> {
  world.esplora.estimates = Object.fromEntries([1, 2, 3, 6, 12, 24, 144].map((n) => [n, satPerVb]));
  await world.pass(700_000);
  await world.mine();
}

const wanted = async ({ bob }: OpenedNodes): Promise<bigint> =>
  (await bob.api.listBalances()).onchain.keptWantedSat;

it('asks for more while fees are high, a payment waits on a peer that is away, and coins would have to take it', async () => {
  const nodes = await owed(200_000_000n);
  expect(await wanted(nodes)).toBe(USUAL);
  await market(nodes, 200);
  // HTLC-success with a coin and change, (706 + 272 + 124) / 4 virtual bytes; for the child half of the HTLC at most.
  const asked = 155_100n;
  expect(await wanted(nodes)).toBe(asked);
  expect(await nodes.bob.api.quoteOnchain(THEIRS, 300_000n, { satPerVb: 2 })).toMatchObject({
    error: { code: 'reserve-needed', reserveSat: asked },
  });

  await market(nodes, 10);
  expect(await wanted(nodes)).toBe(USUAL);
});

it('asks for no more than may be paid for what waits', async () => {
  const nodes = await owed(60_000_000n);
  await market(nodes, 1_000);
  // Half of it for the child, and half for the HTLC transaction.
  expect(await wanted(nodes)).toBe(60_000n);
});

it('asks for the usual again once the peer is back and has heard of it', async () => {
  const nodes = await owed(200_000_000n);
  await market(nodes, 200);
  expect(await wanted(nodes)).toBeGreaterThan(USUAL);
  await nodes.alice.restart();
  await nodes.world.pass(60_000);
  expect(await wanted(nodes)).toBe(USUAL);
});

it('keeps as much while the channel is closing, until what takes the payment is made', async () => {
  const nodes = await owed(200_000_000n);
  const { world, bob } = nodes;
  await market(nodes, 200);
  const states = async () => (await bob.api.listChannels()).map(({ state }) => state);
  while ((await states()).includes('offline')) await world.mine(10);
  // The child has what it needs; HTLC-success, (706 + 272 + 124) / 4 virtual bytes, is not made before the commitment is mined.
  const forSuccess = 55_100n;
  expect(await wanted(nodes)).toBe(forSuccess);
  await world.mine();
  await world.pass(30_000);
  expect(await wanted(nodes)).toBe(USUAL);
});

it('and while the commitment of the other waits in the mempool, as ours may have to go beside it', async () => {
  const theirs: Tx[] = [];
  const nodes = await owed(200_000_000n, async ({ world, alice, bob, channelId }) => {
    value(await world.ask(alice.api.disconnect(await bob.id())));
    value(await world.ask(alice.api.forceCloseChannel(channelId)));
    theirs.push(...world.chain.mempool.splice(0));
  });
  const { world, bob } = nodes;
  await market(nodes, 200);
  const asked = await wanted(nodes);
  expect(asked).toBeGreaterThan(100_000n);
  world.chain.add(...theirs);
  await world.pass(30_000);
  expect(await bob.api.listChannels()).toMatchObject([
    { closing: { kind: 'remote-force', confirmations: 0 } },
  ]);
  // The child that lifts theirs has coins that ours would have.
  expect(await wanted(nodes)).toBe(asked - 100_000n);
});
