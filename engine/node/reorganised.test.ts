import { describe, expect, test } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { sat } from '../base/units.ts';
import { scriptOfAddress } from '../bitcoin/address.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { sha256 } from '../crypto/hash.ts';
import { paying, spending } from '../testkit/fake-chain.ts';
import { NodeWorld, openedNodes, type NodeSeat } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import type { Balances } from './api.ts';

const THEIRS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';

const closingTx = async (world: NodeWorld, { api }: NodeSeat): Promise<Tx> => {
  const id = (await api.listChannels())[0]?.closing?.txId;
  const found = world.chain.all().find((tx) => txIdOf(tx) === id);
  if (found === undefined) throw new Error('no closing transaction');
  return found;
};

/** The blocks that had it go, and nobody's mempool has it any more. */
function takeOut(world: NodeWorld, lost: readonly Tx[]): void {
  const ids = new Set(lost.map(txIdOf));
  const heights = lost.map((tx) => world.chain.findTx(txIdOf(tx))?.height ?? world.chain.blocks.length);
  const depth = world.chain.blocks.length - Math.min(...heights);
  world.chain.reorganise(depth, depth + 1, (tx) => !ids.has(txIdOf(tx)));
}

/** In the newest block, of 390,000 sat from coins of somebody else; and what else may take each of those. */
async function deposited(
  world: NodeWorld,
  seat: NodeSeat,
  coins = 1,
): Promise<{ deposit: Tx; takers: readonly Tx[] }> {
  const theirs = Array.from({ length: coins }, () => paying([Uint8Array.of(0x51), sat(400_000n)]));
  world.chain.add(...theirs);
  await world.mine(1);
  const spent = theirs.map((tx) => ({ txId: txIdOf(tx), index: 0 }));
  const { address } = value(await world.ask(seat.api.newAddress()));
  const script = value(scriptOfAddress(address, 'regtest'));
  const deposit = spending(spent, [{ script, amount: sat(390_000n) }]);
  world.chain.add(deposit);
  await world.mine(1);
  const takers = spent.map((coin) =>
    spending([coin], [{ script: Uint8Array.of(0x51), amount: sat(399_000n) }]),
  );
  return { deposit, takers };
}

const inBlock = (world: NodeWorld, tx: Tx): boolean => world.chain.findTx(txIdOf(tx))?.height != null;

// BOLT 5 §General Nomenclature
describe('a chain that goes back', () => {
  test('our commitment that no block and no mempool has any more is published again', async () => {
    const { world, alice, bob, channelId } = await openedNodes();
    bob.die();
    value(await world.ask(alice.api.forceCloseChannel(channelId)));
    await world.mine(2);
    const commitment = await closingTx(world, alice);
    expect(inBlock(world, commitment)).toBe(true);
    alice.die();
    takeOut(world, [commitment]);
    alice.store = alice.store.restart();
    await alice.start();
    await world.pass(5_000);
    expect(world.chain.mempool.map(txIdOf)).toContain(txIdOf(commitment));
    await world.mine(160);
    await world.mine(10);
    expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
    const { onchain, totalMsat } = await alice.api.listBalances();
    expect(onchain.confirmedSat * 1000n).toBe(totalMsat);
  });

  test('a channel whose funding no block has any more is not funded, until one has it again', async () => {
    const { world, alice, bob } = await openedNodes();
    const id = (await bob.api.listChannels())[0]?.fundingTxId;
    const funding = world.chain.all().find((tx) => txIdOf(tx) === id);
    if (funding === undefined) throw new Error('no funding transaction');
    alice.die();
    bob.die();
    takeOut(world, [funding]);
    bob.store = bob.store.restart();
    await bob.start();
    await world.pass(5_000);
    expect(await bob.api.listChannels()).toMatchObject([{ confirmations: 0, isUsable: false }]);
    // Its opener has it, and offers it again.
    alice.store = alice.store.restart();
    await alice.start();
    await world.pass(5_000);
    await world.mine(6);
    expect(await bob.api.listChannels()).toMatchObject([{ state: 'ready', isUsable: true }]);
  });

  test.each([
    { goes: 'a close that was over and its claim', blocks: 99, isAway: true },
    { goes: 'the claim of a close that was over', blocks: 100, isAway: false },
  ])(
    'a hundred blocks go, and with them $goes: it comes again, and ends again',
    async ({ blocks, isAway }) => {
      const { world, alice, bob, channelId } = await openedNodes();
      value(await world.ask(bob.api.forceCloseChannel(channelId)));
      await world.mine(1);
      const commitment = await closingTx(world, alice);
      const isOfClose = ({ inputs }: Tx): boolean => inputs[0]?.outPoint.txId === txIdOf(commitment);
      await world.mine(blocks);
      const claim = world.chain.all().find(isOfClose);
      if (claim === undefined) throw new Error('no claim');
      const before = await alice.api.listBalances();
      expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
      if (isAway) alice.die();
      world.chain.reorganise(100, 101, (tx) => txIdOf(tx) !== txIdOf(commitment) && !isOfClose(tx));
      expect(inBlock(world, commitment)).toBe(!isAway);
      expect(inBlock(world, claim)).toBe(false);
      if (isAway) {
        alice.store = alice.store.restart();
        await alice.start();
      }
      await world.pass(5_000);
      const [back] = await alice.api.listChannels();
      expect(back).toMatchObject({ state: 'force-closing', closing: { confirmations: isAway ? 0 : 102 } });
      expect((await alice.api.listBalances()).onchain.confirmedSat).toBeLessThan(before.onchain.confirmedSat);
      // Bob waits for his delay, and has offered his commitment again; once that is in a block there is something to claim.
      await world.mine(1);
      await world.mine(1);
      expect([commitment, claim].every((tx) => inBlock(world, tx))).toBe(true);
      await world.mine(6);
      expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
      expect(await alice.api.listBalances()).toEqual(before);
    },
  );

  test.each(['while it is shut', 'while it runs'] as const)(
    'a close that was over is not over, and its money not final, when the chain takes it back %s',
    async (when) => {
      const { world, alice, bob, channelId } = await openedNodes();
      value(await world.ask(alice.api.closeChannel(channelId)));
      await world.settle();
      await world.mine(8);
      const closing = await closingTx(world, alice);
      const before = await alice.api.listBalances();
      expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
      bob.die();
      if (when === 'while it is shut') alice.die();
      takeOut(world, [closing]);
      if (when === 'while it is shut') {
        alice.store = alice.store.restart();
        await alice.start();
      }
      await world.pass(5_000);
      expect(await alice.api.listChannels()).toMatchObject([
        { state: 'closing', closing: { confirmations: 0 } },
      ]);
      expect((await alice.api.listBalances()).totalMsat).toBe(before.totalMsat);
      expect((await alice.api.listBalances()).onchain.confirmedSat).toBeLessThan(before.onchain.confirmedSat);
      await world.mine(7);
      expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
      expect(await alice.api.listBalances()).toEqual(before);
    },
  );

  test.each(['while it runs', 'while it is shut'] as const)(
    'a channel that was funded with a deposit which another block has otherwise never was, and the coins beside that are free: %s',
    async (when) => {
      const world = new NodeWorld();
      const [alice, bob] = [world.seat('alice'), world.seat('bob')];
      await alice.start();
      await bob.start();
      await world.fund(alice, 300_000n);
      const { deposit, takers } = await deposited(world, alice);
      const peer = { nodeId: await bob.id(), host: 'bob', port: 9735, amountSat: 500_000n };
      value(await world.ask(alice.api.openChannel(peer)));
      await world.mine(1);
      const funding = world.chain.tip.txs.at(-1)!;
      expect(funding.inputs.map(({ outPoint }) => outPoint.txId)).toContain(txIdOf(deposit));
      const balances = async (): Promise<Balances> => alice.api.listBalances();

      if (when === 'while it is shut') alice.die();
      world.chain.reorganise(2, 1, () => false);
      world.chain.add(...takers);
      world.esplora.refuses = () => 'bad-txns-inputs-missingorspent';
      if (when === 'while it is shut') {
        world.chain.mine(2);
        await alice.restart();
        await world.pass(5_000);
      } else await world.mine(2);
      for (let round = 0; round < 3; round++) await world.mine(1);
      // Free again, before the channel is given up: what they paid into it is not in it as well.
      expect(await balances()).toMatchObject({
        onchain: { spendableSat: 300_000n, pendingSat: 0n },
        openingSat: 0n,
        totalMsat: 300_000_000n,
      });
      await world.mine(2);
      expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
      expect(await balances()).toMatchObject({ totalMsat: 300_000_000n, openingSat: 0n, closingSat: 0n });
      await alice.restart();
      await world.mine(1);
      expect(await balances()).toMatchObject({ totalMsat: 300_000_000n });

      // It was the other way after all.
      world.esplora.refuses = () => null;
      world.chain.reorganise(8, 9, () => false);
      world.chain.add(deposit, funding);
      await world.mine(2);
      await world.mine(1);
      expect((await balances()).onchain.pendingSat).toBe(0n);
      expect((await balances()).totalMsat).toBeGreaterThan(680_000_000n);
    },
  );

  test('a payment that was buried, and that no block and no mempool has any more, is offered again while it runs', async () => {
    const world = new NodeWorld();
    const alice = world.seat('alice');
    await alice.start();
    await world.fund(alice, 300_000n);
    const { txId } = value(await world.ask(alice.api.sendToAddress(THEIRS, 200_000n, { satPerVb: 2 })));
    await world.mine(8);
    await world.mine(1);
    takeOut(
      world,
      world.chain.all().filter((tx) => txIdOf(tx) === txId),
    );
    await world.pass(5_000);
    expect(world.chain.mempool.map(txIdOf)).toEqual([txId]);
  });

  test.each(['waits again', 'is in a block again'] as const)(
    'a payment of a deposit that had given way, to what is gone since, is offered once the deposit %s',
    async (when) => {
      const world = new NodeWorld();
      const alice = world.seat('alice');
      await alice.start();
      await world.fund(alice, 300_000n);
      const { deposit, takers } = await deposited(world, alice);
      const { txId } = value(await world.ask(alice.api.sendToAddress(THEIRS, 500_000n, { satPerVb: 2 })));
      alice.die();
      world.chain.reorganise(1, 1, () => false);
      world.chain.add(...takers);
      world.chain.mine(1);
      await alice.restart();
      await world.pass(5_000);
      expect((await alice.api.listBalances()).onchain).toMatchObject({ spendableSat: 300_000n });
      alice.die();
      world.chain.reorganise(2, 3, () => false);
      await alice.restart();
      await world.pass(5_000);
      expect(world.chain.mempool).toEqual([]);

      world.chain.add(deposit);
      if (when === 'is in a block again') world.chain.mine(1);
      await world.pass(1_001);
      await world.pass(1_001);
      expect(world.chain.mempool.map(txIdOf)).toContain(txId);
      await world.mine(2);
      expect((await alice.api.listBalances()).totalMsat).toBeLessThan(190_000_000n);
    },
  );

  test('a deposit of which two blocks had each a coin stays out of the balance when one of them goes', async () => {
    const world = new NodeWorld();
    const alice = world.seat('alice');
    await alice.start();
    await world.fund(alice, 300_000n);
    const { takers } = await deposited(world, alice, 2);
    value(await world.ask(alice.api.sendToAddress(THEIRS, 500_000n, { satPerVb: 2 })));
    world.chain.reorganise(1, 1, () => false);
    world.esplora.refuses = () => 'bad-txns-inputs-missingorspent';
    await world.pass(5_000);
    const total = async (): Promise<bigint> => (await alice.api.listBalances()).totalMsat;
    expect(await total()).toBeLessThan(190_000_000n);
    for (const taker of takers) {
      world.chain.add(taker);
      await world.mine(1);
      expect(await total()).toBe(300_000_000n);
    }
    world.chain.reorganise(1, 2, () => false);
    await world.pass(5_000);
    expect(await total()).toBe(300_000_000n);
    // The other as well: then it may be in a block again.
    world.chain.reorganise(3, 4, () => false);
    await world.pass(5_000);
    expect(await total()).toBeLessThan(190_000_000n);
  });

  test.each([20, 100])(
    'a payment that was taken back on the chain is paid after all where %i blocks go and its payee takes it by the preimage',
    async (depth) => {
      const { world, alice, bob, channelId } = await openedNodes();
      const preimage = new Uint8Array(32).fill(3);
      const request = { amountMsat: 50_000_000n, description: '', paymentHash: toHex(sha256(preimage)) };
      const { invoice } = value(await world.ask(bob.api.bolt11.receiveForHash(request)));
      const { paymentId } = value(await world.ask(alice.api.bolt11.send(invoice)));
      await world.settle();
      bob.die();
      value(await world.ask(alice.api.forceCloseChannel(channelId)));
      await world.mine(1);
      const commitment = await closingTx(world, alice);
      const takesOfIt = (): readonly Tx[] =>
        world.chain.all().filter(({ inputs }) => inputs[0]?.outPoint.txId === txIdOf(commitment));
      // What Bob makes of the preimage, which nobody mines for now.
      alice.die();
      bob.store = bob.store.restart();
      await bob.start();
      value(await world.ask(bob.api.bolt11.claim(toHex(preimage))));
      await world.pass(5_000);
      const proof = takesOfIt().find(({ inputs }) =>
        inputs.some(({ witness }) => witness.some((item) => toHex(item) === toHex(preimage))),
      );
      if (proof === undefined) throw new Error('no HTLC-success transaction');
      bob.die();
      world.chain.mempool = [];
      alice.store = alice.store.restart();
      await alice.start();
      await world.mine(155);
      await world.mine(1);
      const timeout = takesOfIt().find(({ lockTime }) => lockTime > 0);
      if (timeout === undefined) throw new Error('no HTLC-timeout transaction');
      await world.mine(7);
      expect(value(await alice.api.payment(paymentId)).state).toBe('failed');
      const before = (await alice.api.listBalances()).totalMsat;

      alice.die();
      const kept = new Set([commitment, proof].map(txIdOf));
      world.chain.reorganise(depth, depth, (tx) => kept.has(txIdOf(tx)));
      world.chain.add(proof);
      world.chain.mine(1);
      expect([proof, timeout].map((tx) => inBlock(world, tx))).toEqual([true, false]);
      alice.store = alice.store.restart();
      await alice.start();
      await world.pass(5_000);
      await world.mine(1);
      expect(value(await alice.api.payment(paymentId))).toMatchObject({
        state: 'succeeded',
        preimage: toHex(preimage),
      });
      expect(await world.ask(alice.api.bolt11.send(invoice))).toMatchObject({
        ok: false,
        error: { code: 'duplicate-payment', state: 'succeeded' },
      });
      await world.mine(150);
      await world.mine(8);
      expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
      expect((await alice.api.listBalances()).totalMsat).toBeLessThan(before - 48_000_000n);
    },
  );
});
