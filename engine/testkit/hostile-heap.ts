import { channelId, txId } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import { loadSecp256k1 } from '../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { systemRandom } from '../platform/system-random.ts';
import type { WireMessage } from '../wire/wire-message.ts';
import { HostileChannel } from './hostile-channel.ts';
import { HostilePeer } from './hostile-peer.ts';
import { openedNodes, type NodeSeat, type OpenedNodes } from './node-world.ts';
import { announcer, nodeBy, scidAtPlace, updateBy } from './signed-gossip.ts';

// What a node holds on to of what a hostile peer sent it, in bytes of its heap. Run by hostile-heap.test.ts in a process of
// its own, `node --expose-gc`: prints, for each flood, `[name, bytes sent, heap before, heap after]` as a line of JSON.

const chain = NETWORKS.regtest.genesisHash;
const LONG = 60_000;

type Stage = OpenedNodes & { readonly mallory: HostilePeer; readonly channels: HostileChannel[] };
/** Says it `count` times. */
type Flood = (stage: Stage, count: number, round: number) => Promise<void>;

/** In small amounts, so that what waits on the way is not what is measured. */
async function say(
  { world, alice, mallory }: Stage,
  count: number,
  message: (i: number) => WireMessage,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    if (!mallory.isConnected) await mallory.dial(alice.name);
    mallory.say(message(i));
    if (i % 20 === 19) await world.pass(1_000);
    mallory.heard.length = 0;
  }
  await world.pass(5_000);
  await mallory.hangUp();
  await mallory.dial(alice.name);
  mallory.heard.length = 0;
}

const [us, them] = [announcer('somebody'), announcer('else')];
const signed = updateBy(chain, scidAtPlace(100, 1, 0), us, them, 1_700_000_000);
const named = nodeBy(us, 1_700_000_000, 'somebody');

const FLOODS: Readonly<Record<string, Flood>> = {
  async pings(stage, count) {
    const ignored = new Uint8Array(LONG);
    await say(stage, count, () => ({ name: 'ping', pongBytes: 65_531, ignored }));
  },
  async warnings(stage, count) {
    const data = new Uint8Array(LONG).fill(0x41);
    await say(stage, count, () => ({ name: 'warning', channelId: channelId('11'.repeat(32)), data }));
  },
  async 'peer storage'(stage, count) {
    await say(stage, count, (i) => ({ name: 'peer_storage', blob: new Uint8Array(LONG).fill(i) }));
  },
  async 'terms of unknown channels'(stage, count, round) {
    const extension = new Uint8Array(LONG);
    await say(stage, count, (i) => ({ ...signed, scid: scidAtPlace(50 + round, i, 0), extension }));
  },
  async 'nodes without channels'(stage, count) {
    await say(stage, count, () => ({ ...named, addresses: new Uint8Array(LONG) }));
  },
  async 'channels that are abandoned'({ world, alice, mallory }, count, round) {
    for (let i = 0; i < count; i++) {
      if (!mallory.isConnected) await mallory.dial(alice.name);
      await mallory.openFrom({ txId: txId(`${round}${i}`.padStart(64, 'c')), index: 0 }, 100_000n, i);
      const signed = mallory.heard.findLast(({ name }) => name === 'funding_signed');
      if (signed?.name !== 'funding_signed') throw new Error('no channel to abandon');
      mallory.say({ name: 'error', channelId: signed.channelId, data: new Uint8Array(LONG) });
      await world.settle();
      mallory.heard.length = 0;
    }
  },
  async 'payments that are given back'(stage, count) {
    const { world, alice, channels } = stage;
    // Two peers take turns: one alone would come to its rate, past which they are held.
    for (let i = 0; i < count; i++) {
      const channel = (channels[i % 2] ??= await HostileChannel.open(
        world,
        await HostilePeer.connect(world, `flooder ${i}`, alice),
        1_000_000n,
      ));
      await channel.flood(MOST_HTLCS, 1_000n);
    }
  },
};
/** That a node takes in one channel at a time. */
const MOST_HTLCS = 483;

/** Bytes that are in use, once what is not is gone: of the node, and not of the doubles that note all that happens. */
async function inUse({ world, alice, bob }: OpenedNodes): Promise<number> {
  world.esplora.log.length = 0;
  // As by a page, which takes every event that there is.
  await alice.events();
  await dropPast(alice);
  for (const { store, complaints } of [alice, bob]) {
    (store.commits as unknown[]).length = 0;
    complaints.length = 0;
  }
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    (globalThis as unknown as { gc: () => void }).gc();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/**
 * Of each HTLC that a channel had, what is needed should the peer publish an old state stands on disk until the channel is
 * closed, and a disk here is memory. What that costs is measured in engine/node/history-desk.test.ts, over a sealed store.
 */
async function dropPast({ store }: NodeSeat): Promise<void> {
  const past = store.snapshot().get('monitor') ?? new Map<string, Uint8Array>();
  await store.commit([...past.keys()].map((key) => ({ op: 'delete', table: 'monitor', key })));
}

const [name = '', first = '', more = ''] = process.argv.slice(2);
const flood = FLOODS[name];
if (flood === undefined) throw new Error(`no flood: ${name}`);
const loaded = await loadSecp256k1(instantiateSecp256k1, systemRandom);
if (!loaded.ok) throw new Error(loaded.error.code);
const nodes = await openedNodes();
const mallory = await HostilePeer.connect(nodes.world, 'mallory', nodes.alice);
const stage: Stage = { ...nodes, mallory, channels: [] };
await flood(stage, Number(first), 1);
const before = await inUse(nodes);
await flood(stage, Number(more), 2);
const after = await inUse(nodes);
process.stdout.write(`${JSON.stringify({ before, after })}\n`);
