import { beforeAll, expect, it } from 'vitest';
import { assert } from '../base/assert.ts';
import { toHex } from '../base/bytes.ts';
import { txId } from '../base/ids.ts';
import { txIdOf } from '../bitcoin/tx.ts';
import { sha256 } from '../crypto/hash.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { spending } from '../testkit/fake-chain.ts';
import { NodeWorld, openedNodes, type OpenedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import { sat } from '../base/units.ts';

const THEIRS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

/** The funding transaction is in no block and in no mempool; somebody else spends its coins. */
async function robbed(
  blocks: number,
  before: (nodes: OpenedNodes) => Promise<void> = () => Promise.resolve(),
): Promise<OpenedNodes> {
  const nodes = await openedNodes();
  await before(nodes);
  const { world, alice } = nodes;
  const [channel] = await alice.api.listChannels();
  const funding = world.chain.findTx(txId(channel?.fundingTxId ?? ''))?.tx;
  assert(funding !== undefined, 'no funding transaction');
  const rival = spending(
    funding.inputs.map(({ outPoint }) => outPoint),
    [{ amount: sat(990_000), script: Uint8Array.of(0x51, 0x20, ...new Uint8Array(32).fill(7)) }],
  );
  world.chain.reorganise(6, 6, () => false);
  world.chain.add(rival);
  // It is told of again, and refused: its inputs are spent.
  world.esplora.refusal = 'bad-txns-inputs-missingorspent';
  await world.mine(blocks);
  return nodes;
}

it('a channel whose funding transaction left its block for another one waits, and then is no more', async () => {
  const { world, alice, bob } = await robbed(3);
  for (const { api } of [alice, bob])
    expect(await api.listChannels()).toMatchObject([
      { state: 'waiting-for-confirmations', isUsable: false, sendableMsat: 0n },
    ]);
  const { invoice } = value(
    await world.ask(bob.api.bolt11.receive({ amountMsat: 1_000_000n, description: '' })),
  );
  expect(await world.ask(alice.api.bolt11.send(invoice))).toMatchObject({ ok: false });
  await world.mine(3);
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed', closing: null }]);
  expect(await alice.api.listBalances()).toMatchObject({ totalMsat: 0n, openingSat: 0n, closingSat: 0n });
  const [channel] = await alice.api.listChannels();
  const told = (await alice.events()).filter(({ tag }) => tag === 'channel-void');
  expect(told).toEqual([{ tag: 'channel-void', channelId: channel?.channelId }]);
  await alice.restart();
  await world.pass(60_000);
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
});

it('so is one that was closed by force meanwhile: its commitment spends what cannot come to be any more', async () => {
  const { world, alice, channelId } = await openedNodes();
  const [channel] = await alice.api.listChannels();
  const funding = world.chain.findTx(txId(channel?.fundingTxId ?? ''))?.tx;
  assert(funding !== undefined, 'no funding transaction');
  world.chain.reorganise(6, 6, () => false);
  world.chain.add(funding);
  await world.mine(0);
  value(await world.ask(alice.api.forceCloseChannel(channelId)));
  await world.pass(1_001);
  await world.pass(1_001);
  expect(await alice.api.listChannels()).toMatchObject([
    { state: 'force-closing', closing: { txId: expect.any(String) } },
  ]);
  // Another wallet of the same words.
  world.chain.mempool = [];
  world.chain.add(
    spending(
      funding.inputs.map(({ outPoint }) => outPoint),
      [{ amount: sat(990_000), script: Uint8Array.of(0x51, 0x20, ...new Uint8Array(32).fill(7)) }],
    ),
  );
  world.esplora.refusal = 'bad-txns-inputs-missingorspent';
  await world.mine(3);
  // It may yet be, should the chain go back.
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'force-closing' }]);
  await world.mine(3);
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed', closing: null }]);
  expect(await alice.api.listBalances()).toMatchObject({ totalMsat: 0n, openingSat: 0n, closingSat: 0n });
  expect((await alice.events()).filter(({ tag }) => tag === 'channel-void')).toEqual([
    { tag: 'channel-void', channelId },
  ]);
  await alice.restart();
  await world.pass(60_000);
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
});

it('a payment that a server refuses and another has is not taken back', async () => {
  const world = new NodeWorld();
  const alice = world.seat('alice');
  await alice.start();
  await world.fund(alice, 1_000_000n);
  world.esplora.refusal = 'some reason of its own';
  world.esplora.fault = (path, truth) =>
    path.endsWith('/raw') && world.chain.findTx(txId(path.split('/')[2] ?? '')) === null
      ? { status: 200, body: Uint8Array.of(1) }
      : truth();
  const sent = value(await world.ask(alice.api.sendToAddress(THEIRS, 200_000n, { satPerVb: 2 })));
  expect((await alice.api.listBalances()).onchain.spendableSat).toBe(800_000n - sent.feeSat);
  world.esplora.fault = () => null;
  expect((await alice.api.listPayments()).payments.map(({ txId }) => txId)).toContain(sent.txId);
});

// Whoever was given it may publish it, today or in a year: paid once more from other coins it would be paid twice.
it('a payment that every server refuses stays what it is: its coins are spent, and it is offered again', async () => {
  const world = new NodeWorld();
  const alice = world.seat('alice');
  await alice.start();
  await world.fund(alice, 300_000n);
  await world.fund(alice, 300_000n);
  world.esplora.refusal = 'min relay fee not met, 100 < 141';
  const detail = `sendrawtransaction RPC error -26: ${world.esplora.refusal}`;
  expect(await world.ask(alice.api.sendToAddress(THEIRS, 200_000n, { satPerVb: 2 }))).toEqual({
    ok: false,
    error: { code: 'broadcast-refused', detail, isKept: true },
  });
  const pending = async () =>
    (await alice.api.listPayments()).payments.filter(({ direction }) => direction === 'outgoing');
  const [first] = await pending();
  expect(first).toMatchObject({ kind: 'onchain', state: 'pending' });
  // A dearer one of the same coins, which is not taken either, is in nobody's way.
  expect(await world.ask(alice.api.bumpFee(first?.txId ?? '', { satPerVb: 4 }))).toEqual({
    ok: false,
    error: { code: 'broadcast-refused', detail },
  });
  expect(await pending()).toEqual([first]);
  await alice.restart();
  expect(await pending()).toMatchObject([{ txId: first?.txId }]);
  world.esplora.refusal = null;
  await world.mine(1);
  expect(world.chain.mempool.map(txIdOf)).toEqual([first?.txId]);
});

it('a payment that is held is not claimed while the funding of its channel is in no block', async () => {
  const preimage = new Uint8Array(32).fill(9);
  const paymentHash = toHex(sha256(preimage));
  const { world, alice, bob } = await robbed(1, async ({ world, alice, bob }) => {
    const { invoice } = value(
      await world.ask(
        bob.api.bolt11.receiveForHash({ amountMsat: 1_000_000n, description: '', paymentHash }),
      ),
    );
    value(await world.ask(alice.api.bolt11.send(invoice)));
  });
  expect(await world.ask(bob.api.bolt11.claim(toHex(preimage)))).toEqual({
    ok: false,
    error: { code: 'channel-not-ready', state: 'waiting-for-confirmations' },
  });
  expect(await bob.api.payment(paymentHash)).toMatchObject({ ok: true, value: { state: 'claimable' } });
  expect(await alice.api.payment(paymentHash)).toMatchObject({ ok: true, value: { state: 'pending' } });
  expect((await bob.api.listChannels())[0]?.pendingHtlcs).toBe(1);
});
