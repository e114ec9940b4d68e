import { expect, it } from 'vitest';
import { NETWORKS } from '../base/network.ts';
import { timestamp, type Scid } from '../base/units.ts';
import { announcementBy, announcer, nodeBy, scidAtPlace, updateBy } from '../testkit/signed-gossip.ts';
import type { WireMessage } from '../wire/wire-message.ts';
import { announced, answerFilter, answerIds, answerRange, type OwnGossip } from './own-gossip.ts';

const { genesisHash: chainHash } = NETWORKS.regtest;
const [us, other] = [announcer('us'), announcer('other')];
const AT = 1_770_000_000;
const channel = (scid: Scid, at: number) => ({
  announcement: announcementBy(chainHash, scid, us, other),
  update: updateBy(chainHash, scid, us, other, at),
});
const [first, second] = [scidAtPlace(100, 1, 0), scidAtPlace(200, 1, 0)];
const own: OwnGossip = {
  channels: [channel(second, AT + 10), channel(first, AT)],
  node: nodeBy(us, AT, 'us'),
};
const names = (messages: readonly WireMessage[]): string[] => messages.map(({ name }) => name);
const direction = us.id < other.id ? 1 : 2;

it('announcements come before what is said of them', () => {
  expect(names(announced(own))).toEqual([
    'channel_announcement',
    'channel_update',
    'channel_announcement',
    'channel_update',
    'node_announcement',
  ]);
  expect(announced({ channels: [], node: own.node })).toEqual([]);
});

it('a filter lets through what its time fits', () => {
  const filter = (first_: number, timestampRange: number) =>
    answerFilter(
      { name: 'gossip_timestamp_filter', chainHash, firstTimestamp: timestamp(first_), timestampRange },
      own,
    );
  expect(names(filter(0, 0xffff_ffff))).toHaveLength(5);
  expect(names(filter(AT + 1, 0xffff_ffff))).toEqual(['channel_announcement', 'channel_update']);
  expect(names(filter(AT, 10))).toEqual(['channel_announcement', 'channel_update', 'node_announcement']);
  expect(filter(0xffff_ffff, 0)).toEqual([]);
});

it('a range is answered in one message, in rising order', () => {
  const range = (firstBlock: number, blocks: number, queryOption?: bigint) =>
    answerRange(
      { name: 'query_channel_range', chainHash, firstBlock, blocks, ...(queryOption ? { queryOption } : {}) },
      own,
    );
  expect(range(0, 0xffff_ffff)).toEqual({
    name: 'reply_channel_range',
    chainHash,
    firstBlock: 0,
    blocks: 0xffff_ffff,
    syncComplete: true,
    scids: [first, second],
  });
  expect(range(101, 99)).toMatchObject({ scids: [], firstBlock: 101, blocks: 99 });
  const times = direction === 1 ? { node1: AT, node2: 0 } : { node1: 0, node2: AT };
  expect(range(100, 1, 3n)).toMatchObject({ scids: [first], timestamps: [times] });
  const elsewhere = { name: 'query_channel_range', chainHash: NETWORKS.mainnet.genesisHash } as const;
  expect(answerRange({ ...elsewhere, firstBlock: 0, blocks: 9_999 }, own)).toMatchObject({
    chainHash: NETWORKS.mainnet.genesisHash,
    scids: [],
  });
});

it('channels are told of by id, as far as they are ours, and the end is said', () => {
  const ids = (scids: readonly Scid[], queryFlags?: readonly bigint[]) =>
    names(
      answerIds(
        { name: 'query_short_channel_ids', chainHash, scids, ...(queryFlags ? { queryFlags } : {}) },
        own,
      ),
    );
  const theEnd = 'reply_short_channel_ids_end';
  expect(ids([])).toEqual([theEnd]);
  expect(ids([9n as Scid])).toEqual([theEnd]);
  expect(ids([first, second])).toEqual([...names(announced(own)), theEnd]);
  const ours = direction === 1 ? [2n, 8n] : [4n, 16n];
  expect(ids([first], [1n])).toEqual(['channel_announcement', theEnd]);
  expect(ids([first], [ours[0]!])).toEqual(['channel_update', theEnd]);
  expect(ids([first], [30n - ours[0]! - ours[1]!])).toEqual([theEnd]);
  expect(ids([first, second], [ours[1]!, ours[1]!])).toEqual(['node_announcement', theEnd]);
});
