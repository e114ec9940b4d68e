import { beforeAll, expect, it } from 'vitest';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import { CrashStore } from '../testkit/crash-store.ts';
import { openedNodes, type NodeSeat, type NodeWorld } from '../testkit/node-world.ts';
import { value } from '../testkit/wallet-world.ts';
import type { BackupPeer, RestoredBackup } from './backup-api.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

/** In steps that no connection is given up for: what came last in each channel is with the peer then. */
async function aMinute(world: NodeWorld): Promise<void> {
  for (let step = 0; step < 13; step++) await world.pass(5_000);
}

/** For what is asked for that waits on time. */
async function meanwhile<T>(world: NodeWorld, answer: Promise<T>): Promise<T> {
  for (let step = 0; step < 40; step++) await world.pass(1_000);
  return answer;
}

async function open(world: NodeWorld, from: NodeSeat, to: NodeSeat, amountSat: bigint): Promise<void> {
  const peer = { nodeId: await to.id(), host: to.name, port: 9735, amountSat };
  value(await world.ask(from.api.openChannel(peer)));
  await world.mine(6);
  await aMinute(world);
}

const kept = async ({ api }: NodeSeat): Promise<readonly BackupPeer['state'][]> =>
  (await api.snapshot('backup')).peers.map(({ state }) => state);
const alarms = async ({ api }: NodeSeat): Promise<readonly string[]> =>
  (await api.status()).alarms.map(({ code }) => code);

/** The words alone, and the peer. */
async function restoredAt(world: NodeWorld, peer: NodeSeat): Promise<RestoredBackup | null> {
  const third = world.seat('third');
  third.words = 'alice';
  await third.start();
  return value(await meanwhile(world, third.api.backup.askPeer(await peer.id(), peer.name, 9735)));
}

/** Two devices of the same words, each with a channel at Bob that the other does not know, and one that both know. */
async function shared(): Promise<{
  readonly world: NodeWorld;
  readonly alice: NodeSeat;
  readonly other: NodeSeat;
  readonly bob: NodeSeat;
}> {
  const { world, alice, bob } = await openedNodes();
  await world.fund(alice, 1_000_000n);
  const old = new Map([...alice.store.snapshot()].map(([table, all]) => [table, new Map(all)]));
  // From before devices had names.
  old.get('meta')?.delete('backup/own');
  await open(world, alice, bob, 100_000n);
  alice.die();
  const other = world.seat('other');
  other.words = 'alice';
  other.store = new CrashStore(old);
  await other.start();
  await aMinute(world);
  expect(await alarms(other)).toEqual(['runs-elsewhere']);
  await open(world, other, bob, 90_000n);
  return { world, alice, other, bob };
}

it('a peer with channels of two devices keeps those of both: each renews its own, and what is thrown away then is all found', async () => {
  const { world, alice, other, bob } = await shared();
  expect(await kept(other)).toEqual(['kept']);
  other.die();
  await alice.restart();
  await aMinute(world);
  expect([await kept(alice), await alarms(alice)]).toEqual([['kept'], ['runs-elsewhere']]);
  await open(world, alice, bob, 80_000n);
  alice.die();

  expect(await restoredAt(world, bob)).toMatchObject({ found: 4 });
});

it('what the other device has there stays as that one left it', async () => {
  const { world, alice, other, bob } = await shared();
  other.die();
  await alice.restart();
  await aMinute(world);
  alice.die();
  await other.restart();
  await aMinute(world);
  // Given back: the one that it sent, not one of before.
  expect([await kept(other), await alarms(other)]).toEqual([['kept'], ['runs-elsewhere']]);
  other.die();
  expect(await restoredAt(world, bob)).toMatchObject({ found: 3 });
});
