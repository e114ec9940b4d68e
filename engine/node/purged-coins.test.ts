import { expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { sat, weight } from '../base/units.ts';
import { feerateOf } from '../bitcoin/fee.ts';
import { txIdOf, weightOf, type Tx } from '../bitcoin/tx.ts';
import { sha256 } from '../crypto/hash.ts';
import { openedNodes, type OpenedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

const THEIRS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const PREIMAGE = new Uint8Array(32).fill(1);
const HELD = 120_000n;

type Purged = OpenedNodes & {
  readonly sent: Tx;
  /** What spends these, without what is told of beside it. */
  readonly children: (of: Tx) => readonly Tx[];
};

/**
 * All that Alice has besides her channel is the change of a payment at a low rate, which mempools have dropped since: they
 * take it no more, and so nothing that spends from it.
 */
async function purged(): Promise<Purged> {
  const nodes = await openedNodes();
  const { world, alice, bob } = nodes;
  const request = { amountMsat: 250_000_000n, description: '' };
  const { invoice } = value(await world.ask(bob.api.bolt11.receive(request)));
  value(await world.ask(alice.api.bolt11.send(invoice)));
  await world.settle();
  const { txId } = value(await world.ask(alice.api.sendAllToAddress(THEIRS, { satPerVb: 1 })));
  const sent = world.chain.mempool.find((tx) => txIdOf(tx) === txId);
  if (sent === undefined) throw new Error('nothing was sent');
  world.chain.mempool = [];
  const isChild = ({ inputs }: Tx): boolean => inputs.some(({ outPoint }) => outPoint.txId === txId);
  world.esplora.refuses = (txs) => {
    const isTold = txs.some((tx) => txIdOf(tx) === txId);
    if (isTold && txs.length === 1) return 'mempool min fee not met, 110 < 330';
    const isKnown = isTold || world.chain.findTx(txIdOf(sent)) !== null;
    return txs.some(isChild) && !isKnown ? 'bad-txns-inputs-missingorspent' : null;
  };
  return {
    ...nodes,
    sent,
    children: (of) =>
      world.chain.all().filter(({ inputs }) => inputs.some(({ outPoint }) => outPoint.txId === txIdOf(of))),
  };
}

/** Bob is gone with a payment to Alice in the channel; her commitment is in a block, and the payment is to be taken there. */
async function withPayment(nodes: OpenedNodes): Promise<Tx> {
  const { world, alice, bob, channelId } = nodes;
  const paymentHash = toHex(sha256(PREIMAGE));
  const { invoice } = value(
    await world.ask(
      alice.api.bolt11.receiveForHash({ amountMsat: HELD * 1_000n, description: '', paymentHash }),
    ),
  );
  value(await world.ask(bob.api.bolt11.send(invoice)));
  await world.settle();
  value(await world.ask(alice.api.disconnect(await bob.id())));
  bob.die();
  value(await world.ask(alice.api.bolt11.claim(toHex(PREIMAGE))));
  const [channel] = await alice.api.listChannels();
  value(await world.ask(alice.api.forceCloseChannel(channelId)));
  const commitment = (): Tx | null =>
    world.chain.all().find(({ inputs }) => inputs[0]?.outPoint.txId === channel?.fundingTxId) ?? null;
  for (let i = 0; i < 5 && commitment() === null; i++) await world.pass(2_000);
  const tx = commitment();
  if (tx === null) throw new Error('no commitment');
  return tx;
}

/** What takes the payment by its preimage. */
const successOf = ({ children }: Purged, commitment: Tx): Tx | undefined =>
  children(commitment).find(({ inputs }) =>
    inputs.some(({ witness }) => witness.some((item) => toHex(item) === toHex(PREIMAGE))),
  );

/** What is told to be short for it. */
async function missing({ alice }: OpenedNodes): Promise<bigint | null | undefined> {
  const [channel] = await alice.api.listChannels();
  return channel?.closing?.outputs?.find(({ kind }) => kind === 'payment-in')?.missingSat;
}

// BOLT 5 §Generation of HTLC Transactions: "MUST combine it with inputs contributing sufficient fee to ensure timely
// inclusion in a block."
it('a payment is taken with change of what mempools have dropped: told with it, and for a fee for both', async () => {
  const nodes = await purged();
  const { world, sent } = nodes;
  const commitment = await withPayment(nodes);
  await world.mine(1);
  const claim = successOf(nodes, commitment);
  if (claim === undefined) throw new Error('the payment is not taken');
  expect(world.chain.mempool).toContain(claim);
  const paidIn = (tx: Tx): bigint =>
    tx.inputs.reduce(
      (sum, { outPoint: { txId, index } }) =>
        sum + (world.chain.findTx(txId)?.tx.outputs[index]?.amount ?? 0n),
      0n,
    );
  const feeOf = (tx: Tx): bigint => paidIn(tx) - tx.outputs.reduce((sum, { amount }) => sum + amount, 0n);
  const both = feerateOf(sat(feeOf(claim) + feeOf(sent)), weight(weightOf(claim) + weightOf(sent)));
  // What is asked so long before the deadline, for the two together.
  expect(both).toBeGreaterThanOrEqual(500);
});

it('coins that no server knows of pay for nothing: it is told that coins are short, and what comes later is taken alone', async () => {
  const nodes = await purged();
  const { world, alice, sent } = nodes;
  world.esplora.packages = false;
  const commitment = await withPayment(nodes);
  await world.mine(1);
  await world.pass(2_000);
  expect(successOf(nodes, commitment)).toBeUndefined();
  expect(await missing(nodes)).toBeGreaterThan(0n);
  await world.fund(alice, 100_000n);
  await world.pass(2_000);
  const claim = successOf(nodes, commitment);
  if (claim === undefined) throw new Error('the payment is not taken');
  expect(claim.inputs.some(({ outPoint }) => outPoint.txId === txIdOf(sent))).toBe(false);
  expect(await missing(nodes)).toBe(null);
});
