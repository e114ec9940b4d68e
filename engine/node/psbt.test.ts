import { base64 } from '@scure/base';
import { Transaction } from '@scure/btc-signer';
import { expect, it } from 'vitest';
import { parseTx } from '../bitcoin/tx-parse.ts';
import { txIdOf } from '../bitcoin/tx.ts';
import { NodeWorld, openedNodes, type NodeSeat } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

const THEIRS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const FEE = { satPerVb: 2 };
const REGTEST = { bech32: 'bcrt', pubKeyHash: 0x6f, scriptHash: 0xc4, wif: 0xef };

async function funded(): Promise<{ readonly world: NodeWorld; readonly alice: NodeSeat }> {
  const world = new NodeWorld();
  const alice = world.seat('alice');
  await alice.start();
  await world.fund(alice, 1_000_000n);
  return { world, alice };
}

type Coin = { readonly input: ReturnType<Transaction['getInput']>; readonly amount: bigint };

/** What a payment of all that may go would spend, the smallest first; nothing is set aside for it. */
async function freeCoins(world: NodeWorld, { api }: NodeSeat): Promise<readonly [Coin, ...Coin[]]> {
  const all = value(await world.ask(api.psbt.create(THEIRS, 'all', FEE)));
  value(await world.ask(api.psbt.release(all.txId)));
  const tx = Transaction.fromPSBT(base64.decode(all.psbt));
  const [first, ...more] = Array.from({ length: tx.inputsLength }, (_, i): Coin => {
    const input = tx.getInput(i);
    return { input, amount: input.witnessUtxo?.amount ?? 0n };
  }).sort((a, b) => Number(a.amount - b.amount));
  if (first === undefined) throw new Error('no coins');
  return [first, ...more];
}

/** As another wallet with the same keys would make it. */
function psbtOf(coins: readonly Coin[], outputs: Readonly<Record<string, bigint>>): string {
  const tx = new Transaction();
  for (const { input } of coins) tx.addInput(input);
  for (const [address, amount] of Object.entries(outputs)) tx.addOutputAddress(address, amount, REGTEST);
  return base64.encode(tx.toPSBT());
}

it('a payment is made, looked at, signed and published; its coins wait for it, over a restart too', async () => {
  const { world, alice } = await funded();
  const made = value(await world.ask(alice.api.psbt.create(THEIRS, 200_000n, FEE)));
  expect(made).toMatchObject({ amountSat: 200_000n, changeSat: 800_000n - made.feeSat });
  expect((await alice.api.listBalances()).onchain).toMatchObject({
    reservedSat: 1_000_000n,
    spendableSat: 0n,
  });
  expect(value(await alice.api.psbt.inspect(made.psbt))).toEqual({
    txId: made.txId,
    spentSat: 1_000_000n,
    returnedSat: made.changeSat,
    payments: [{ address: THEIRS, amountSat: 200_000n }],
    feeSat: made.feeSat,
  });
  expect(await world.ask(alice.api.psbt.publish(made.psbt))).toMatchObject({
    error: { code: 'invalid-argument', field: 'psbt' },
  });

  await alice.restart();
  await world.settle();
  const [waiting] = value(await alice.api.psbt.list());
  expect(waiting).toMatchObject({ psbt: made.psbt, txId: made.txId, feeSat: made.feeSat });
  const signed = value(await alice.api.psbt.sign(made.psbt));
  expect(signed).toMatchObject({ txId: made.txId, complete: true });
  expect(world.chain.mempool).toEqual([]);
  expect(value(await world.ask(alice.api.psbt.publish(signed.psbt)))).toEqual({ txId: made.txId });
  expect(value(await world.ask(alice.api.psbt.publish(signed.psbt)))).toEqual({ txId: made.txId });
  expect(world.chain.mempool).toHaveLength(1);
  await world.mine();
  expect((await alice.api.listBalances()).onchain).toMatchObject({
    reservedSat: 0n,
    spendableSat: made.changeSat,
  });
  expect(value(await alice.api.psbt.list())).toEqual([]);
  expect(await world.ask(alice.api.psbt.release(made.txId))).toMatchObject({
    error: { code: 'unknown-transaction' },
  });
});

it('one that is given up gives its coins back', async () => {
  const { world, alice } = await funded();
  const made = value(await world.ask(alice.api.psbt.create(THEIRS, 'all', 'normal')));
  expect(await world.ask(alice.api.psbt.create(THEIRS, 1_000n, FEE))).toMatchObject({ ok: false });
  value(await world.ask(alice.api.psbt.release(made.txId)));
  expect((await alice.api.listBalances()).onchain.spendableSat).toBe(1_000_000n);
  expect(value(await alice.api.psbt.list())).toEqual([]);
});

it('the fee is no more than was agreed to', async () => {
  const { world, alice } = await funded();
  expect(await world.ask(alice.api.psbt.create(THEIRS, 1_000n, FEE, 1n))).toMatchObject({ ok: false });
  expect((await alice.api.listBalances()).onchain.reservedSat).toBe(0n);
});

it('two pay together: each signs its own, and both see it', async () => {
  const { world, alice } = await funded();
  const bob = world.seat('bob');
  await bob.start();
  await world.fund(bob, 500_000n);
  const [ours, theirs] = [
    value(await world.ask(alice.api.psbt.create(THEIRS, 'all', FEE))),
    value(await world.ask(bob.api.psbt.create(THEIRS, 'all', FEE))),
  ];
  for (const [seat, { txId }] of [[alice, ours] as const, [bob, theirs] as const])
    value(await world.ask(seat.api.psbt.release(txId)));
  const joint = new Transaction();
  for (const { psbt } of [ours, theirs]) {
    const part = Transaction.fromPSBT(base64.decode(psbt));
    joint.addInput(part.getInput(0));
    joint.addOutput(part.getOutput(0));
  }
  const half = value(await alice.api.psbt.sign(base64.encode(joint.toPSBT())));
  expect(half.complete).toBe(false);
  expect(value(await bob.api.psbt.inspect(half.psbt))).toMatchObject({
    spentSat: 500_000n,
    returnedSat: 0n,
    feeSat: ours.feeSat + theirs.feeSat,
  });
  const whole = value(await bob.api.psbt.sign(half.psbt));
  expect(whole).toMatchObject({ txId: half.txId, complete: true });
  const stranger = world.seat('stranger');
  await stranger.start();
  expect(await world.ask(stranger.api.psbt.publish(whole.psbt))).toMatchObject({
    error: { code: 'invalid-argument', detail: 'it spends none of our coins' },
  });
  expect(value(await world.ask(bob.api.psbt.publish(whole.psbt)))).toEqual({ txId: whole.txId });
  expect((await bob.api.listBalances()).totalMsat).toBe(0n);
  await world.mine();
  expect((await alice.api.listBalances()).totalMsat).toBe(0n);
});

// Our taproot signature is over the coins of others too, which nobody shows: a server's word for it is as good as none.
it.each([
  ['segwit', THEIRS],
  ['taproot', 'bcrt1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqc8gma6'],
])(
  'one that others publish is known before a block has it, and its coin is spent: %s',
  async (_, address) => {
    const { world, alice } = await funded();
    const bob = world.seat('bob');
    await bob.start();
    await world.fund(bob, 500_000n);
    // Change is of the kind that the payment is of.
    value(await world.ask(alice.api.sendToAddress(address, 100_000n, FEE)));
    await world.mine();
    const [[ours], [theirs]] = [await freeCoins(world, alice), await freeCoins(world, bob)];
    const joint = psbtOf([ours, theirs], { [THEIRS]: ours.amount + theirs.amount - 1_000n });
    const half = value(await alice.api.psbt.sign(joint));
    const whole = value(await bob.api.psbt.sign(half.psbt));
    expect(whole).toMatchObject({ txId: half.txId, complete: true });
    world.chain.add(value(parseTx(Transaction.fromPSBT(base64.decode(whole.psbt)).extract())));
    for (let look = 0; look < 5; look++) await world.pass(61_000);
    expect((await alice.api.listBalances()).onchain).toMatchObject({ spendableSat: 0n });
    const { payments } = await alice.api.listPayments();
    expect(payments.filter(({ state }) => state === 'pending')).toMatchObject([{ txId: half.txId }]);
  },
);

// Whoever was given it may publish it in a year, whatever was said of it: as with any payment.
it.each(['mempool min fee not met', 'mandatory-script-verify-flag-failed'])(
  'what every server refuses stays a payment, and is offered again: %s',
  async (refusal) => {
    const { world, alice } = await funded();
    await world.fund(alice, 1_000_000n);
    const made = value(await world.ask(alice.api.psbt.create(THEIRS, 200_000n, FEE)));
    const { psbt } = value(await alice.api.psbt.sign(made.psbt));
    world.esplora.refusal = refusal;
    expect(await world.ask(alice.api.psbt.publish(psbt))).toMatchObject({
      error: { code: 'broadcast-refused', isKept: true },
    });
    const { payments } = await alice.api.listPayments();
    expect(payments.filter(({ state }) => state === 'pending')).toMatchObject([{ txId: made.txId }]);
    expect((await alice.api.listBalances()).onchain).toMatchObject({
      reservedSat: 0n,
      confirmedSat: 1_000_000n,
    });
    await alice.restart();
    world.esplora.refusal = null;
    await world.mine();
    expect(world.chain.mempool.map(txIdOf)).toEqual([made.txId]);
  },
);

it('one whose signature is of something else is not published: its coins wait as before', async () => {
  const { world, alice } = await funded();
  const made = value(await world.ask(alice.api.psbt.create(THEIRS, 200_000n, FEE)));
  const other = value(await world.ask(alice.api.psbt.inspect(made.psbt)));
  const { psbt } = value(await alice.api.psbt.sign(made.psbt));
  const tx = Transaction.fromPSBT(base64.decode(psbt));
  const forged = Transaction.fromPSBT(base64.decode(made.psbt));
  const witness = tx.getInput(0).finalScriptWitness ?? [];
  expect(witness.length).toBeGreaterThan(0);
  const [signature = new Uint8Array(), ...rest] = witness;
  const flipped = signature.map((byte, i) => (i === 20 ? byte ^ 1 : byte));
  forged.updateInput(0, { finalScriptWitness: [flipped, ...rest] }, true);
  world.esplora.log.length = 0;
  expect(await world.ask(alice.api.psbt.publish(base64.encode(forged.toPSBT())))).toMatchObject({
    error: { code: 'invalid-argument', field: 'psbt' },
  });
  expect(world.esplora.log.filter((line) => line.startsWith('POST'))).toEqual([]);
  expect((await alice.api.listBalances()).onchain.reservedSat).toBe(1_000_000n);
  expect(value(await world.ask(alice.api.psbt.publish(psbt)))).toEqual({ txId: other.txId });
});

it('what closing channels may need is neither signed away nor published away', async () => {
  const { world, alice } = await openedNodes();
  const { spendableSat: before, keptSat } = (await alice.api.listBalances()).onchain;
  expect(keptSat).toBe(25_000n);
  const all = value(await world.ask(alice.api.psbt.create(THEIRS, 'all', FEE)));
  expect(all.amountSat).toBe(before - keptSat - all.feeSat);
  value(await world.ask(alice.api.psbt.release(all.txId)));
  const refused = { code: 'reserve-needed', reserveSat: keptSat };
  expect(await world.ask(alice.api.psbt.create(THEIRS, before - 10_000n, FEE))).toMatchObject({
    error: { ...refused, mostSat: all.amountSat },
  });

  // The same, but made elsewhere: nothing was set aside for it, and all goes to others.
  const greedy = psbtOf(await freeCoins(world, alice), { [THEIRS]: before - 5_000n });
  const dip = { error: { ...refused, mostSat: before - keptSat } };
  expect(await world.ask(alice.api.psbt.sign(greedy))).toMatchObject(dip);
  // What leaves enough may go.
  const modest = value(await world.ask(alice.api.psbt.sign(all.psbt)));
  expect(modest.complete).toBe(true);
  expect(value(await world.ask(alice.api.psbt.publish(modest.psbt)))).toEqual({ txId: all.txId });
  expect((await alice.api.listBalances()).onchain.spendableSat).toBe(keptSat);
});

it('nor in two that are signed one after the other', async () => {
  const { world, alice } = await openedNodes();
  await world.fund(alice, 30_000n);
  const coins = await freeCoins(world, alice);
  expect(coins).toHaveLength(2);
  // Each leaves the other's coin, which is enough.
  const [second = '', first = ''] = coins.map((coin) => psbtOf([coin], { [THEIRS]: coin.amount - 1_000n }));
  expect(value(await alice.api.psbt.sign(first)).complete).toBe(true);
  expect(value(await alice.api.psbt.sign(first)).complete).toBe(true);
  expect(await alice.api.psbt.sign(second)).toMatchObject({ error: { code: 'reserve-needed' } });
});

it('one whose place another has taken is not said to be published', async () => {
  const { world, alice } = await funded();
  const made = value(await world.ask(alice.api.psbt.create(THEIRS, 200_000n, FEE)));
  const { psbt } = value(await alice.api.psbt.sign(made.psbt));
  value(await world.ask(alice.api.psbt.publish(psbt)));
  value(await world.ask(alice.api.bumpFee(made.txId, { satPerVb: 10 })));
  expect(await world.ask(alice.api.psbt.publish(psbt))).toMatchObject({
    error: { code: 'broadcast-refused' },
  });
});

it('signed before there was a channel, it is not published once one may need its coins', async () => {
  const { world, alice } = await funded();
  const bob = world.seat('bob');
  await bob.start();
  await world.fund(bob, 30_000n);
  const all = value(await world.ask(bob.api.psbt.create(THEIRS, 'all', FEE)));
  const { psbt } = value(await bob.api.psbt.sign(all.psbt));
  value(await world.ask(bob.api.psbt.release(all.txId)));
  value(
    await world.ask(
      alice.api.openChannel({ nodeId: await bob.id(), host: 'bob', port: 9735, amountSat: 500_000n }),
    ),
  );
  await world.mine(6);
  expect(await world.ask(bob.api.psbt.publish(psbt))).toEqual({
    ok: false,
    error: { code: 'reserve-needed', reserveSat: 25_000n, mostSat: 5_000n },
  });
  expect(world.chain.mempool).toEqual([]);
  expect((await bob.api.listBalances()).onchain.spendableSat).toBe(30_000n);
});

it('two that were signed and spend the same coin bring back what one of them does', async () => {
  const { world, alice } = await openedNodes();
  await world.fund(alice, 30_000n);
  const [small, large] = await freeCoins(world, alice);
  if (large === undefined) throw new Error('one coin');
  const { address } = value(await world.ask(alice.api.newAddress()));
  // Three offers with the small coin, of which one can go out: each leaves much of it.
  for (const less of [12_000n, 13_000n, 14_000n]) {
    const offer = psbtOf([small], { [THEIRS]: 10_000n, [address]: small.amount - less });
    expect(await alice.api.psbt.sign(offer)).toMatchObject({ ok: true });
  }
  // All of the large one: what is left is the small one's change, less than is to be kept.
  const greedy = psbtOf([large], { [THEIRS]: large.amount - 1_000n });
  expect(await alice.api.psbt.sign(greedy)).toMatchObject({ error: { code: 'reserve-needed' } });
});
