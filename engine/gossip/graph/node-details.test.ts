import { expect, it } from 'vitest';
import { ranOut } from '../../base/slices.ts';
import {
  keepDetails,
  nodeDetailAt,
  NodeDetailsBuilder,
  noNodeDetails,
  type NodeDetail,
  type NodeDetails,
} from './node-details.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values);
const bytesOf = (length: number): Uint8Array => new Uint8Array(length).fill(1);
const NONE: NodeDetail = { features: bytes(), addresses: bytes(), alias: bytes(), announcedAt: 0 };

it('the last that was put of a node counts, what it leaves out stays, and nothing is kept twice', () => {
  const first = new NodeDetailsBuilder(noNodeDetails, 4);
  first.put(2, { features: bytes(1), addresses: null });
  first.put(0, { alias: bytes(7, 8), announcedAt: 0xfedc_ba98 });
  first.put(2, { features: null, addresses: bytes(4, 5, 6) });
  const before = ranOut(first.done(4));
  const read = (details: typeof before) =>
    Array.from({ length: 5 }, (_, node) => nodeDetailAt(details, node));
  const named = { ...NONE, alias: bytes(7, 8), announcedAt: 0xfedc_ba98 };
  const told = { ...NONE, features: bytes(1), addresses: bytes(4, 5, 6) };
  expect(read(before)).toEqual([named, null, told, null, null]);
  expect(before.heap.length).toBe(2 * 10 + 2 + 1 + 3);

  const next = new NodeDetailsBuilder(before, 5);
  next.put(0, { features: bytes(9) });
  next.put(4, { addresses: new Uint8Array(513), features: new Uint8Array(70).fill(0x40) });
  const after = ranOut(next.done(5));
  expect(read(after)).toEqual([
    { ...named, features: bytes(9) },
    null,
    told,
    null,
    { ...NONE, features: new Uint8Array(64).fill(0x40) },
  ]);
  expect(read(before)).toEqual([named, null, told, null, null]);
  expect(read(ranOut(keepDetails(after, Uint32Array.of(2, 3, 0))))).toEqual([
    told,
    null,
    { ...named, features: bytes(9) },
    null,
    null,
  ]);
});

it.each([
  ['of as many as a wallet has on its map, who say all that they can', 70_000, 64],
  ['of more', 200_000, 0],
])('nodes %s, take 16 MB at the most, and addresses are left out first', (_, count, featuresOfLast) => {
  const puts = (from: NodeDetails): NodeDetails => {
    const builder = new NodeDetailsBuilder(from, count);
    const change = { features: bytesOf(64), addresses: bytesOf(512), alias: bytesOf(32), announcedAt: 1 };
    for (let node = 0; node < count; node++) builder.put(node, change);
    return ranOut(builder.done(count));
  };
  const once = puts(noNodeDetails);
  for (const details of [once, puts(once)]) {
    expect(details.heap.length).toBeLessThanOrEqual(16 * 1024 * 1024);
    const [first, last] = [0, count - 1].map((node) => nodeDetailAt(details, node) ?? NONE);
    expect([first?.features.length, first?.addresses.length]).toEqual([64, 512]);
    expect([last?.features.length, last?.addresses.length]).toEqual([featuresOfLast, 0]);
  }
});

it('nothing changed is nothing copied', () => {
  expect(ranOut(new NodeDetailsBuilder(noNodeDetails, 3).done(3))).toBe(noNodeDetails);
});
