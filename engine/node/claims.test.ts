import { expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { outPointKey } from '../base/ids.ts';
import { sat } from '../base/units.ts';
import { p2wsh } from '../bitcoin/script.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { sha256 } from '../crypto/hash.ts';
import { spending } from '../testkit/fake-chain.ts';
import { NodeWorld, openedNodes, type NodeSeat, type OpenedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import type { NodeEvent } from './api.ts';

const THEIRS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const RESERVE = 25_000n;
const FAST = { satPerVb: 40 };
/** Satoshis: what Alice has in the channel, at least. */
const IN_CHANNEL = 400_000n;

const spendable = async ({ api }: NodeSeat): Promise<bigint> =>
  (await api.listBalances()).onchain.spendableSat;

/** This chain knows no replacement: what is spent twice in its mempool, the newer one takes. */
function replace({ world }: OpenedNodes): void {
  const taken = new Set<string>();
  world.chain.mempool = world.chain.mempool
    .toReversed()
    .filter(({ inputs }: Tx) => {
      const keys = inputs.map(({ outPoint }) => outPointKey(outPoint));
      if (keys.some((key) => taken.has(key))) return false;
      for (const key of keys) taken.add(key);
      return true;
    })
    .toReversed();
}

it('keeps back what closing may cost: shown, and taken by no send and no new channel', async () => {
  const nodes = await openedNodes();
  const { world, alice, bob } = nodes;
  const { onchain } = await alice.api.listBalances();
  expect(onchain).toMatchObject({ keptSat: RESERVE, keptWantedSat: RESERVE });
  // Bob was given his channel and has no coins: he is told what he lacks.
  expect((await bob.api.listBalances()).onchain).toMatchObject({ keptSat: 0n, keptWantedSat: RESERVE });

  const all = value(await alice.api.quoteOnchain(THEIRS, 'all', { satPerVb: 2 }));
  expect(all.totalSat).toBe(onchain.spendableSat - RESERVE);
  expect(all.changeSat).toBe(RESERVE);
  expect(await alice.api.quoteOnchain(THEIRS, all.amountSat + 1_000n, { satPerVb: 2 })).toEqual({
    ok: false,
    error: { code: 'reserve-needed', reserveSat: RESERVE, mostSat: all.amountSat },
  });
  // Beyond what there is, it is plainly too much.
  expect(await alice.api.quoteOnchain(THEIRS, 9_000_000n, { satPerVb: 2 })).toMatchObject({
    error: { code: 'insufficient-funds' },
  });
  // The next channel will need its own.
  const next = value(await alice.api.quoteOpenChannel('all', 2));
  expect(next.totalSat).toBe(onchain.spendableSat - 2n * RESERVE);
  const request = { nodeId: await bob.id(), host: 'bob', port: 9735, amountSat: next.amountSat + 1_000n };
  expect(await world.ask(alice.api.openChannel({ ...request, feerateSatPerVb: 2 }))).toMatchObject({
    error: { code: 'reserve-needed', reserveSat: 2n * RESERVE },
  });

  value(await world.ask(alice.api.sendAllToAddress(THEIRS, { satPerVb: 2 })));
  await world.mine();
  expect(await spendable(alice)).toBe(RESERVE);
});

it('puts no more into a channel than one may hold', async () => {
  const world = new NodeWorld();
  const alice = world.seat('alice');
  await alice.start();
  await world.fund(alice, 40_000_000n);
  const most = 2n ** 24n - 1n;
  const all = value(await alice.api.quoteOpenChannel('all', 2));
  expect(all).toMatchObject({ amountSat: most, totalSat: most + all.feeSat });
  expect(all.changeSat).toBeGreaterThan(23_000_000n);
  expect(await alice.api.quoteOpenChannel(most + 1n, 2)).toMatchObject({
    error: { code: 'channel-amount-out-of-range', maximumSat: most },
  });
});

it('is free again once the channel is closed', async () => {
  const { world, alice, channelId } = await openedNodes();
  value(await world.ask(alice.api.closeChannel(channelId)));
  await world.mine(7);
  expect((await alice.api.listBalances()).onchain).toMatchObject({ keptSat: 0n, keptWantedSat: 0n });
});

type Forced = OpenedNodes & { readonly commitment: Tx };

async function forced(): Promise<Forced> {
  const nodes = await openedNodes();
  const { world, alice, bob, channelId } = nodes;
  value(await world.ask(alice.api.disconnect(await bob.id())));
  value(await world.ask(alice.api.forceCloseChannel(channelId)));
  const [channel] = await alice.api.listChannels();
  const commitment = world.chain.mempool.find(
    ({ inputs }) => inputs[0]?.outPoint.txId === channel?.fundingTxId,
  );
  if (commitment === undefined) throw new Error('no commitment');
  return { ...nodes, commitment };
}

// BOLT 5 §Failing a Channel
it('a close is hurried by its anchor: priced first, within what was agreed, and once only over a restart', async () => {
  const nodes = await forced();
  const { world, alice, channelId, commitment } = nodes;
  const { totalMsat: before, onchain: coins } = await alice.api.listBalances();
  expect(await alice.api.quoteHurryClose(channelId, { satPerVb: 1 })).toMatchObject({
    error: { code: 'not-replaceable' },
  });
  const quote = value(await alice.api.quoteHurryClose(channelId, FAST));
  expect(quote).toMatchObject({ extraSat: quote.feeSat, feerateSatPerVb: 40 });
  expect(await world.ask(alice.api.hurryClose(channelId, FAST, quote.extraSat - 1n))).toMatchObject({
    error: { code: 'fee-above-limit' },
  });
  expect(await world.ask(alice.api.hurryClose(channelId, FAST, quote.extraSat))).toEqual({
    ok: true,
    value: quote,
  });
  const child = world.chain.mempool.find(({ inputs }) =>
    inputs.some(({ outPoint }) => outPoint.txId === txIdOf(commitment)),
  );
  expect(child?.outputs).toHaveLength(1);
  // 330 sat of the anchor came in as well.
  expect((await alice.api.listBalances()).totalMsat).toBe(before - (quote.feeSat - 330n) * 1000n);
  const [channel] = await alice.api.listChannels();
  expect(channel?.closing?.transactions).toEqual([
    {
      txId: child === undefined ? '' : txIdOf(child),
      feeSat: quote.feeSat,
      receivedSat: 330n - quote.feeSat,
      confirmations: 0,
    },
  ]);

  const said = world.chain.mempool.length;
  await alice.restart();
  await world.pass(5_000);
  replace(nodes);
  expect(world.chain.mempool).toHaveLength(said);
  await world.mine(1);
  const [mined] = await alice.api.listChannels();
  expect(mined?.closing?.outputs).toMatchObject([{ kind: 'balance', deadlineHeight: null, txId: null }]);

  // A coin that only pays is no money that comes in: what it cost is listed, and nothing is announced.
  const { payments } = await alice.api.listPayments();
  expect(payments.find(({ txId }) => txId === (child === undefined ? null : txIdOf(child)))).toMatchObject({
    kind: 'channel-close',
    direction: 'outgoing',
    amountMsat: quote.feeSat * 1000n,
    feeMsat: null,
  });
  const isChild = (event: NodeEvent): boolean =>
    event.tag === 'onchain-received' && child !== undefined && event.txId === txIdOf(child);
  expect((await alice.events()).filter(isChild)).toEqual([]);

  // What it took in all is told for good.
  await world.mine(143);
  await world.mine(8);
  const [{ state, closing } = { state: null, closing: null }] = await alice.api.listChannels();
  expect(state).toBe('closed');
  expect(closing?.transactions).toHaveLength(2);
  const received = closing?.transactions.reduce((sum, { receivedSat }) => sum + receivedSat, 0n) ?? 0n;
  const { totalMsat } = await alice.api.listBalances();
  expect(totalMsat).toBe(coins.spendableSat * 1000n + received * 1000n);
  const claim = closing?.transactions.find(({ receivedSat }) => receivedSat > 0n);
  expect(value(await alice.api.payment(claim?.txId ?? ''))).toMatchObject({
    kind: 'channel-close',
    direction: 'incoming',
    amountMsat: (claim?.receivedSat ?? 0n) * 1000n,
    feeMsat: (claim?.feeSat ?? 0n) * 1000n,
  });
  await alice.restart();
  expect((await alice.api.listChannels())[0]?.closing).toEqual(closing);
});

it('a coin is free again when the peer’s commitment wins over the one that it was to lift', async () => {
  const nodes = await forced();
  const { world, alice, bob, channelId, commitment } = nodes;
  const coins = await spendable(alice);
  value(await world.ask(alice.api.hurryClose(channelId, FAST)));
  expect(await spendable(alice)).toBe(sat(0));
  // It is lost on the way, and Bob's is the one that is mined.
  const id = txIdOf(commitment);
  world.chain.mempool = world.chain.mempool.filter(
    (tx) => txIdOf(tx) !== id && tx.inputs.every(({ outPoint }) => outPoint.txId !== id),
  );
  value(await world.ask(bob.api.forceCloseChannel(channelId)));
  await world.mine(1);
  expect((await alice.api.listChannels())[0]?.closing?.kind).toBe('remote-force');
  expect(await spendable(alice)).toBe(coins);
});

/** Mined without the child that lifts it, which every mempool dropped: somebody else has the anchor, and it is not let in again. */
async function unlifted({ world, alice, channelId, commitment }: Forced): Promise<Tx> {
  value(await world.ask(alice.api.hurryClose(channelId, FAST)));
  const isChild = ({ inputs }: Tx): boolean =>
    inputs.length > 1 && inputs.some(({ outPoint }) => outPoint.txId === txIdOf(commitment));
  const child = world.chain.mempool.find(isChild);
  const anchor = child?.inputs.find(({ outPoint }) => outPoint.txId === txIdOf(commitment));
  if (child === undefined || anchor === undefined) throw new Error('no child');
  world.chain.mempool = world.chain.mempool.filter((tx) => !isChild(tx));
  world.esplora.refuses = (txs) => (txs.some(isChild) ? 'bad-txns-inputs-missingorspent' : null);
  await world.mine(1);
  world.chain.add(spending([anchor.outPoint], [{ amount: sat(330), script: p2wsh(Uint8Array.of(9)) }]));
  await world.mine(1);
  return child;
}

it('the coin of a child that can never confirm, as its commitment was mined without it, is free once the close is over', async () => {
  const nodes = await forced();
  const { alice } = nodes;
  const coins = await spendable(alice);
  const child = await unlifted(nodes);
  expect(await spendable(alice)).toBe(sat(0));
  await nodes.world.mine(143);
  await nodes.world.mine(8);
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
  const free = await spendable(alice);
  expect(free).toBeGreaterThan(coins + IN_CHANNEL);

  // An earlier version kept it: so it is on the disk of whoever had such a close.
  const kept = alice.store.commits
    .flat()
    .find(({ key, op }) => op === 'put' && key === `tx/${txIdOf(child)}`);
  if (kept === undefined) throw new Error('not on disk');
  value(await alice.store.commit([kept]));
  await alice.restart();
  await nodes.world.pass(5_000);
  expect(await spendable(alice)).toBe(free);
});

it('nor is it held where what both signed is mined after all, and nothing else is left of the channel to take', async () => {
  const { world, alice, bob, channelId } = await openedNodes();
  value(await world.ask(alice.api.closeChannel(channelId)));
  bob.die();
  value(await world.ask(alice.api.forceCloseChannel(channelId)));
  const waiting = world.chain.mempool.splice(0);
  await world.mine(6);
  const coins = await spendable(alice);
  value(await world.ask(alice.api.hurryClose(channelId, FAST)));
  expect(await spendable(alice)).toBe(sat(0));
  world.chain.mempool = waiting;
  await world.mine(1);
  expect((await alice.api.listChannels())[0]?.closing).toMatchObject({ kind: 'cooperative' });
  expect(await spendable(alice)).toBeGreaterThan(coins + IN_CHANNEL);
});

it('a claim that is sped up from the list of payments is hurried as its close is: replaced, within its bound', async () => {
  const nodes = await forced();
  const { world, alice, channelId, commitment } = nodes;
  value(await world.ask(alice.api.hurryClose(channelId, FAST)));
  const childOf = (): Tx | undefined =>
    world.chain.mempool.findLast(({ inputs }) =>
      inputs.some(({ outPoint }) => outPoint.txId === txIdOf(commitment)),
    );
  const child = childOf();
  if (child === undefined) throw new Error('no child');
  const faster = { satPerVb: 60 };
  const quote = value(await alice.api.quoteBumpFee(txIdOf(child), faster));
  expect(quote).toMatchObject({ kind: 'replacement', amountSat: null, feerateSatPerVb: 60 });
  expect(await alice.api.quoteHurryClose(channelId, faster)).toMatchObject({
    ok: true,
    value: { feeSat: quote.feeSat, extraSat: quote.extraSat },
  });
  expect(await world.ask(alice.api.bumpFee(txIdOf(child), faster, quote.feeSat - 1n))).toMatchObject({
    error: { code: 'fee-above-limit' },
  });
  const bumped = value(await world.ask(alice.api.bumpFee(txIdOf(child), faster, quote.feeSat)));
  replace(nodes);
  expect(bumped).toEqual({ txId: txIdOf(childOf() ?? child), feeSat: quote.feeSat });
  expect(bumped.txId).not.toBe(txIdOf(child));
  // It is in the other's place: there is one of them.
  const [channel] = await alice.api.listChannels();
  expect(channel?.closing?.transactions.map(({ txId }) => txId)).toEqual([bumped.txId]);
});

/** What it pays, by the outputs that it takes. */
const feeOf = ({ world }: OpenedNodes, { inputs, outputs }: Tx): bigint => {
  const taken = inputs.reduce(
    (sum, { outPoint: { txId, index } }) => sum + (world.chain.findTx(txId)?.tx.outputs[index]?.amount ?? 0n),
    0n,
  );
  return taken - outputs.reduce((sum, { amount }) => sum + amount, 0n);
};
const feesOf = (nodes: OpenedNodes): bigint =>
  nodes.world.chain.mempool.reduce((sum, tx) => sum + feeOf(nodes, tx), 0n);

/** Bob's commitment is in a block: a large payment to Alice and two small ones, which one transaction of hers takes. */
async function batched(): Promise<OpenedNodes> {
  const nodes = await openedNodes();
  const { world, alice, bob, channelId } = nodes;
  const request = { amountMsat: 250_000_000n, description: '' };
  const { invoice } = value(await world.ask(bob.api.bolt11.receive(request)));
  value(await world.ask(alice.api.bolt11.send(invoice)));
  await world.settle();
  const preimages = [1, 2, 3].map((n) => new Uint8Array(32).fill(n));
  for (const [i, preimage] of preimages.entries()) {
    const amountMsat = i === 0 ? 120_000_000n : 2_000_000n;
    const paymentHash = toHex(sha256(preimage));
    const held = value(
      await world.ask(alice.api.bolt11.receiveForHash({ amountMsat, description: '', paymentHash })),
    );
    value(await world.ask(bob.api.bolt11.send(held.invoice)));
    await world.settle();
  }
  value(await world.ask(alice.api.disconnect(await bob.id())));
  for (const preimage of preimages) value(await world.ask(alice.api.bolt11.claim(toHex(preimage))));
  value(await world.ask(bob.api.forceCloseChannel(channelId)));
  bob.die();
  await world.mine(1);
  return nodes;
}

it('a batch that a hurried close takes apart: what is quoted is what is paid, and the limit holds to it', async () => {
  const nodes = await batched();
  const { world, alice, channelId } = nodes;
  const sizes = (): readonly number[] =>
    world.chain.mempool.map(({ inputs }) => inputs.length).toSorted((a, b) => a - b);
  expect(sizes()).toEqual([1, 3]);
  const before = feesOf(nodes);
  const { totalMsat } = await alice.api.listBalances();

  const quote = value(await alice.api.quoteHurryClose(channelId, FAST));
  expect(await alice.api.quoteHurryClose(channelId, FAST)).toEqual({ ok: true, value: quote });
  expect(await world.ask(alice.api.hurryClose(channelId, FAST, quote.extraSat - 1n))).toEqual({
    ok: false,
    error: {
      code: 'fee-above-limit',
      feeMsat: quote.extraSat * 1000n,
      limitMsat: (quote.extraSat - 1n) * 1000n,
    },
  });
  expect([sizes(), feesOf(nodes)]).toEqual([[1, 3], before]);

  const paid = value(await world.ask(alice.api.hurryClose(channelId, FAST, quote.extraSat)));
  expect(paid).toEqual(quote);
  replace(nodes);
  // What is not worth that rate has parted from what is.
  expect(sizes()).toEqual([1, 1, 2]);
  expect(feesOf(nodes)).toBe(quote.feeSat);
  expect(feesOf(nodes) - before).toBe(quote.extraSat);
  expect((await alice.api.listBalances()).totalMsat).toBe(totalMsat - quote.extraSat * 1000n);
  const [channel] = await alice.api.listChannels();
  const transactions = channel?.closing?.transactions ?? [];
  expect(transactions.reduce((sum, { feeSat }) => sum + (feeSat ?? 0n), 0n)).toBe(quote.feeSat);
  await world.mine(1);
  expect((await alice.api.listBalances()).totalMsat).toBe(totalMsat - quote.extraSat * 1000n);
});

it('a higher fee for a payment is not taken out of what is kept for closing channels', async () => {
  const { world, alice } = await openedNodes();
  const all = value(await alice.api.quoteOnchain(THEIRS, 'all', { satPerVb: 2 }));
  const sent = value(await world.ask(alice.api.sendToAddress(THEIRS, all.amountSat - 500n, { satPerVb: 2 })));
  const refusal = { error: { code: 'reserve-needed', reserveSat: RESERVE, mostSat: 500n } };
  expect(await alice.api.quoteBumpFee(sent.txId, FAST)).toMatchObject(refusal);
  expect(await world.ask(alice.api.bumpFee(sent.txId, FAST))).toMatchObject(refusal);
  const quote = value(await alice.api.quoteBumpFee(sent.txId, { satPerVb: 4 }));
  expect(quote.extraSat).toBeLessThanOrEqual(500n);
  value(await world.ask(alice.api.bumpFee(sent.txId, { satPerVb: 4 }, quote.feeSat)));
  expect(await spendable(alice)).toBeGreaterThanOrEqual(RESERVE);
});

it('a claim that a reorganisation takes out of its block is told to the chain again, also when the channel is over', async () => {
  const nodes = await forced();
  const { world, alice, commitment } = nodes;
  await world.mine(146);
  const claim = world.chain
    .all()
    .find(
      ({ inputs, outputs }) =>
        outputs.length === 1 && inputs.some(({ outPoint }) => outPoint.txId === txIdOf(commitment)),
    );
  if (claim === undefined) throw new Error('no claim');
  await world.mine(8);
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
  const { totalMsat } = await alice.api.listBalances();
  world.chain.reorganise(9, 10, (tx) => txIdOf(tx) !== txIdOf(claim));
  expect(world.chain.findTx(txIdOf(claim))).toBe(null);
  await world.pass(61_000);
  await world.pass(61_000);
  expect(world.chain.mempool.map(txIdOf)).toContain(txIdOf(claim));
  expect((await alice.api.listBalances()).totalMsat).toBe(totalMsat);
  await world.mine(1);
  expect((await alice.api.listBalances()).onchain.confirmedSat * 1000n).toBe(totalMsat);
});

it('the child of a commitment that is in no block any more is told with it again, and never alone', async () => {
  const { world, alice, channelId, commitment } = await forced();
  value(await world.ask(alice.api.hurryClose(channelId, FAST)));
  const id = txIdOf(commitment);
  const child = world.chain.mempool.find(({ inputs }) => inputs.some(({ outPoint }) => outPoint.txId === id));
  if (child === undefined) throw new Error('no child');
  await world.mine(7);
  const told: string[][] = [];
  world.esplora.refuses = (txs) => {
    told.push(txs.map(txIdOf));
    return null;
  };
  world.chain.reorganise(7, 8, (tx) => ![id, txIdOf(child)].includes(txIdOf(tx)));
  for (let round = 0; round < 4; round++) await world.pass(5_000);
  const withChild = told.filter((ids) => ids.includes(txIdOf(child)));
  expect(withChild.length).toBeGreaterThan(0);
  expect(withChild).toEqual(withChild.map(() => [id, txIdOf(child)]));
  expect(world.chain.mempool.map(txIdOf)).toEqual(expect.arrayContaining([id, txIdOf(child)]));
});

it('what is ours is claimed after a start although the server keeps to itself what became of one transaction', async () => {
  const { world, alice, commitment } = await forced();
  await world.mine(1);
  const id = txIdOf(commitment);
  const rest = { status: 500, body: 'no' };
  world.esplora.fault = (path) => (path.includes('outspend') && path.includes(id) ? rest : null);
  await alice.restart();
  world.chain.mine(145);
  for (let round = 0; round < 8; round++) await world.pass(61_000);
  expect((await alice.api.status()).chain.reachable).toBe(false);
  expect(world.chain.mempool.filter(({ inputs }) => inputs[0]?.outPoint.txId === id)).toHaveLength(1);
});

it('a commitment that no server takes for its fee gets a child that pays for both, whatever estimates say', async () => {
  const nodes = await openedNodes();
  const { world, alice, bob, channelId } = nodes;
  value(await world.ask(alice.api.disconnect(await bob.id())));
  // Alone it is below what the mempool takes now; in a package it goes in, once that pays enough.
  let packages = 0;
  world.esplora.refuses = (txs) =>
    txs.length === 1 || ++packages < 3 ? 'mempool min fee not met, 110 < 330' : null;
  value(await world.ask(alice.api.forceCloseChannel(channelId)));
  const [channel] = await alice.api.listChannels();
  const spend = (): Tx | undefined =>
    world.chain.mempool.find(({ inputs }) => inputs[0]?.outPoint.txId === channel?.fundingTxId);
  for (let i = 0; i < 6 && spend() === undefined; i++) await world.pass(61_000);
  const commitment = spend();
  if (commitment === undefined) throw new Error('the commitment was not taken');
  expect(world.chain.mempool).toHaveLength(2);
  const [closing] = await alice.api.listChannels();
  expect(closing?.closing?.transactions).toHaveLength(1);
  world.esplora.refuses = () => null;
  await world.mine(1);
  expect((await alice.api.listChannels())[0]?.closing).toMatchObject({ confirmations: 1 });
});
