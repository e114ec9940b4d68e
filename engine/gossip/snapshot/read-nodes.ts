import { boundedFeatures, type NodeDetailsBuilder } from '../graph/node-details.ts';
import type { NodeTableBuilder } from '../graph/node-table.ts';
import type { SnapshotReader } from './reader.ts';

/** Of the first byte of a node id in version 2. */
const PARITY = 0b11;
const HAS_ADDRESSES = 1 << 2;
const HAS_MORE = 1 << 7;
const NO_FEATURES = 0;
const OWN_FEATURES = 7;

/** The feature sets that most nodes have; version 2 only. */
export function* readDefaultFeatures(reader: SnapshotReader): Generator<undefined, readonly Uint8Array[]> {
  const sets: Uint8Array[] = [];
  for (let left = reader.u8(); left > 0; left--) {
    sets.push(boundedFeatures(readSized(reader)));
    yield;
  }
  return sets;
}

/** Reads the next of the node ids. @returns its index in the table */
export function readNode(
  reader: SnapshotReader,
  version: 1 | 2,
  features: readonly Uint8Array[],
  nodes: NodeTableBuilder,
  details: NodeDetailsBuilder,
): number {
  const start = reader.skip(33);
  const first = reader.bytes[start] ?? 0;
  const parity = version === 1 ? first : first & PARITY;
  if (parity !== 2 && parity !== 3) reader.fail('out-of-range');
  const node = nodes.add(reader.bytes, start, parity);
  if (node < 0) reader.fail('crowded');
  if (version === 1) return node;
  const addresses = (first & HAS_ADDRESSES) === 0 ? null : readAddresses(reader);
  const set = (first >>> 3) & 0b111;
  const own =
    set === NO_FEATURES
      ? null
      : set === OWN_FEATURES
        ? readSized(reader)
        : (features[set - 1] ?? reader.fail('out-of-range'));
  // Servers name a node once: whoever repeats one wants each of its entries to take memory.
  if ((addresses !== null || own !== null) && !details.has(node))
    details.put(node, { features: own, addresses });
  if ((first & HAS_MORE) !== 0) reader.sized16();
  return node;
}

/** Descriptors of BOLT 7, each behind a byte that counts it. Kinds that are not known stay in: they are skipped when read. */
function readAddresses(reader: SnapshotReader): Uint8Array {
  const count = reader.u8();
  const start = reader.at;
  for (let left = count; left > 0; left--) reader.skip(reader.u8());
  // Most nodes have one: that needs no bytes of its own.
  if (count === 1) return reader.bytes.subarray(start + 1, reader.at);
  const joined = new Uint8Array(reader.at - start - count);
  let from = start;
  for (let at = 0; at < joined.length;) {
    const length = reader.bytes[from++] ?? 0;
    for (const end = at + length; at < end;) joined[at++] = reader.bytes[from++] ?? 0;
  }
  return joined;
}

function readSized(reader: SnapshotReader): Uint8Array {
  const start = reader.sized16();
  return reader.bytes.slice(start, reader.at);
}
