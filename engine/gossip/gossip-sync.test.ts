import { describe, expect, it } from 'vitest';
import { NETWORKS } from '../base/network.ts';
import { timestamp, type Scid } from '../base/units.ts';
import { scidAtPlace } from '../testkit/signed-gossip.ts';
import { featuresFor, type FeatureSettings } from '../wire/features.ts';
import type { ReplyChannelRange } from '../wire/gossip-query.ts';
import { GossipSync, type KnownTimes } from './gossip-sync.ts';

const { genesisHash: chainHash } = NETWORKS.regtest;
const NOW = timestamp(1_770_000_000);

const sync = (settings: FeatureSettings = { gossip_queries: 'optional' }, known: KnownTimes = () => null) =>
  new GossipSync({ chainHash, features: featuresFor('I', settings), known });

const reply = (scids: readonly Scid[], change: Partial<ReplyChannelRange> = {}): ReplyChannelRange => ({
  name: 'reply_channel_range',
  chainHash,
  firstBlock: 0,
  blocks: 0xffff_ffff,
  syncComplete: true,
  scids,
  ...change,
});

const places = (count: number): Scid[] => Array.from({ length: count }, (_, i) => scidAtPlace(100, i, 0));
const end = { name: 'reply_short_channel_ids_end', chainHash, fullInformation: true } as const;
const asked = (one: GossipSync, now = NOW): number | null => one.next(now)?.scids.length ?? null;

describe('the first words', () => {
  it('are a filter for what is new, and the question which channels there are', () => {
    const [filter, query] = sync().begin(NOW, NOW - 5_000);
    expect(filter).toMatchObject({
      name: 'gossip_timestamp_filter',
      firstTimestamp: NOW - 5_000 - 7_200,
      timestampRange: 0xffff_ffff,
    });
    expect(query).toEqual({ name: 'query_channel_range', chainHash, firstBlock: 0, blocks: 0xffff_ffff });
  });

  it('ask for times where the peer can tell them', () => {
    const [, query] = sync({ gossip_queries: 'optional', gossip_queries_ex: 'optional' }).begin(NOW, 0);
    expect(query).toMatchObject({ queryOption: 1n });
  });

  it('want nothing of a peer that has nothing to tell', () => {
    expect(sync({}).begin(NOW, 0)).toEqual([]);
  });
});

describe('channels that we lack', () => {
  it('are asked for in portions, in rising order, one after the other', () => {
    const one = sync();
    one.begin(NOW, 0);
    expect(asked(one)).toBeNull();
    expect(one.onRange(reply(places(300).toReversed(), { syncComplete: false, blocks: 101 }))).toBeNull();
    expect(asked(one)).toBeNull();
    expect(one.onRange(reply([scidAtPlace(200, 1, 1)], { firstBlock: 101 }))).toBeNull();
    const { scids = [] } = one.next(NOW) ?? {};
    expect(scids).toHaveLength(200);
    expect(scids).toEqual([...scids].sort((a, b) => (a < b ? -1 : 1)));
    expect(asked(one)).toBeNull();
    one.onIdsEnd(end);
    expect(asked(one)).toBe(101);
    expect(one.isDone).toBe(false);
    one.onIdsEnd(end);
    expect(asked(one)).toBeNull();
    expect(one.isDone).toBe(true);
  });

  it('are not those that we have, or that came by themselves; older ones are, where times are told', () => {
    const [a, b, c, d] = places(4) as [Scid, Scid, Scid, Scid];
    const map = new Map<Scid, readonly [number, number]>([
      [a, [10, 20]],
      [b, [10, 20]],
    ]);
    const one = sync(
      { gossip_queries: 'optional', gossip_queries_ex: 'optional' },
      (scid) => map.get(scid) ?? null,
    );
    one.begin(NOW, 0);
    const times = (node1: number, node2: number) => ({ node1: timestamp(node1), node2: timestamp(node2) });
    one.onRange(
      reply([a, b, c, d], { timestamps: [times(10, 20), times(10, 21), times(1, 1), times(1, 1)] }),
    );
    map.set(c, [1, 1]);
    expect(one.next(NOW)?.scids).toEqual([b, d]);
  });

  it('are not asked for again of a peer that does not answer', () => {
    const one = sync();
    one.begin(NOW, 0);
    one.onRange(reply(places(300)));
    expect(asked(one)).toBe(200);
    expect(asked(one, timestamp(NOW + 60))).toBeNull();
    expect(asked(one, timestamp(NOW + 61))).toBeNull();
    one.onIdsEnd(end);
    expect(asked(one, timestamp(NOW + 62))).toBeNull();
    expect(one.isDone).toBe(true);
  });
});

describe('an answer that is none', () => {
  it.each<readonly [string, Partial<ReplyChannelRange>]>([
    ['of another chain', { chainHash: NETWORKS.mainnet.genesisHash }],
    ['with too few times', { scids: places(2), timestamps: [{ node1: NOW, node2: NOW }] }],
    ['that goes back', { firstBlock: 9 }],
  ])('%s is a fault', (_name, change) => {
    const one = sync();
    one.begin(NOW, 0);
    const sound = reply([], { firstBlock: 10, blocks: 5, syncComplete: false });
    expect(one.onRange(sound)).toBeNull();
    expect(one.onRange({ ...sound, ...change })).toMatch(/./);
  });

  it('that nobody asked for, and one without end', () => {
    expect(sync().onRange(reply([]))).toMatch(/nobody/);
    const one = sync();
    one.begin(NOW, 0);
    const endless = reply([], { blocks: 1, syncComplete: false });
    for (let i = 0; i < 2_000; i++) expect(one.onRange(endless)).toBeNull();
    expect(one.onRange(endless)).toMatch(/no end/);
  });
});
