import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../base/ids.ts';
import { NETWORKS } from '../../base/network.ts';
import { ok } from '../../base/result.ts';
import { blockHeight, sat } from '../../base/units.ts';
import type { OutputFinding, WantedOutput } from '../../chain/funding-outputs.ts';
import { installSecp256k1 } from '../../crypto/secp256k1.ts';
import { channelIndexOf, policyAt } from '../../gossip/graph.ts';
import type { OwnGossip } from '../../gossip/own-gossip.ts';
import { MemoryStore } from '../../storage/memory-store.ts';
import { ManualClock } from '../../testkit/manual-clock.ts';
import { announcementBy, announcer, nodeBy, scidAtPlace, updateBy } from '../../testkit/signed-gossip.ts';
import { wasmBackend } from '../../testkit/wasm-backend.ts';
import { featuresFor } from '../../wire/features.ts';
import { DONT_FORWARD, MUST_BE_ONE } from '../../wire/gossip.ts';
import type { WireMessage } from '../../wire/wire-message.ts';
import { GossipDesk } from './gossip-desk.ts';
import { GraphDesk } from './graph-desk.ts';
import { ScoreKeeper } from './score-keeper.ts';

const { genesisHash: chainHash } = NETWORKS.regtest;
const [alice, bob, peer, other] = [
  announcer('alice'),
  announcer('bob'),
  announcer('peer'),
  announcer('other'),
];
const features = featuresFor('I', { gossip_queries: 'optional' });
const init = { name: 'init' as const, globalFeatures: new Uint8Array(), features };

/** A desk over a clock, a chain that has what is in `outputs`, and peers that note what they hear. */
function stage({
  snapshots = [] as readonly string[],
  cache = new Map<string, Uint8Array>(),
  mostUnfounded = 1_000,
} = {}) {
  const clock = new ManualClock();
  const heard: (readonly [NodeId, WireMessage])[] = [];
  const asked: (readonly WantedOutput[])[] = [];
  const outputs: { finding: OutputFinding } = { finding: { tag: 'found', capacity: sat(1_000_000) } };
  const bugs: unknown[] = [];
  const own: { now: OwnGossip } = { now: { channels: [], node: null } };
  const servers = () => Promise.resolve(ok({ esplora: [], proxies: [], snapshots }));
  const graphCache = {
    load: () => Promise.resolve(cache.get('map') ?? null),
    save: (bytes: Uint8Array) => Promise.resolve(void cache.set('map', bytes)),
  };
  const options = {
    network: 'regtest' as const,
    servers,
    http: () => Promise.reject(new Error('nobody is to be asked')),
    clock,
    log: () => undefined,
    graphCache,
  };
  const scores = new ScoreKeeper(
    { ...options, store: new MemoryStore() },
    () => undefined,
    () => undefined,
  );
  const graph = new GraphDesk(options, scores, () => undefined);
  const core = {
    height: blockHeight(120),
    network: NETWORKS.regtest,
    keptPeers: new Set<NodeId>(),
    onBug: (error: unknown) => void bugs.push(error),
    options,
    running: {
      identity: { nodeId: announcer('us').id },
      peers: {
        send: (to: NodeId, message: WireMessage) => {
          heard.push([to, message]);
          return true;
        },
      },
    },
  };
  const desk = new GossipDesk({
    core,
    graph,
    own: () => own.now,
    mostUnfounded,
    find: (wanted) => {
      asked.push(wanted);
      return Promise.resolve(wanted.map(() => outputs.finding));
    },
  });
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second <= seconds; second++)
      for (let i = 0; i < 8; i++) {
        clock.advance(i === 0 ? Math.min(second, 1) * 1_000 : 0);
        await new Promise((resolve) => setImmediate(resolve));
      }
    expect(bugs).toEqual([]);
  };
  const meet = async (who = peer, remote = init): Promise<void> => {
    desk.up(who.id, remote);
    await desk.begin(who.id);
  };
  const said = (): string[] => heard.map(([, { name }]) => name);
  return { clock, core, desk, graph, heard, said, asked, outputs, own, pass, meet, cache };
}

const scid = scidAtPlace(100, 1, 0);
const at = 1_700_000_000;

describe('a peer that gossips', () => {
  it('is asked for the map, and what it tells is checked, put on it and kept', async () => {
    const { desk, graph, said, asked, pass, meet, cache } = stage();
    await meet();
    expect(said()).toEqual(['gossip_timestamp_filter', 'query_channel_range']);
    for (const message of [
      announcementBy(chainHash, scid, alice, bob),
      updateBy(chainHash, scid, alice, bob, at),
      updateBy(chainHash, scid, bob, alice, at),
      nodeBy(alice, at, 'Alice'),
    ])
      desk.heard(peer.id, message);
    await pass(2);
    expect(asked.map((batch) => batch.map((one) => one.scid))).toEqual([[scid]]);
    expect(graph.graph.channels.count).toBe(1);
    expect(graph.map()?.view.starts.at(-1)).toBe(2);
    await pass(10);
    const later = stage({ cache });
    const begun = later.graph.begin();
    await later.pass(3);
    await begun;
    expect(later.graph.graph.channels.count).toBe(1);
  });

  it('is not blamed for its terms where somebody announces our channel as his own', async () => {
    const { desk, heard, pass, meet } = stage();
    const us = announcer('us');
    await meet();
    await meet(alice);
    const before = heard.length;
    desk.heard(peer.id, updateBy(chainHash, scid, peer, us, at), true);
    await pass(2);
    desk.heard(alice.id, announcementBy(chainHash, scid, alice, bob));
    await pass(2);
    expect(heard.slice(before).filter(([, { name }]) => name === 'warning')).toEqual([]);
  });

  it('says its terms of a channel of ours before that is announced: they are on the map when it is', async () => {
    const { desk, graph, pass, meet, own } = stage();
    const us = announcer('us');
    await meet();
    desk.heard(peer.id, updateBy(chainHash, scid, peer, us, at), true);
    desk.heard(peer.id, updateBy(chainHash, scid, peer, us, at + 1, { feeBase: 7 }), true);
    desk.heard(
      peer.id,
      updateBy(chainHash, scid, peer, us, at + 2, { messageFlags: MUST_BE_ONE | DONT_FORWARD, feeBase: 9 }),
      true,
    );
    // Of a channel that is not ours nothing is kept.
    const elsewhere = scidAtPlace(100, 2, 0);
    desk.heard(peer.id, updateBy(chainHash, elsewhere, peer, alice, at));
    await pass(2);
    own.now = {
      channels: [
        {
          announcement: announcementBy(chainHash, scid, peer, us),
          update: updateBy(chainHash, scid, us, peer, at),
        },
      ],
      node: null,
    };
    desk.tell(own.now);
    desk.heard(peer.id, announcementBy(chainHash, elsewhere, peer, alice));
    await pass(2);
    const channel = channelIndexOf(graph.graph, scid);
    const ofPeer = peer.id < us.id ? 0 : 1;
    expect(policyAt(graph.graph, channel, ofPeer)).toMatchObject({ feeBase: 7n, updatedAt: at + 1 });
    expect(policyAt(graph.graph, channel, ofPeer === 0 ? 1 : 0)).toMatchObject({ updatedAt: at });
    const other = channelIndexOf(graph.graph, elsewhere);
    expect([0, 1].map((way) => policyAt(graph.graph, other, way as 0 | 1))).toEqual([null, null]);
  });

  it('tells that a channel has other terms: it is gone around no more; the same ones again change nothing', async () => {
    const { desk, graph, pass, meet } = stage();
    await meet();
    desk.heard(peer.id, announcementBy(chainHash, scid, alice, bob));
    desk.heard(peer.id, updateBy(chainHash, scid, alice, bob, at));
    await pass(2);
    const { scorer } = graph.map()!;
    const until = 10 * at;
    scorer.shun(scid, until);
    scorer.shun(alice.id, until);
    desk.heard(peer.id, updateBy(chainHash, scid, alice, bob, at + 1));
    await pass(2);
    expect(graph.graph.policies.updatedAt).toContain(at + 1);
    expect([...scorer.shuns].map(({ what }) => what)).toEqual([scid, alice.id]);
    desk.heard(peer.id, updateBy(chainHash, scid, alice, bob, at + 2, { feeBase: 2_000 }));
    await pass(2);
    expect(graph.graph.policies.feeBase).toContain(2_000);
    expect([...scorer.shuns].map(({ what }) => what)).toEqual([alice.id]);
  });

  it('is asked for nothing where a snapshot server is named, and is heard all the same', async () => {
    const { desk, graph, said, pass, meet } = stage({ snapshots: ['https://map.test'] });
    await meet();
    expect(said()).toEqual([]);
    desk.heard(peer.id, announcementBy(chainHash, scid, alice, bob));
    await pass(2);
    expect(graph.graph.channels.count).toBe(1);
  });

  it('is asked for the channels that it names and we lack, when the answers to the last have come', async () => {
    const { desk, heard, pass, meet } = stage();
    await meet();
    const scids = Array.from({ length: 250 }, (_, i) => scidAtPlace(90, i, 0));
    const reply = { name: 'reply_channel_range', chainHash, firstBlock: 0, blocks: 0xffff_ffff } as const;
    desk.heard(peer.id, { ...reply, syncComplete: true, scids });
    await pass(2);
    const queries = () =>
      heard.flatMap(([, message]) =>
        message.name === 'query_short_channel_ids' ? [message.scids.length] : [],
      );
    expect(queries()).toEqual([200]);
    desk.heard(peer.id, { name: 'reply_short_channel_ids_end', chainHash, fullInformation: true });
    await pass(2);
    expect(queries()).toEqual([200, 50]);
    // An update of a channel that nobody announced is asked for too.
    desk.heard(peer.id, { name: 'reply_short_channel_ids_end', chainHash, fullInformation: true });
    desk.heard(peer.id, updateBy(chainHash, scid, alice, bob, at));
    await pass(2);
    expect(queries()).toEqual([200, 50, 1]);
  });

  it('that lies is warned and not read any more; others are', async () => {
    const { clock, desk, graph, heard, pass, meet } = stage();
    await meet();
    await meet(other);
    heard.length = 0;
    const sound = announcementBy(chainHash, scid, alice, bob);
    desk.heard(peer.id, { ...sound, bitcoinSignature1: sound.bitcoinSignature2 });
    await pass(1);
    expect(heard.map(([to, { name }]) => [to, name])).toEqual([[peer.id, 'warning']]);
    desk.heard(peer.id, sound);
    await pass(1);
    expect(graph.graph.channels.count).toBe(0);
    desk.heard(other.id, sound);
    await pass(1);
    expect(graph.graph.channels.count).toBe(1);
    // A new connection changes nothing, a day does.
    desk.down(peer.id);
    heard.length = 0;
    await meet();
    expect(heard).toEqual([]);
    await pass(1);
    desk.down(peer.id);
    clock.advance(86_400_000);
    await meet();
    expect(heard.map(([, { name }]) => name)).toContain('query_channel_range');
  });

  it('waits for its answer while the first look at the chain is to come', async () => {
    const { core, desk, graph, pass, meet } = stage();
    core.height = blockHeight(0);
    await meet();
    desk.heard(peer.id, announcementBy(chainHash, scid, alice, bob));
    await pass(3);
    expect(graph.graph.channels.count).toBe(0);
    core.height = blockHeight(120);
    await pass(3);
    expect(graph.graph.channels.count).toBe(1);
  });

  it('cannot make the chain be asked more than some questions at a time', async () => {
    const { desk, asked, outputs, pass, meet } = stage();
    await meet();
    for (let i = 0; i < 100; i++)
      desk.heard(peer.id, announcementBy(chainHash, scidAtPlace(100, i, 0), alice, bob));
    await pass(5);
    const sizes = () => asked.map(({ length }) => length);
    expect(sizes().every((size) => size <= 40)).toBe(true);
    expect(sizes().reduce((sum, size) => sum + size, 0)).toBeLessThan(100);
    await pass(30);
    expect(sizes().reduce((sum, size) => sum + size, 0)).toBe(100);
    asked.length = 0;
    outputs.finding = { tag: 'unknown' };
    desk.heard(peer.id, announcementBy(chainHash, scidAtPlace(80, 1, 0), alice, bob));
    await pass(50);
    expect(sizes()).toEqual([1]);
    outputs.finding = { tag: 'found', capacity: sat(5) };
    await pass(70);
    expect(sizes()).toEqual([1, 1]);
  });

  it('that makes up channels is not read any more, and what it told is forgotten', async () => {
    const { desk, said, asked, outputs, pass, meet } = stage({ mostUnfounded: 50 });
    await meet();
    outputs.finding = { tag: 'unfounded' };
    for (let block = 0; block < 4; block++)
      for (let index = 0; index < 40; index++)
        desk.heard(peer.id, announcementBy(chainHash, scidAtPlace(50 + block, index, 0), alice, bob));
    await pass(25);
    expect(said()).toContain('warning');
    const sum = () => asked.reduce((all, { length }) => all + length, 0);
    expect(sum()).toBeLessThan(50 + 40 + 1);
    const before = sum();
    await pass(30);
    expect(sum()).toBe(before);
  });

  it('is no other for a new connection, when it makes up channels', async () => {
    const { desk, said, outputs, pass, meet } = stage({ mostUnfounded: 50 });
    outputs.finding = { tag: 'unfounded' };
    const tell = async (block: number): Promise<void> => {
      await meet();
      for (let index = 0; index < 30; index++)
        desk.heard(peer.id, announcementBy(chainHash, scidAtPlace(block, index, 0), alice, bob));
      await pass(12);
      desk.down(peer.id);
    };
    await tell(50);
    expect(said()).not.toContain('warning');
    await tell(51);
    expect(said()).toContain('warning');
  });

  it('hides no channel by another of its name: the others are asked for theirs, once each', async () => {
    const { desk, heard, graph, outputs, pass, meet } = stage();
    await meet();
    await meet(other);
    const nothing = { name: 'reply_channel_range', chainHash, firstBlock: 0, blocks: 0xffff_ffff } as const;
    for (const { id } of [peer, other]) desk.heard(id, { ...nothing, syncComplete: true, scids: [] });
    await pass(2);
    const queries = () =>
      heard.flatMap(([to, message]) =>
        message.name === 'query_short_channel_ids' ? [[to, message.scids] as const] : [],
      );
    outputs.finding = { tag: 'unfounded' };
    desk.heard(peer.id, announcementBy(chainHash, scid, announcer('carol'), announcer('dave')));
    await pass(3);
    expect(queries()).toEqual([[other.id, [scid]]]);
    outputs.finding = { tag: 'found', capacity: sat(1_000_000) };
    desk.heard(other.id, announcementBy(chainHash, scid, alice, bob));
    desk.heard(other.id, { name: 'reply_short_channel_ids_end', chainHash, fullInformation: true });
    await pass(3);
    expect(graph.graph.channels.count).toBe(1);
    expect(queries()).toHaveLength(1);
  });

  it('hides no channel by what it told before it was banned: those who named that meanwhile are asked for it', async () => {
    const { desk, heard, outputs, pass, meet } = stage();
    await meet();
    await meet(other);
    outputs.finding = { tag: 'unknown' };
    desk.heard(peer.id, announcementBy(chainHash, scid, announcer('carol'), announcer('dave')));
    await pass(1);
    const reply = { name: 'reply_channel_range', chainHash, firstBlock: 0, blocks: 0xffff_ffff } as const;
    for (const { id } of [peer, other]) desk.heard(id, { ...reply, syncComplete: true, scids: [scid] });
    await pass(3);
    const queries = () =>
      heard.flatMap(([to, message]) =>
        message.name === 'query_short_channel_ids' ? [[to, message.scids] as const] : [],
      );
    expect(queries()).toEqual([]);
    const sound = announcementBy(chainHash, scidAtPlace(100, 2, 0), alice, bob);
    desk.heard(peer.id, { ...sound, bitcoinSignature1: sound.bitcoinSignature2 });
    await pass(3);
    expect(queries()).toEqual([[other.id, [scid]]]);
  });

  it('is asked for the map when it is one of four, or kept', async () => {
    const { core, heard, meet } = stage();
    const many = Array.from({ length: 6 }, (_, i) => announcer(`peer ${i}`));
    core.keptPeers.add(many[5]!.id);
    for (const one of many) await meet(one);
    const askedFor = heard.flatMap(([to, { name }]) => (name === 'query_channel_range' ? [to] : []));
    expect(askedFor).toEqual([0, 1, 2, 3, 5].map((i) => many[i]!.id));
  });
});

it('eight signatures are verified in a slice, and whatever else waits is served before the next', async () => {
  const { clock, desk, meet } = stage();
  await meet();
  for (let i = 0; i < 40; i++)
    desk.heard(peer.id, announcementBy(chainHash, scidAtPlace(100, i, 0), alice, bob));
  // Somebody who sets a timer of no delay again and again comes to his turn between any two slices.
  let turns = 0;
  const turn = (): void => {
    turns++;
    if (turns < 100) clock.after(0, turn);
  };
  clock.after(0, turn);
  const verified: number[] = [];
  const curve = await wasmBackend();
  installSecp256k1({
    ...curve,
    verifyEcdsa: (...signed) => {
      verified.push(turns);
      return curve.verifyEcdsa(...signed);
    },
  });
  clock.advance(0);
  installSecp256k1(curve);
  expect(verified).toHaveLength(160);
  const perTurn = new Map<number, number>();
  for (const at_ of verified) perTurn.set(at_, (perTurn.get(at_) ?? 0) + 1);
  expect(Math.max(...perTurn.values())).toBe(8);
});

describe('what is asked of us', () => {
  const channel = {
    announcement: announcementBy(chainHash, scid, alice, peer),
    update: updateBy(chainHash, scid, alice, peer, at),
  };
  const filter = {
    name: 'gossip_timestamp_filter',
    chainHash,
    firstTimestamp: 0,
    timestampRange: 0xffff_ffff,
  };

  it('is answered with what is ours, once we may speak', async () => {
    const { desk, own, said } = stage({ snapshots: ['https://map.test'] });
    own.now = { channels: [channel], node: null };
    desk.up(peer.id, init);
    desk.heard(peer.id, filter as WireMessage);
    expect(said()).toEqual([]);
    await desk.begin(peer.id);
    expect(said()).toEqual(['channel_announcement', 'channel_update']);
    desk.heard(peer.id, { name: 'query_channel_range', chainHash, firstBlock: 0, blocks: 1 });
    desk.heard(peer.id, { name: 'query_short_channel_ids', chainHash, scids: [scid] });
    expect(said().slice(2)).toEqual([
      'reply_channel_range',
      'channel_announcement',
      'channel_update',
      'reply_short_channel_ids_end',
    ]);
    desk.tell(own.now);
    expect(said().slice(6)).toEqual(['channel_announcement', 'channel_update']);
  });

  it('is answered sixty times a minute', async () => {
    const { clock, desk, said, meet } = stage({ snapshots: ['https://map.test'] });
    await meet();
    const query = { name: 'query_channel_range', chainHash, firstBlock: 0, blocks: 1 } as const;
    for (let i = 0; i < 100; i++) desk.heard(peer.id, query);
    expect(said()).toHaveLength(60);
    clock.advance(60_000);
    desk.heard(peer.id, query);
    expect(said()).toHaveLength(61);
  });

  it('with another number of flags than channels is a fault', async () => {
    const { desk, said, meet } = stage({ snapshots: ['https://map.test'] });
    await meet();
    desk.heard(peer.id, { name: 'query_short_channel_ids', chainHash, scids: [scid], queryFlags: [1n, 2n] });
    expect(said()).toEqual(['warning']);
  });
});
