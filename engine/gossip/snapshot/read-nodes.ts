import type { NodeDetailsBuilder } from '../graph/node-details.ts';
import type { NodeTableBuilder } from '../graph/node-table.ts';
import type { SnapshotReader } from './reader.ts';

/** Of the first byte of a node id in version 2. */
const PARITY = 0b11;
const HAS_ADDRESSES = 1 << 2;
const HAS_MORE = 1 << 7;
const NO_FEATURES = 0;
const OWN_FEATURES = 7;

/** The feature sets that most nodes have; version 2 only. */
export function readDefaultFeatures(reader: SnapshotReader): readonly Uint8Array[] {
  const sets: Uint8Array[] = [];
  for (let left = reader.u8(); left > 0; left--) sets.push(readSized(reader));
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
  if ((first & HAS_ADDRESSES) !== 0) details.put(node, { addresses: readAddresses(reader) });
  const set = (first >>> 3) & 0b111;
  if (set === OWN_FEATURES) details.put(node, { features: readSized(reader) });
  else if (set !== NO_FEATURES)
    details.put(node, { features: features[set - 1] ?? reader.fail('out-of-range') });
  if ((first & HAS_MORE) !== 0) reader.sized16();
  return node;
}

/** Descriptors of BOLT 7, each behind a byte that counts it. Kinds that are not known stay in: they are skipped when read. */
function readAddresses(reader: SnapshotReader): Uint8Array {
  const parts: [start: number, end: number][] = [];
  let length = 0;
  for (let left = reader.u8(); left > 0; left--) {
    const start = reader.skip(reader.u8());
    parts.push([start, reader.at]);
    length += reader.at - start;
  }
  const joined = new Uint8Array(length);
  let at = 0;
  for (const [start, end] of parts) {
    joined.set(reader.bytes.subarray(start, end), at);
    at += end - start;
  }
  return joined;
}

function readSized(reader: SnapshotReader): Uint8Array {
  const start = reader.sized16();
  return reader.bytes.slice(start, reader.at);
}
