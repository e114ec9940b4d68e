import { describe, expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import type { NodeId } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import { blockHeight, msat, sat, timestamp, type Scid } from '../base/units.ts';
import { announcementBy, announcer, nodeBy, scidAtPlace, updateBy } from '../testkit/signed-gossip.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { DISABLE, DONT_FORWARD, MUST_BE_ONE, type GossipMessage } from '../wire/gossip.ts';
import { applySnapshot } from './apply-snapshot.ts';
import { applyGossip } from './gossip-changes.ts';
import { GossipIntake, type FundingFinding } from './gossip-intake.ts';
import {
  channelIndexOf,
  emptyGraph,
  nodeDetailOf,
  nodeIdAt,
  nodeIndexOf,
  policyAt,
  type Graph,
} from './graph.ts';

const { genesisHash: chain } = NETWORKS.regtest;
const NOW = 1_770_000_000;
const DAY = 86_400;
const [alice, bob, carol, dave] = ['alice', 'bob', 'carol', 'dave'].map(announcer) as [
  ReturnType<typeof announcer>,
  ReturnType<typeof announcer>,
  ReturnType<typeof announcer>,
  ReturnType<typeof announcer>,
];
const SCID = scidAtPlace(100, 1, 0);
const found: FundingFinding = { tag: 'found', capacity: sat(1_000_000) };

function stage() {
  let graph: Graph = emptyGraph(chain);
  let now = NOW;
  let height = 120;
  const intake = new GossipIntake({
    graph: () => graph,
    now: () => timestamp(now),
    height: () => blockHeight(height),
  });
  const put = (): void => {
    const slices = applyGossip(graph, intake.take());
    for (;;) {
      const { done, value } = slices.next();
      if (done !== true) continue;
      graph = value;
      return;
    }
  };
  const judge = (message: GossipMessage, from = dave): string => {
    const verdict = intake.judge(message, from.id);
    return verdict.tag === 'ignored' ? verdict.why : verdict.tag;
  };
  return {
    intake,
    judge,
    put,
    /** The chain has all that was announced. */
    confirm: (finding = found): void => {
      for (const channel of intake.toCheck(100)) intake.onChecked(channel, finding);
    },
    grow: (blocks: number): void => void (height += blocks),
    pass: (seconds: number): void => void (now += seconds),
    graph: () => graph,
    setGraph: (next: Graph): void => void (graph = next),
  };
}

/** A channel of alice and bob on the map. */
function opened(scid: Scid = SCID) {
  const all = stage();
  expect(all.judge(announcementBy(chain, scid, alice, bob))).toBe('taken');
  all.confirm();
  all.put();
  return all;
}

describe('channel_announcement', () => {
  it('that the chain confirms goes on the map, with what was told of it meanwhile', () => {
    const { judge, confirm, put, graph } = stage();
    expect(judge(updateBy(chain, SCID, alice, bob, NOW))).toBe('unknown-channel');
    expect(judge(nodeBy(alice, NOW, 'Alice'))).toBe('unknown-node');
    expect(judge(announcementBy(chain, SCID, alice, bob))).toBe('taken');
    expect(judge(announcementBy(chain, SCID, alice, bob))).toBe('known');
    expect(judge(updateBy(chain, SCID, alice, bob, NOW))).toBe('taken');
    expect(judge(updateBy(chain, SCID, bob, alice, NOW, { feeBase: 7 }))).toBe('taken');
    expect(judge(nodeBy(alice, NOW, 'Alice'))).toBe('taken');
    put();
    expect(graph().channels.count).toBe(0);
    confirm();
    put();
    const channel = channelIndexOf(graph(), SCID);
    const first = alice.id < bob.id ? alice : bob;
    expect(nodeIdAt(graph(), graph().channels.nodeA[channel]!)).toBe(first.id);
    expect(graph().channels.capacity[channel]).toBe(1_000_000);
    const ofBob = first === bob ? 0 : 1;
    expect(policyAt(graph(), channel, ofBob)).toMatchObject({ feeBase: 7n, disabled: false, updatedAt: NOW });
    expect(policyAt(graph(), channel, ofBob === 0 ? 1 : 0)).toMatchObject({ feeBase: 1_000n });
    expect(nodeDetailOf(graph(), nodeIndexOf(graph(), alice.id))).toMatchObject({
      alias: new TextEncoder().encode('Alice'),
      announcedAt: NOW,
    });
    expect(judge(announcementBy(chain, SCID, alice, bob))).toBe('known');
  });

  it('that the chain does not confirm is ignored, then and later', () => {
    const { judge, confirm, put, graph, intake } = stage();
    judge(announcementBy(chain, SCID, alice, bob));
    confirm({ tag: 'unknown' });
    expect(intake.unchecked.size).toBe(1);
    const other = scidAtPlace(100, 2, 0);
    judge(announcementBy(chain, other, alice, bob));
    confirm({ tag: 'unknown' });
    expect(intake.toCheck(9).map(({ tries }) => tries)).toEqual([2, 1]);
    for (let i = 0; i < 3; i++) confirm({ tag: 'unknown' });
    expect(intake.toCheck(9).map(({ announcement }) => announcement.scid)).toEqual([other]);
    expect(judge(announcementBy(chain, SCID, alice, bob))).toBe('taken');
    confirm({ tag: 'unfounded' });
    put();
    expect([graph().channels.count, intake.unchecked.size]).toEqual([0, 0]);
    expect(judge(announcementBy(chain, SCID, alice, bob))).toBe('unfounded');
    expect(intake.knows(SCID, dave.id)).toBe(true);
  });

  it('by keys that the chain does not have hides no true one, before it or after', () => {
    const { judge, put, graph, intake } = stage();
    const [early, late] = [SCID, scidAtPlace(100, 2, 0)];
    const check = (): void => {
      for (const channel of intake.toCheck(9)) {
        const isTrue = [alice.id, bob.id].includes(channel.announcement.nodeId1);
        intake.onChecked(channel, isTrue ? found : { tag: 'unfounded' });
      }
      put();
    };
    expect(judge(announcementBy(chain, early, carol, dave))).toBe('taken');
    expect(judge(announcementBy(chain, early, alice, bob), carol)).toBe('taken');
    // One of each peer.
    expect(judge(announcementBy(chain, early, alice, dave))).toBe('known');
    expect(judge(announcementBy(chain, late, carol, dave))).toBe('taken');
    check();
    expect(intake.unchecked.size).toBe(0);
    expect([intake.knows(late, dave.id), intake.knows(late, carol.id)]).toEqual([true, false]);
    expect(judge(announcementBy(chain, late, carol, dave), carol)).toBe('unfounded');
    expect(intake.knows(late, carol.id)).toBe(true);
    expect(judge(announcementBy(chain, late, alice, bob), bob)).toBe('taken');
    check();
    expect([early, late].map((scid) => channelIndexOf(graph(), scid))).toEqual([0, 1]);
    const ends = [
      nodeIdAt(graph(), graph().channels.nodeA[1]!),
      nodeIdAt(graph(), graph().channels.nodeB[1]!),
    ];
    expect(ends.sort()).toEqual([alice.id, bob.id].sort());
  });

  it('whose teller was banned while the chain was asked is judged anew when another tells of it', () => {
    const { judge, intake } = stage();
    const claim = announcementBy(chain, SCID, alice, bob);
    judge(claim);
    const [asked] = intake.toCheck(9);
    intake.unchecked.dropFrom(dave.id);
    expect(judge(claim, carol)).toBe('taken');
    intake.onChecked(asked!, { tag: 'unknown' });
    intake.onChecked(asked!, { tag: 'unfounded' });
    expect([intake.unchecked.size, intake.unchecked.of(SCID).length]).toEqual([1, 1]);
    const [again] = intake.toCheck(9);
    expect(again?.from).toBe(carol.id);
    intake.onChecked(again!, { tag: 'unfounded' });
    expect([intake.unchecked.size, intake.unchecked.of(SCID).length]).toEqual([0, 0]);
    expect(intake.unchecked.isEnd(alice.id)).toBe(false);
  });

  it('by others turns no true update into a fault of those who hand it on', () => {
    const { judge, put, graph, intake } = stage();
    expect(judge(announcementBy(chain, SCID, carol, dave))).toBe('taken');
    expect(judge(updateBy(chain, SCID, alice, bob, NOW), bob)).toBe('unclaimed');
    expect(judge(updateBy(chain, SCID, alice, bob, NOW))).toBe('breach');
    expect(judge(announcementBy(chain, SCID, alice, bob), bob)).toBe('taken');
    for (let i = 0; i < 12; i++) judge(updateBy(chain, SCID, carol, dave, NOW + 60 + i));
    for (let i = 0; i < 12; i++) judge(updateBy(chain, SCID, dave, carol, NOW + 60 + i));
    expect(judge(updateBy(chain, SCID, alice, bob, NOW, { feeBase: 7 }), bob)).toBe('taken');
    const [, own] = intake.toCheck(9);
    intake.onChecked(own!, found);
    put();
    const way = alice.id < bob.id ? 0 : 1;
    expect(policyAt(graph(), 0, way)).toMatchObject({ feeBase: 7n, updatedAt: NOW });
    // The other claim still waits: what the map has is updated all the same.
    expect(intake.unchecked.size).toBe(1);
    expect(judge(updateBy(chain, SCID, alice, bob, NOW + 1), bob)).toBe('taken');
    put();
    expect(policyAt(graph(), 0, way)).toMatchObject({ updatedAt: NOW + 1 });
  });

  it('by others turns no repeated update into a fault, nor one that comes too often', () => {
    const { judge } = opened();
    const update = updateBy(chain, SCID, alice, bob, NOW);
    expect(judge(update)).toBe('taken');
    expect(judge(announcementBy(chain, SCID, carol, dave))).toBe('taken');
    expect(judge(update, bob)).toBe('unclaimed');
    for (let i = 1; i < 10; i++) expect(judge(updateBy(chain, SCID, alice, bob, NOW + i), bob)).toBe('taken');
    expect(judge(updateBy(chain, SCID, alice, bob, NOW + 10), bob)).toBe('unclaimed');
    // What is tried against the map's channel, too, and fits nobody is forged.
    expect(judge({ ...updateBy(chain, SCID, bob, alice, NOW), feeBase: 3 }, bob)).toBe('breach');
  });

  it('by others turns no update into a fault that its teller repeats while his own claim waits', () => {
    const { judge } = stage();
    const update = updateBy(chain, SCID, alice, bob, NOW);
    expect(judge(announcementBy(chain, SCID, carol, dave))).toBe('taken');
    expect(judge(announcementBy(chain, SCID, alice, bob), bob)).toBe('taken');
    expect(judge(update, bob)).toBe('taken');
    expect(judge(update, bob)).toBe('unclaimed');
  });

  it('of another chain, of a young channel, with a feature that must be known', () => {
    const { judge } = stage();
    expect(judge(announcementBy(NETWORKS.mainnet.genesisHash, SCID, alice, bob))).toBe('other-chain');
    expect(judge(announcementBy(chain, scidAtPlace(133, 1, 0), alice, bob))).toBe('too-young');
    expect(judge(announcementBy(chain, SCID, alice, bob, { features: fromHex('01') }))).toBe(
      'unknown-feature',
    );
    expect(judge(announcementBy(chain, SCID, alice, bob, { features: fromHex('02') }))).toBe('taken');
  });

  it('of a channel whose blocks we have not all seen waits for them', () => {
    const { judge, confirm, grow, intake } = stage();
    expect(judge(announcementBy(chain, scidAtPlace(116, 1, 0), alice, bob))).toBe('taken');
    confirm();
    expect(intake.changes.size).toBe(0);
    grow(1);
    confirm();
    expect(intake.changes.channels.size).toBe(1);
  });

  it('with a wrong signature, or its nodes the wrong way round, is held against the peer', () => {
    const { judge, intake } = stage();
    const sound = announcementBy(chain, SCID, alice, bob);
    const other = announcementBy(chain, SCID, alice, carol);
    expect(judge({ ...sound, bitcoinSignature2: other.bitcoinSignature2 })).toBe('breach');
    const { nodeId1, nodeId2 } = sound;
    expect(judge({ ...sound, nodeId1: nodeId2, nodeId2: nodeId1 })).toBe('breach');
    expect(intake.unchecked.size).toBe(0);
  });

  it('of an output that other nodes have announced convicts all four', () => {
    const { judge, confirm, put, graph } = opened();
    const elsewhere = scidAtPlace(101, 1, 0);
    judge(announcementBy(chain, elsewhere, bob, dave));
    confirm();
    put();
    expect(graph().channels.count).toBe(2);
    expect(judge(announcementBy(chain, SCID, carol, dave))).toBe('taken');
    confirm();
    put();
    expect(graph().channels.count).toBe(0);
    expect(judge(announcementBy(chain, scidAtPlace(102, 1, 0), alice, dave))).toBe('blacklisted');
  });

  it('convicts nobody by the word of a snapshot', () => {
    const { judge, setGraph } = stage();
    const channels = [{ scid: SCID, nodeA: alice.id, nodeB: bob.id }];
    const snapshot = writeSnapshot({ version: 2, chainHash: chain, at: NOW, channels, policies: [] });
    const applied = applySnapshot(emptyGraph(chain), snapshot);
    if (!applied.ok) throw new Error(applied.error.code);
    setGraph(applied.value);
    expect(judge(announcementBy(chain, SCID, carol, dave))).toBe('known');
  });
});

describe('channel_update', () => {
  it('newer than the last is taken, from its own node alone', () => {
    const { judge, put, graph } = opened();
    expect(judge(updateBy(chain, SCID, alice, bob, NOW, { feeBase: 1 }))).toBe('taken');
    expect(judge(updateBy(chain, SCID, alice, bob, NOW, { feeBase: 2 }))).toBe('known');
    put();
    expect(judge(updateBy(chain, SCID, alice, bob, NOW - 1))).toBe('known');
    expect(
      judge(
        updateBy(chain, SCID, alice, bob, NOW + 1, { channelFlags: DISABLE | (alice.id < bob.id ? 0 : 1) }),
      ),
    ).toBe('taken');
    put();
    expect(policyAt(graph(), 0, alice.id < bob.id ? 0 : 1)).toMatchObject({
      disabled: true,
      updatedAt: NOW + 1,
    });
    const forged = updateBy(chain, SCID, carol, bob, NOW + 2, { channelFlags: alice.id < bob.id ? 0 : 1 });
    expect(judge(forged)).toBe('breach');
  });

  it('of another chain, for the peer alone, too old, from the future', () => {
    const { judge } = opened();
    expect(judge(updateBy(NETWORKS.mainnet.genesisHash, SCID, alice, bob, NOW))).toBe('other-chain');
    expect(judge(updateBy(chain, SCID, alice, bob, NOW, { messageFlags: MUST_BE_ONE | DONT_FORWARD }))).toBe(
      'not-for-others',
    );
    expect(judge(updateBy(chain, SCID, alice, bob, NOW - 15 * DAY))).toBe('stale');
    expect(judge(updateBy(chain, SCID, alice, bob, NOW + 2 * DAY))).toBe('from-the-future');
  });

  it('comes ten times an hour at most; wrong ones use up nobody’s share', () => {
    const { judge, pass } = opened();
    const forged = { ...updateBy(chain, SCID, alice, bob, NOW + 50), feeBase: 3 };
    for (let i = 0; i < 20; i++) expect(judge(forged)).toBe('breach');
    for (let i = 0; i < 10; i++) expect(judge(updateBy(chain, SCID, alice, bob, NOW + i))).toBe('taken');
    expect(judge(updateBy(chain, SCID, alice, bob, NOW + 10))).toBe('too-often');
    expect(judge(updateBy(chain, SCID, bob, alice, NOW + 10))).toBe('taken');
    pass(3_600);
    expect(judge(updateBy(chain, SCID, alice, bob, NOW + 11))).toBe('taken');
  });

  it.each([
    ['more than there is', { htlcMaximum: msat(1_000_000_001) }],
    ['the least above the most', { htlcMinimum: msat(10), htlcMaximum: msat(9) }],
    ['beyond all numbers', { htlcMinimum: msat(2n ** 64n - 1n), htlcMaximum: msat(2n ** 64n - 1n) }],
  ])('that takes %s is no way', (_name, change) => {
    const { judge, put, graph } = opened();
    expect(judge(updateBy(chain, SCID, alice, bob, NOW, change))).toBe('taken');
    put();
    expect(policyAt(graph(), 0, alice.id < bob.id ? 0 : 1)).toMatchObject({ disabled: true });
  });
});

describe('node_announcement', () => {
  it('newer than the last, of a node with a channel, signed', () => {
    const { judge, put } = opened();
    expect(judge(nodeBy(carol, NOW, 'Carol'))).toBe('unknown-node');
    expect(judge(nodeBy(alice, NOW, 'A'))).toBe('taken');
    expect(judge(nodeBy(alice, NOW, 'B'))).toBe('known');
    put();
    expect(judge(nodeBy(alice, NOW, 'B'))).toBe('known');
    expect(judge({ ...nodeBy(alice, NOW + 1, 'B'), alias: new Uint8Array(32) })).toBe('breach');
    expect(judge(nodeBy(alice, NOW + 1, 'B', { addresses: fromHex('017f0000') }))).toBe('breach');
    expect(judge(nodeBy(alice, NOW + 2 * DAY, 'B'))).toBe('from-the-future');
    expect(judge(nodeBy(alice, NOW + 1, 'B', { addresses: fromHex('ff00') }))).toBe('taken');
  });

  it('comes ten times an hour at most, for each node by itself; wrong ones use up nobody’s share', () => {
    const { judge, pass } = opened();
    for (let i = 0; i < 20; i++)
      expect(judge({ ...nodeBy(alice, NOW + 50, 'A'), alias: new Uint8Array(32) })).toBe('breach');
    for (let i = 0; i < 10; i++) expect(judge(nodeBy(alice, NOW + i, 'A'))).toBe('taken');
    expect(judge(nodeBy(alice, NOW + 10, 'A'))).toBe('too-often');
    expect(judge(nodeBy(bob, NOW + 10, 'B'))).toBe('taken');
    pass(3_600);
    expect(judge(nodeBy(alice, NOW + 11, 'A'))).toBe('taken');
  });
});

it('what waits for its blocks takes no room from what the chain can be asked about', () => {
  const { judge, confirm, grow, intake } = stage();
  const sound = announcementBy(chain, SCID, alice, bob);
  for (let i = 0; i < 299; i++)
    intake.unchecked.add({
      announcement: { ...sound, scid: scidAtPlace(130, i, 0) },
      from: i % 2 === 0 ? carol.id : dave.id,
      tries: 0,
      updates: [null, null],
    });
  expect(judge(announcementBy(chain, scidAtPlace(130, 299, 0), alice, bob))).toBe('taken');
  expect(judge(announcementBy(chain, scidAtPlace(130, 300, 0), alice, bob))).toBe('full');
  expect(judge(sound)).toBe('taken');
  grow(15);
  for (let i = 0; i < 4; i++) confirm();
  expect(intake.unchecked.size).toBe(0);
  expect(judge(announcementBy(chain, scidAtPlace(145, 0, 0), alice, bob))).toBe('taken');
});

it('whether there is room for one more that waits for its blocks is known without going through what waits', () => {
  const { judge, intake } = stage();
  const { scid: _, ...sound } = announcementBy(chain, SCID, alice, bob);
  let looks = 0;
  const fill = (count: number, block: number, from: NodeId): void => {
    for (let i = 0; i < count; i++) {
      const announcement = {
        ...sound,
        get scid() {
          looks++;
          return scidAtPlace(block, i, 0);
        },
      };
      intake.unchecked.add({ announcement, from, tries: 0, updates: [null, null] });
    }
  };
  fill(2_300, 50, carol.id);
  fill(2_300, 60, dave.id);
  fill(300, 130, bob.id);
  looks = 0;
  for (let i = 0; i < 256; i++)
    expect(judge(announcementBy(chain, scidAtPlace(131, i, 0), alice, bob))).toBe('full');
  expect(looks).toBeLessThan(5_000);
});

it('what waits for the chain has an end, of one peer and of all; a liar’s share goes with it', () => {
  const { judge, intake } = stage();
  const sound = announcementBy(chain, SCID, alice, bob);
  const fill = (from: NodeId, block: number): void => {
    for (let i = 0; i < 2_500; i++)
      intake.unchecked.add({
        announcement: { ...sound, scid: scidAtPlace(block, i, 0) },
        from,
        tries: 0,
        updates: [null, null],
      });
  };
  fill(dave.id, 50);
  expect(judge(sound)).toBe('full');
  expect(intake.unchecked.isFullFor(carol.id)).toBe(false);
  fill(carol.id, 60);
  expect(intake.unchecked.isFullFor(bob.id)).toBe(true);
  intake.unchecked.dropFrom(dave.id);
  expect(intake.unchecked.size).toBe(2_500);
  expect(judge(sound)).toBe('taken');
});
