import { expect, it } from 'vitest';
import { ranOut } from '../../base/slices.ts';
import {
  keepDetails,
  nodeDetailAt,
  NodeDetailsBuilder,
  noNodeDetails,
  type NodeDetail,
} from './node-details.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values);
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

it('nothing changed is nothing copied', () => {
  expect(ranOut(new NodeDetailsBuilder(noNodeDetails, 3).done(3))).toBe(noNodeDetails);
});
