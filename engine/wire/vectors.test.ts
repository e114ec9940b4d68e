import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromHex, reversed, toHex } from '../base/bytes.ts';
import { blockHash, nodeId } from '../base/ids.ts';
import { blockDelta, msat, timestamp, type Scid } from '../base/units.ts';
import { signedBytes, type ChannelUpdate, type NodeAnnouncement } from './gossip.ts';
import { decodeMessage, encodeMessage } from './wire-message.ts';

const decoded = (hex: string): unknown => {
  const result = decodeMessage(fromHex(hex));
  return result.ok ? result.value : result.error.code;
};

describe('BOLT 1 Appendix C: message extension of init', () => {
  test.each([
    ['001000000000', { name: 'init', globalFeatures: fromHex(''), features: fromHex('') }],
    ['001000000000c9012acb0104', { name: 'init', globalFeatures: fromHex(''), features: fromHex('') }],
    ['00100000000001', 'truncated'],
    ['001000000000ca012a', 'tlv-unknown-even'],
    ['001000000000c90101c90102', 'tlv-order'],
  ])('%s', (hex, expected) => {
    expect(decoded(hex)).toEqual(expected);
  });
});

describe('BOLT 7 extended queries', () => {
  const CHAIN = '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206';
  const chainHash = blockHash(toHex(reversed(fromHex(CHAIN))));
  const scids = (...ids: readonly (readonly [number, number, number])[]): Scid[] =>
    ids.map(
      ([block, index, output]) => ((BigInt(block) << 40n) | (BigInt(index) << 16n) | BigInt(output)) as Scid,
    );

  test.each([
    [
      `0107${CHAIN}000186a0000005dc`,
      { name: 'query_channel_range', chainHash, firstBlock: 100_000, blocks: 1500 },
    ],
    [
      `0107${CHAIN}000088b800000064010103`,
      { name: 'query_channel_range', chainHash, firstBlock: 35_000, blocks: 100, queryOption: 3n },
    ],
    [
      `0108${CHAIN}000b8a06000005dc01001900000000000000008e0000000000003c69000000000045a6c4`,
      {
        name: 'reply_channel_range',
        chainHash,
        firstBlock: 756_230,
        blocks: 1500,
        syncComplete: true,
        scids: scids([0, 0, 142], [0, 0, 15_465], [0, 69, 42_692]),
      },
    ],
    [
      `0108${CHAIN}0001ddde000005dc01001900000000000000304300000000000778d6000000000046e1c1011900000282c1000e77c5000778ad00490ab00000b57800955bff031800000457000008ae00000d050000115c000015b300001a0a`,
      {
        name: 'reply_channel_range',
        chainHash,
        firstBlock: 122_334,
        blocks: 1500,
        syncComplete: true,
        scids: scids([0, 0, 12_355], [0, 7, 30_934], [0, 70, 57_793]),
        timestamps: [
          { node1: 164_545, node2: 948_165 },
          { node1: 489_645, node2: 4_786_864 },
          { node1: 46_456, node2: 9_788_415 },
        ],
        checksums: [
          { node1: 1111, node2: 2222 },
          { node1: 3333, node2: 4444 },
          { node1: 5555, node2: 6666 },
        ],
      },
    ],
    [
      `0105${CHAIN}001900000000000000008e0000000000003c69000000000045a6c4`,
      {
        name: 'query_short_channel_ids',
        chainHash,
        scids: scids([0, 0, 142], [0, 0, 15_465], [0, 69, 42_692]),
      },
    ],
  ])('%s', (hex, message) => {
    const result = decodeMessage(fromHex(hex));
    expect(result).toEqual({ ok: true, value: message });
    if (result.ok) expect(toHex(encodeMessage(result.value))).toBe(hex);
  });

  // BOLT 7: "`1`: Previously used for zlib compression, this encoding MUST NOT be used." Read, and never written.
  test.each([
    [
      `0108${CHAIN}000006400000006e01001601789c636000833e08659309a65878be010010a9023a`,
      { firstBlock: 1_600, blocks: 110, scids: scids([0, 0, 142], [0, 0, 15_465], [0, 4, 3_318]) },
    ],
    [
      `0108${CHAIN}0001ddde000005dc01001801789c63600001036730c55e710d4cbb3d3c080017c303b1012201789c63606a3ac8c0577e9481bd622d8327d7060686ad150c53a3ff0300554707db031800000457000008ae00000d050000115c000015b300001a0a`,
      {
        scids: scids([0, 0, 12_355], [0, 7, 30_934], [0, 70, 57_793]),
        timestamps: [
          { node1: 164_545, node2: 948_165 },
          { node1: 489_645, node2: 4_786_864 },
          { node1: 46_456, node2: 9_788_415 },
        ],
      },
    ],
    [
      `0105${CHAIN}001801789c63600001c12b608a69e73e30edbaec0800203b040e`,
      { scids: scids([0, 0, 4_564], [0, 2, 47_550], [0, 69, 42_692]) },
    ],
    [
      `0105${CHAIN}0019000000000000002fc80000000000003cc4000000000045a6c4010c01789c6364620100000e0008`,
      {
        scids: scids([0, 0, 12_232], [0, 0, 15_556], [0, 69, 42_692]),
        queryFlags: [1n, 2n, 4n],
      },
    ],
    [
      `0105${CHAIN}001801789c63600001f30a30c5b0cd144cb92e3b020017c6034a010c01789c6364620100000e0008`,
      {
        scids: scids([0, 0, 14_200], [0, 0, 46_645], [0, 69, 42_692]),
        queryFlags: [1n, 2n, 4n],
      },
    ],
  ])('%s is compressed', (hex, expected) => {
    const result = decodeMessage(fromHex(hex));
    expect(result).toMatchObject({ ok: true, value: expected });
    if (!result.ok) return;
    const again = encodeMessage(result.value);
    expect(toHex(again)).not.toBe(hex);
    expect(decodeMessage(again)).toEqual(result);
  });

  test('what only looks compressed is refused', () => {
    expect(decoded(`0105${CHAIN}001801789c63600001c12b608a69e73e30edbaec0800203b040f`)).toBe('invalid');
    expect(decoded(`0105${CHAIN}000902000000000000008e`)).toBe('invalid');
  });
});

/** As eclair prints them, where a copy lies beside the repository. */
type Printed = {
  readonly hex: string;
  readonly msg: {
    readonly type: string;
    readonly shortChannelIds?: { readonly array: readonly string[]; readonly encoding: string };
    readonly firstBlockNum?: number;
    readonly numberOfBlocks?: number;
    readonly timestamps?: { readonly timestamps: readonly { timestamp1: number; timestamp2: number }[] };
    readonly checksums?: { readonly checksums: readonly { checksum1: number; checksum2: number }[] };
  };
};
const file = new URL('../../../shared/vectors/bolt07/extended-queries.json', import.meta.url);

test.runIf(existsSync(file))('BOLT 7 extended queries, as published', () => {
  const all = JSON.parse(readFileSync(file, 'utf8')) as readonly Printed[];
  expect(all.length).toBeGreaterThan(9);
  for (const { hex, msg } of all) {
    const result = decodeMessage(fromHex(hex));
    if (!result.ok) throw new Error(`${hex}: ${result.error.code}`);
    const message = result.value;
    expect(message.name.replaceAll('_', '')).toBe(msg.type.toLowerCase());
    // What we say ourselves is never packed by zlib ("78 9c").
    if (!hex.includes('789c')) expect(toHex(encodeMessage(message))).toBe(hex);
    if ('scids' in message)
      expect(
        message.scids.map((scid) => `${scid >> 40n}x${(scid >> 16n) & 0xff_ffffn}x${scid & 0xffffn}`),
      ).toEqual(msg.shortChannelIds?.array);
    if ('firstBlock' in message)
      expect([message.firstBlock, message.blocks]).toEqual([msg.firstBlockNum, msg.numberOfBlocks]);
    if (message.name === 'reply_channel_range') {
      expect(message.timestamps?.map(({ node1, node2 }) => [node1, node2])).toEqual(
        msg.timestamps?.timestamps.map(({ timestamp1, timestamp2 }) => [timestamp1, timestamp2]),
      );
      expect(message.checksums?.map(({ node1, node2 }) => [node1, node2])).toEqual(
        msg.checksums?.checksums.map(({ checksum1, checksum2 }) => [checksum1, checksum2]),
      );
    }
  }
});

describe('gossip keeps the bytes that were signed', () => {
  const chainHash = blockHash('11'.repeat(32));
  const update: ChannelUpdate = {
    name: 'channel_update',
    signature: new Uint8Array(64).fill(9),
    chainHash,
    scid: 1n as Scid,
    timestamp: timestamp(2),
    messageFlags: 3,
    channelFlags: 1,
    cltvExpiryDelta: blockDelta(40),
    htlcMinimum: msat(5),
    feeBase: 6,
    feeProportionalMillionths: 7,
    htlcMaximum: msat(8),
    // An inbound fee as LND appends it, and what no rule forbids: an even type.
    extension: fromHex('fdd903080000000000000000fe000200000101'),
  };
  const node: NodeAnnouncement = {
    name: 'node_announcement',
    signature: new Uint8Array(64).fill(9),
    // Longer than it must be: whoever signed it signed these bytes.
    features: fromHex('000001'),
    timestamp: timestamp(2),
    nodeId: nodeId(`02${'22'.repeat(32)}`),
    color: fromHex('ff8800'),
    alias: new Uint8Array(32).fill(65),
    addresses: fromHex('0900ff'),
    extension: fromHex('ab'),
  };

  test.each([update, node])('$name', (message) => {
    const bytes = encodeMessage(message);
    expect(decodeMessage(bytes)).toEqual({ ok: true, value: message });
    expect(signedBytes(message)).toEqual(bytes.slice(2 + 64));
  });
});
