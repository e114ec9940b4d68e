import { beforeAll, describe, expect, it } from 'vitest';
import { assert } from '../base/assert.ts';
import type { OutPoint } from '../base/ids.ts';
import { ok } from '../base/result.ts';
import { sat } from '../base/units.ts';
import { scriptOfAddress } from '../bitcoin/address.ts';
import { MAX_MONEY } from '../bitcoin/tx-parse.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { always, field, lies, ROUTES, text } from '../testkit/esplora-lies.ts';
import { FakeChain, paying, spending } from '../testkit/fake-chain.ts';
import { FakeEsplora } from '../testkit/fake-esplora.ts';
import { openedNodes, type NodeSeat, type OpenedNodes } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

/** Most requests that one look at the chain may take, whatever is answered. */
const MOST_REQUESTS = 1_500;

async function state(seat: NodeSeat): Promise<object> {
  const { totalMsat, lightning, onchain } = await seat.api.listBalances();
  const [channel] = await seat.api.listChannels();
  return { totalMsat, lightning, onchain, channel: channel?.state };
}

/** Past the age at which fee rates are asked for again. */
const A_WHILE_MS = 125_000;

describe('a chain server that lies', () => {
  it('field by field: no money is made up, no channel closes, and afterwards all is as it is', async () => {
    const { world, alice } = await openedNodes();
    world.esplora.estimates = { '2': 5, '6': 3, '144': 1, '1008': 1 };
    let tried = 0;
    for (const [name, fault] of lies()) {
      const before = await alice.api.listBalances();
      world.esplora.log.length = 0;
      world.esplora.fault = fault;
      world.chain.mine();
      await world.pass(A_WHILE_MS);
      const during = await alice.api.listBalances();
      expect(during.totalMsat, name).toBeLessThanOrEqual(before.totalMsat);
      const { chain, alarms } = await alice.api.status();
      expect(alarms, name).toEqual([]);
      expect(chain.feerates.fast, name).toBeLessThanOrEqual(1_000);
      expect(chain.feerates.slow, name).toBeGreaterThanOrEqual(1);
      expect(world.esplora.log.length, name).toBeLessThan(MOST_REQUESTS);
      expect(await alice.api.listChannels(), name).toMatchObject([{ state: 'ready' }]);
      world.esplora.fault = () => null;
      // As by a person who presses retry: no server rests any more.
      value(await world.ask(alice.api.sync()));
      expect(await state(alice), name).toMatchObject({ totalMsat: before.totalMsat, channel: 'ready' });
      tried++;
    }
    expect(tried).toBeGreaterThan(80);
    expect(alice.complaints.filter((line) => line.includes('bug'))).toEqual([]);
  });
});

/** Alice asks two servers; the second may be told to lie. */
async function withTwoServers(): Promise<OpenedNodes & { readonly liar: FakeEsplora }> {
  const nodes = await openedNodes();
  const { world, alice } = nodes;
  const liar = new FakeEsplora('https://liar.test', world.chain);
  world.servers.push(liar);
  alice.servers = () => Promise.resolve(ok({ esplora: [liar.url, world.esplora.url], proxies: [] }));
  await alice.restart();
  await world.mine();
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'ready' }]);
  return { ...nodes, liar };
}

describe('two chain servers, of which one lies', () => {
  it.each([
    ['', field(ROUTES.outspends, 'spent', false)],
    [', the bytes of it alone,', always(ROUTES.raw, text('Transaction not found', 404))],
  ])('a spend that one withholds%s is told by the other', async (_, fault) => {
    const { world, alice, bob, channelId, liar } = await withTwoServers();
    const before = await alice.api.listBalances();
    liar.fault = fault;
    // Out of reach of its peer, which would say so itself.
    alice.die();
    value(await world.ask(bob.api.forceCloseChannel(channelId)));
    bob.die();
    await alice.restart();
    await world.mine(2);
    expect(await alice.api.listChannels()).toMatchObject([
      { state: 'force-closing', closing: { kind: 'remote-force' } },
    ]);
    const { totalMsat } = await alice.api.listBalances();
    expect(totalMsat).toBeGreaterThan(before.totalMsat - 20_000_000n);
  });

  it('a spend that one makes up is not believed, whatever it says of its block', async () => {
    const { world, alice, liar } = await withTwoServers();
    const other = world.chain.blocks[1]!.txs[0]!;
    liar.fault = always(
      ROUTES.outspends,
      text(
        JSON.stringify([
          { spent: true, txid: txIdOf(other), vin: 0, status: { confirmed: true, block_height: 1 } },
        ]),
      ),
    );
    await world.mine(3);
    expect(await alice.api.listChannels()).toMatchObject([{ state: 'ready' }]);
  });

  it.each<[string, (script: Uint8Array, coin: OutPoint) => readonly Tx[]]>([
    ['at once', (script) => [paying(...Array.from({ length: 8_785 }, () => [script, MAX_MONEY] as const))]],
    ['one by one', (script) => Array.from({ length: 9 }, () => paying([script, MAX_MONEY]))],
    ['from a coin of ours', (script, coin) => [spending([coin], [{ script, amount: sat(MAX_MONEY) }])]],
  ])('more money than there is, in no block, %s: nothing stops, and all else is heard', async (_, lie) => {
    const { world, alice, bob, channelId, liar } = await withTwoServers();
    const before = await alice.api.listBalances();
    const [funding] = world.chain
      .all()
      .filter(({ outputs }) => outputs.some(({ amount }) => amount === 500_000n));
    const change = funding?.outputs.findIndex(({ amount }) => amount !== 500_000n) ?? -1;
    assert(funding !== undefined && change >= 0, 'no change');
    const { address } = value(await world.ask(alice.api.newAddress()));
    liar.chain = world.chain.fork();
    liar.chain.blocks = world.chain.blocks;
    const script = value(scriptOfAddress(address, 'regtest'));
    liar.chain.mempool = [...lie(script, { txId: txIdOf(funding), index: change })];
    await world.pass(5_000);
    value(await world.ask(bob.api.forceCloseChannel(channelId)));
    await world.mine(2);
    expect(await alice.api.listChannels()).toMatchObject([{ state: 'force-closing' }]);
    const { onchain } = await alice.api.listBalances();
    expect(onchain.pendingSat).toBeLessThan(MAX_MONEY + 1_000_000n);
    expect(onchain.spendableSat).toBe(before.onchain.spendableSat);
    expect((await alice.api.listPayments()).payments.length).toBeGreaterThan(0);
    value(await world.ask(alice.api.backup.export()));
    expect((await alice.api.status()).alarms).toEqual([]);
  });

  it('absurd fees of one raise the rates three times at most, are told of, and close no channel', async () => {
    const { world, alice, bob, liar } = await withTwoServers();
    world.esplora.estimates = { '2': 20, '6': 20, '144': 20, '1008': 20 };
    for (const rate of [1e9, 1e-9]) {
      liar.estimates = { '2': rate, '6': rate, '144': rate, '1008': rate };
      await world.pass(180_000);
      await world.mine(3);
      const { feerates, trouble } = (await alice.api.status()).chain;
      expect(feerates.fast).toBeLessThanOrEqual(3 * 20);
      expect(feerates.slow).toBeGreaterThanOrEqual(1);
      expect(trouble).toEqual({ code: 'fees-disputed' });
      for (const { api } of [alice, bob])
        expect(await api.listChannels()).toMatchObject([{ state: 'ready' }]);
    }
  });

  it('that show different chains from the start: none is believed, the page can say so, nothing closes', async () => {
    const { world, alice, liar } = await withTwoServers();
    const before = await state(alice);
    const { totalMsat } = await alice.api.listBalances();
    liar.chain = new FakeChain(900);
    alice.die();
    alice.store = alice.store.restart();
    await alice.start();
    await world.pass(5_000);
    expect((await alice.api.status()).chain).toMatchObject({
      reachable: false,
      trouble: { code: 'disputed' },
    });
    expect((await alice.api.listBalances()).totalMsat).toBe(totalMsat);
    liar.chain = world.chain;
    value(await world.ask(alice.api.sync()));
    await world.mine();
    expect((await alice.api.status()).chain).toMatchObject({ reachable: true, trouble: null });
    expect(await state(alice)).toEqual(before);
  });
});
