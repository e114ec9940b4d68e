import { beforeAll, expect, it } from 'vitest';
import { txIdOf } from '../bitcoin/tx.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { NodeWorld, openedNodes, type NodeSeat } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

const THEIRS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const FASTER = { satPerVb: 20 };

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

async function funded(): Promise<{ readonly world: NodeWorld; readonly alice: NodeSeat }> {
  const world = new NodeWorld();
  const alice = world.seat('alice');
  await alice.start();
  await world.fund(alice, 1_000_000n);
  return { world, alice };
}

it('costs what was quoted, takes the place of the first, and pays the same', async () => {
  const { world, alice } = await funded();
  const { api } = alice;
  const sent = value(await world.ask(api.sendToAddress(THEIRS, 200_000n, { satPerVb: 2 })));
  const quote = value(await api.quoteBumpFee(sent.txId, FASTER));
  expect(quote).toMatchObject({
    kind: 'replacement',
    extraSat: quote.feeSat - sent.feeSat,
    amountSat: 200_000n,
    feerateSatPerVb: 20,
  });
  expect((await api.listBalances()).onchain.spendableSat).toBe(800_000n - sent.feeSat);

  expect(await world.ask(api.bumpFee(sent.txId, FASTER, quote.feeSat - 1n))).toMatchObject({ ok: false });
  const bumped = value(await world.ask(api.bumpFee(sent.txId, FASTER, quote.feeSat)));
  expect(bumped.feeSat).toBe(quote.feeSat);
  // This chain knows no replacement.
  world.chain.mempool = world.chain.mempool.filter((tx) => txIdOf(tx) !== sent.txId);
  await world.mine();
  expect((await api.listBalances()).onchain.spendableSat).toBe(800_000n - quote.feeSat);
  const ids = (await api.listPayments()).payments.map(({ txId }) => txId);
  expect(ids).toContain(bumped.txId);
  expect(ids).not.toContain(sent.txId);
  expect(await api.quoteBumpFee(bumped.txId, FASTER)).toMatchObject({ error: { code: 'not-replaceable' } });
});

it('says that the receiver gets less when everything was sent', async () => {
  const { world, alice } = await funded();
  const { api } = alice;
  const sent = value(await world.ask(api.sendAllToAddress(THEIRS, { satPerVb: 2 })));
  const quote = value(await api.quoteBumpFee(sent.txId, FASTER));
  expect(quote.amountSat).toBe(1_000_000n - quote.feeSat);
  value(await world.ask(api.bumpFee(sent.txId, FASTER, quote.feeSat)));
  expect((await api.listBalances()).totalMsat).toBe(0n);
});

it('what was kept back for a closing channel stays ours, and does not forbid to speed up what went beside it', async () => {
  const { world, alice } = await openedNodes();
  const { api } = alice;
  const { spendableSat, keptSat } = (await api.listBalances()).onchain;
  const sent = value(await world.ask(api.sendAllToAddress(THEIRS, { satPerVb: 2 })));
  const bumped = async (satPerVb: number, txId: string): Promise<string> => {
    const quote = value(await api.quoteBumpFee(txId, { satPerVb }));
    expect(quote.amountSat).toBe(spendableSat - keptSat - quote.feeSat);
    return value(await world.ask(api.bumpFee(txId, { satPerVb }, quote.feeSat))).txId;
  };
  const again = await bumped(5, sent.txId);
  // Now the channel could be closed with other coins.
  world.esplora.refusal = 'mempool min fee not met';
  world.chain.mempool = [];
  await world.fund(alice, 100_000n);
  world.esplora.refusal = null;
  await bumped(20, again);
  expect((await api.listBalances()).onchain.spendableSat).toBe(100_000n + keptSat);
});

it.each([true, false])(
  'is cancelled for what was quoted: all is back but that (taken by a server: %s)',
  async (taken) => {
    const { world, alice } = await funded();
    const { api } = alice;
    if (!taken) world.esplora.refusal = 'min relay fee not met, 100 < 141';
    await world.ask(api.sendToAddress(THEIRS, 200_000n, { satPerVb: 2 }));
    const pending = async () =>
      (await api.listPayments()).payments.filter(({ state }) => state === 'pending');
    const sent = (await pending())[0]?.txId ?? '';
    expect(await api.quoteCancelSend(sent, { satPerVb: 1 })).toMatchObject({
      error: { code: 'fee-too-low' },
    });
    const quote = value(await api.quoteCancelSend(sent, FASTER));
    expect(quote).toMatchObject({ kind: 'replacement', amountSat: 0n, feerateSatPerVb: 20 });
    world.esplora.refusal = null;
    expect(await world.ask(api.cancelSend(sent, FASTER, quote.feeSat - 1n))).toMatchObject({ ok: false });
    const { txId, feeSat } = value(await world.ask(api.cancelSend(sent, FASTER, quote.feeSat)));
    expect(feeSat).toBe(quote.feeSat);
    expect(await pending()).toMatchObject([{ txId, toSelf: true }]);
    // Nobody else is paid by it any more.
    expect(await api.quoteCancelSend(txId, { satPerVb: 50 })).toMatchObject({
      error: { code: 'not-replaceable' },
    });
    world.chain.mempool = world.chain.mempool.filter((tx) => txIdOf(tx) !== sent);
    await world.mine();
    expect((await api.listBalances()).onchain.confirmedSat).toBe(1_000_000n - feeSat);
    expect(await api.quoteCancelSend(txId, { satPerVb: 50 })).toMatchObject({
      error: { code: 'not-replaceable' },
    });
  },
);

it('what was cancelled is offered to no server any more, nor what it had taken the place of', async () => {
  const { world, alice } = await funded();
  const { api } = alice;
  const first = value(await world.ask(api.sendToAddress(THEIRS, 200_000n, { satPerVb: 2 })));
  const second = value(await world.ask(api.bumpFee(first.txId, { satPerVb: 5 })));
  const { txId } = value(await world.ask(api.cancelSend(second.txId, FASTER)));
  // Servers forget, and are told again with each block.
  world.chain.mempool = [];
  await world.mine();
  expect(world.chain.mempool.map(txIdOf)).toEqual([txId]);
});

it('a cancellation that is refused leaves the payment where it was: it is offered again', async () => {
  const { world, alice } = await funded();
  const { api } = alice;
  const sent = value(await world.ask(api.sendToAddress(THEIRS, 200_000n, { satPerVb: 2 })));
  world.esplora.refusal = 'min relay fee not met, 100 < 141';
  expect(await world.ask(api.cancelSend(sent.txId, FASTER))).toMatchObject({ ok: false });
  world.esplora.refusal = null;
  world.chain.mempool = [];
  await world.mine();
  expect(world.chain.mempool.map(txIdOf)).toEqual([sent.txId]);
});

// Alone the child has no parent in any mempool: "missing inputs".
it('the funding of a channel that no mempool takes goes out with the child that pays for it, and so does a dearer one', async () => {
  const { world, alice } = await funded();
  const bob = world.seat('bob');
  await bob.start();
  const has = (txId: string) => world.chain.mempool.some((tx) => txIdOf(tx) === txId);
  let funding = '';
  world.esplora.refuses = (txs) => {
    const ids = txs.map((tx) => txIdOf(tx) as string);
    if (ids.length === 1 && ids[0] === funding) return 'mempool min fee not met';
    const [last] = txs.slice(-1);
    const needs = last?.inputs.some(({ outPoint }) => outPoint.txId === funding) === true;
    return needs && !has(funding) && !ids.includes(funding) ? 'bad-txns-inputs-missingorspent' : null;
  };
  value(
    await world.ask(
      alice.api.openChannel({ nodeId: await bob.id(), host: 'bob', port: 9735, amountSat: 500_000n }),
    ),
  );
  funding = (await alice.api.listChannels())[0]?.fundingTxId ?? '';
  world.chain.mempool = [];
  await world.mine();
  expect(has(funding)).toBe(false);
  const first = value(await world.ask(alice.api.bumpFee(funding, FASTER)));
  expect(world.chain.mempool.map(txIdOf)).toEqual([funding, first.txId]);
  // Purged once more.
  world.chain.mempool = [];
  const second = value(await world.ask(alice.api.bumpFee(first.txId, { satPerVb: 40 })));
  expect(world.chain.mempool.map(txIdOf)).toEqual([funding, second.txId]);
  await alice.restart();
  world.chain.mempool = [];
  await world.mine();
  expect(world.chain.mempool.map(txIdOf)).toEqual([funding, second.txId]);
  await world.mine();
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'waiting-for-confirmations' }]);
});

it('the funding of a channel is not cancelled', async () => {
  const { world, alice } = await funded();
  const bob = world.seat('bob');
  await bob.start();
  value(
    await world.ask(
      alice.api.openChannel({ nodeId: await bob.id(), host: 'bob', port: 9735, amountSat: 500_000n }),
    ),
  );
  const { payments } = await alice.api.listPayments();
  const funding = payments.find(({ kind }) => kind === 'channel-open')?.txId ?? '';
  expect(await alice.api.quoteCancelSend(funding, FASTER)).toMatchObject({
    error: { code: 'not-replaceable' },
  });
});
