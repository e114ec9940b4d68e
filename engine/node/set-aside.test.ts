import { beforeAll, expect, it } from 'vitest';
import { outPointKey } from '../base/ids.ts';
import { put } from '../base/write.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { decode, encode } from '../codec/field.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { openedNodes, type NodeWorld } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import { txRecord } from '../wallet/wallet-record.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

/** From now on the server takes nothing that spends what `mutual` does; gives which of both it was offered. */
function rivalsRefused({ esplora }: NodeWorld, mutual: Tx): Set<string> {
  const spent = mutual.inputs.map(({ outPoint }) => outPointKey(outPoint));
  const posted = new Set<string>();
  esplora.refuses = (txs: readonly Tx[]) => {
    const rivals = txs.filter(({ inputs }) =>
      inputs.some(({ outPoint }) => spent.includes(outPointKey(outPoint))),
    );
    for (const tx of rivals) posted.add(txIdOf(tx) === txIdOf(mutual) ? 'mutual' : 'commitment');
    return rivals.length > 0 ? 'txn-mempool-conflict' : null;
  };
  return posted;
}

it('a close that both signed and that waits in the mempool is forced: ours is offered too, and after a restart both are', async () => {
  const { world, alice, bob, channelId } = await openedNodes();
  value(await world.ask(alice.api.closeChannel(channelId)));
  const [mutual] = world.chain.mempool;
  const posted = rivalsRefused(world, mutual!);
  await world.pass(5_000);
  bob.die();
  value(await world.ask(alice.api.forceCloseChannel(channelId)));
  await world.pass(5_000);
  // It is minutes old, and may be mined in the next block.
  expect([...posted]).not.toContain('commitment');
  const waiting = world.chain.mempool.splice(0);
  world.chain.mine(6);
  world.chain.add(...waiting);
  await world.pass(5_000);
  expect([...posted]).toContain('commitment');
  // No server has it any more, and the peer is gone.
  world.chain.mempool = [];
  posted.clear();
  await alice.restart();
  await world.pass(5_000);
  expect([...posted].sort()).toEqual(['commitment', 'mutual']);
});

it('forced before the close that both signed was seen: it has its time as well, and then ours is offered beside it', async () => {
  const { world, alice, bob, channelId } = await openedNodes();
  const closing = alice.api.closeChannel(channelId);
  // Bob's signature is on its way to the chain, and to Alice, who dies before she has it.
  for (let step = 0; step < 1_000 && world.chain.mempool.length === 0; step++) {
    await new Promise((resolve) => setImmediate(resolve));
    world.network.deliverOne();
  }
  void closing.catch(() => undefined);
  const [mutual] = world.chain.mempool;
  alice.die();
  bob.die();
  const posted = rivalsRefused(world, mutual!);
  world.esplora.fault = (path) => (path.includes('outspend') ? { status: 500, body: 'no' } : null);
  await alice.restart();
  value(await world.ask(alice.api.forceCloseChannel(channelId)));
  world.esplora.fault = () => null;
  for (let round = 0; round < 3; round++) await world.pass(61_000);
  expect((await alice.api.listChannels())[0]?.closing).toMatchObject({
    kind: 'cooperative',
    confirmations: 0,
  });
  expect([...posted]).not.toContain('commitment');
  const waiting = world.chain.mempool.splice(0);
  world.chain.mine(6);
  world.chain.add(...waiting);
  for (let round = 0; round < 3; round++) await world.pass(61_000);
  expect([...posted]).toContain('commitment');
});

it('a block that takes our commitment ends it in the wallet too: it is no money to come, and is not offered', async () => {
  const { world, alice, bob, channelId } = await openedNodes();
  const { totalMsat } = await alice.api.listBalances();
  value(await world.ask(alice.api.closeChannel(channelId)));
  const [mutual] = world.chain.mempool;
  const mutualId = txIdOf(mutual!);
  bob.die();
  value(await world.ask(alice.api.forceCloseChannel(channelId)));
  await world.pass(5_000);
  // Servers forget it, and take it no more.
  world.chain.mempool = [];
  let offered = 0;
  world.esplora.refuses = (txs) => {
    const isMutual = txs.some((tx) => txIdOf(tx) === mutualId);
    if (isMutual) offered++;
    return isMutual ? 'mempool min fee not met' : null;
  };
  await world.mine(7);
  await world.pass(5_000);
  await world.mine();
  const isPending = async (): Promise<boolean> =>
    (await alice.api.listPayments()).payments.some(
      ({ txId, state }) => txId === mutualId && state === 'pending',
    );
  expect(await alice.api.listChannels()).toMatchObject([
    { closing: { kind: 'local-force', confirmations: 1 } },
  ]);
  expect(await isPending()).toBe(false);
  expect((await alice.api.listBalances()).totalMsat).toBeLessThanOrEqual(totalMsat);
  offered = 0;
  // A disk of an earlier program has it as waiting still.
  alice.die();
  alice.store = alice.store.restart();
  const key = `tx/${mutualId}`;
  const row = value(decode(txRecord, value(await alice.store.get('wallet', key))!));
  expect(row.replacedBy).not.toBeNull();
  await alice.store.commit([put('wallet', key, encode(txRecord, { ...row, replacedBy: null }))]);
  await alice.restart();
  expect(await isPending()).toBe(false);
  await world.mine();
  expect(offered).toBe(0);

  // The chain goes back: either may be in a block.
  world.chain.reorganise(2, 3, () => false);
  await world.pass(5_000);
  await world.pass(5_000);
  expect(await isPending()).toBe(true);
});

it('a close that left its block for our commitment is no money to come, also while no server tells of the wallet', async () => {
  const { world, alice, bob, channelId } = await openedNodes();
  const { totalMsat } = await alice.api.listBalances();
  value(await world.ask(alice.api.closeChannel(channelId)));
  const [mutual] = world.chain.mempool;
  bob.die();
  value(await world.ask(alice.api.forceCloseChannel(channelId)));
  world.chain.mempool = [];
  await world.mine(7);
  await world.pass(5_000);
  const commitment = world.chain.mempool.filter((tx) => txIdOf(tx) !== txIdOf(mutual!));
  expect(commitment).toHaveLength(1);
  world.chain.mempool = [mutual!];
  await world.mine(2);
  expect(await alice.api.listChannels()).toMatchObject([
    { closing: { kind: 'cooperative', confirmations: 2 } },
  ]);

  world.esplora.fault = (path) => (path.startsWith('/scripthash') ? { status: 500, body: '' } : null);
  world.chain.reorganise(2, 1, () => false);
  world.chain.add(...commitment);
  await world.mine(3);
  world.esplora.fault = () => null;
  await world.pass(5_000);
  expect(await alice.api.listChannels()).toMatchObject([
    { closing: { kind: 'local-force', confirmations: 3 } },
  ]);
  expect((await alice.api.listBalances()).totalMsat).toBeLessThanOrEqual(totalMsat);
});
