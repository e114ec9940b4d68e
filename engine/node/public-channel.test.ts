import { expect, it } from 'vitest';
import { NodeWorld, type NodeSeat } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import type { GraphChannel } from './graph-api.ts';

async function opened(announce: boolean) {
  const world = new NodeWorld();
  const [alice, bob, carol] = [world.seat('alice'), world.seat('bob'), world.seat('carol')];
  alice.announcement = { alias: 'Alice 🌊'.padEnd(40, '~'), color: 0x0102ff };
  for (const seat of [alice, bob, carol]) await seat.start();
  await world.fund(alice, 1_000_000n);
  const peer = { nodeId: await bob.id(), host: 'bob', port: 9735 };
  value(await world.ask(alice.api.openChannel({ ...peer, amountSat: 500_000n, announce })));
  await world.mine(6);
  await pass(world, 6);
  return { world, alice, bob, carol };
}

async function pass(world: NodeWorld, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) await world.pass(1_000);
}

const mapOf = async ({ api }: NodeSeat): Promise<readonly GraphChannel[]> =>
  value(await api.networkGraph.listChannels(0, 10)).items;

it('a public channel is told to whoever asks, with what we ask for it, also after a restart', async () => {
  const { world, alice, bob, carol } = await opened(true);
  const [ours] = await mapOf(alice);
  expect(ours).toMatchObject({ capacitySat: 500_000n });
  // Each hears the other's terms as a peer; none of them relays.
  for (const seat of [alice, bob])
    expect((await mapOf(seat)).map(({ fromA, fromB }) => [fromA?.disabled, fromB?.disabled])).toEqual([
      [true, true],
    ]);
  expect(await mapOf(carol)).toEqual([]);

  await alice.restart();
  await pass(world, 3);
  value(await world.ask(carol.api.connect(await alice.id(), 'alice', 9735, true)));
  await pass(world, 10);
  const [seen] = await mapOf(carol);
  expect(seen).toMatchObject({
    scid: ours!.scid,
    nodeA: ours!.nodeA,
    nodeB: ours!.nodeB,
    capacitySat: 500_000n,
  });
  const isA = seen!.nodeA === (await alice.id());
  expect([seen!.fromA !== null, seen!.fromB !== null]).toEqual([isA, !isA]);

  // New terms are told at once, and are newer.
  const [channel] = await alice.api.listChannels();
  value(await world.ask(alice.api.updateChannelConfig(channel!.channelId, { feeBaseMsat: 77n })));
  await pass(world, 8);
  const [later] = await mapOf(carol);
  expect((isA ? later!.fromA : later!.fromB)?.feeBaseMsat).toBe(77n);
  expect(alice.complaints).toEqual([]);
  expect(carol.complaints).toEqual([]);
});

it('a private one is told to nobody', async () => {
  const { world, alice, bob, carol } = await opened(false);
  for (const seat of [alice, bob])
    value(await world.ask(carol.api.connect(await seat.id(), seat.name, 9735, true)));
  await pass(world, 10);
  for (const seat of [alice, bob, carol]) expect(await mapOf(seat)).toEqual([]);
});

it('a node says its name when it was given one and has a public channel', async () => {
  const { world, alice, bob, carol } = await opened(true);
  value(await world.ask(carol.api.connect(await alice.id(), 'alice', 9735, true)));
  await pass(world, 10);
  const node = value(await carol.api.networkGraph.node(await alice.id()));
  const [found] = value(await carol.api.networkGraph.findNodes('alice', 5));
  expect(found).toEqual({ nodeId: await alice.id(), alias: node.alias });
  expect(node.alias).toBe('Alice 🌊'.padEnd(30, '~'));
  expect(value(await carol.api.networkGraph.node(await bob.id())).alias).toBe('');
  // Whoever deals with it sees that name wherever the node would stand by its id.
  const name = node.alias;
  expect((await bob.api.listChannels()).map(({ peerAlias }) => peerAlias)).toEqual([name]);
  expect((await alice.api.listChannels()).map(({ peerAlias }) => peerAlias)).toEqual([null]);
  expect((await carol.api.listPeers()).map(({ alias }) => alias)).toEqual([name]);
  expect((await bob.api.listPeers()).map(({ alias }) => alias)).toEqual([name]);
  expect((await bob.api.snapshot('channels')).map(({ peerAlias }) => peerAlias)).toEqual([name]);
  expect((await carol.api.snapshot('peers')).map(({ alias }) => alias)).toEqual([name]);
  expect((await bob.api.snapshot('backup')).peers.map(({ alias }) => alias)).toEqual([name]);
  // The map can be looked at page by page, and channel by channel.
  const map = carol.api.networkGraph;
  const first = value(await map.listNodes(0, 1));
  const second = value(await map.listNodes(first.next ?? 0, 1));
  expect(second.next).toBe(null);
  expect([...first.items, ...second.items].toSorted()).toEqual([await alice.id(), await bob.id()].toSorted());
  const [scid = 0n] = node.channels;
  expect([value(await map.channel(scid))]).toEqual(await mapOf(carol));
  expect(await map.channel(scid + 1n)).toEqual({ ok: false, error: { code: 'not-on-the-map' } });
});
