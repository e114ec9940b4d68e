import { err, ok, type Result } from '../base/result.ts';
import { blockHashToBytes, type BlockHash } from '../base/ids.ts';
import { equalBytes } from '../base/bytes.ts';
import { ranOut } from '../base/slices.ts';
import {
  emptyChannels,
  emptyPolicies,
  type ChannelColumns,
  type Graph,
  type PolicyColumns,
} from './graph.ts';
import { adjacencyOf } from './graph/adjacency.ts';
import { emptyNodeTable, NodeTableBuilder } from './graph/node-table.ts';

/** Rises with any change of the columns: what does not fit is thrown away and fetched anew. */
const VERSION = 3;
const MAGIC = 0x4c_47_00_00 + VERSION;
const HEADER = 4 + 32 + 4 * 6;
/** Columns of eight bytes first, so that each begins where its elements can be read in place. */
const CHANNEL_BYTES = 8 + 4 * 5;
const POLICY_BYTES = 8 * 2 + 4 * 3 + 2 + 1;
const NODE_BYTES = 33;
/** Nodes, channels or amounts between two moments in which others are served. */
const SLICE = 1_024;

const align = (at: number): number => (at + 7) & ~7;

/** The columns in the order of this machine: for keeping on the machine that wrote them. */
export function encodeGraph({
  chainHash,
  snapshotAt,
  wholeAt,
  origin,
  nodes,
  details,
  channels,
  policies,
}: Graph): Uint8Array {
  const { count } = channels;
  const starts = new Uint32Array(nodes.count);
  starts.set(details.starts.subarray(0, nodes.count));
  const size =
    align(HEADER) +
    count * (CHANNEL_BYTES + 2 * POLICY_BYTES) +
    nodes.count * (NODE_BYTES + 4) +
    details.heap.length +
    8 * 16;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  bytes.set(blockHashToBytes(chainHash), 4);
  for (const [i, number] of [snapshotAt, nodes.count, count, details.heap.length, wholeAt, origin].entries())
    view.setUint32(36 + 4 * i, number, true);
  let at = align(HEADER);
  const add = (column: ArrayBufferView): void => {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at = align(at + column.byteLength);
  };
  for (const column of channelColumns(channels)) add(column.subarray(0, count));
  for (const column of policyColumns(policies)) add(column.subarray(0, 2 * count));
  add(starts);
  add(nodes.keys.subarray(0, NODE_BYTES * nodes.count));
  add(details.heap);
  return bytes.subarray(0, at);
}

/**
 * What `encodeGraph` wrote. A disk that lies gets no further than a useless graph: every index is checked.
 * @returns 'unusable' for other versions, other chains and damage: fetch a snapshot instead.
 */
export const decodeGraph = (chainHash: BlockHash, bytes: Uint8Array): Decoded =>
  ranOut(decodeInSlices(chainHash, bytes));

type Decoded = Result<Graph, { readonly code: 'unusable' }>;

/** The same, giving way every few thousand steps. */
export function* decodeInSlices(chainHash: BlockHash, bytes: Uint8Array): Generator<undefined, Decoded> {
  const unusable = err({ code: 'unusable' } as const);
  if (bytes.length < HEADER) return unusable;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) return unusable;
  if (!equalBytes(bytes.subarray(4, 36), blockHashToBytes(chainHash))) return unusable;
  const [snapshotAt = 0, nodeCount = 0, count = 0, heapLength = 0, wholeAt = 0, origin = 0] = Array.from(
    { length: 6 },
    (_, i) => view.getUint32(36 + 4 * i, true),
  );
  const least = count * (CHANNEL_BYTES + 2 * POLICY_BYTES) + nodeCount * (NODE_BYTES + 4) + heapLength;
  if (least > bytes.length) return unusable;
  let at = align(HEADER);
  const fill = (column: ArrayBufferView): boolean => {
    const end = at + column.byteLength;
    if (end > bytes.length) return false;
    new Uint8Array(column.buffer, column.byteOffset, column.byteLength).set(bytes.subarray(at, end));
    at = align(end);
    return true;
  };
  const channels: ChannelColumns = { ...emptyChannels(count), count };
  const policies = emptyPolicies(count);
  const starts = new Uint32Array(nodeCount);
  const keys = new Uint8Array(NODE_BYTES * nodeCount);
  const heap = new Uint8Array(heapLength);
  const all = [...channelColumns(channels), ...policyColumns(policies), starts, keys, heap];
  for (const column of all) {
    if (!fill(column)) return unusable;
    yield;
  }
  if (at !== bytes.length || !(yield* isSound(channels, nodeCount))) return unusable;
  for (const column of [channels.capacity, policies.htlcMinimum, policies.htlcMaximum])
    if (!(yield* areAmounts(column))) return unusable;
  const builder = yield* NodeTableBuilder.of(emptyNodeTable, nodeCount);
  for (let node = 0; node < nodeCount; node++) {
    if (node % SLICE === 0) yield;
    const parity = keys[NODE_BYTES * node] ?? 0;
    if ((parity !== 2 && parity !== 3) || builder.add(keys, NODE_BYTES * node, parity) !== node)
      return unusable;
  }
  const nodes = builder.done();
  yield;
  const incoming = yield* adjacencyOf(nodeCount, channels, policies);
  return ok({
    chainHash,
    snapshotAt,
    wholeAt,
    origin,
    nodes,
    details: { starts, heap },
    channels,
    policies,
    incoming,
  });
}

const channelColumns = (columns: ChannelColumns) => [
  columns.capacity,
  columns.scidHigh,
  columns.scidLow,
  columns.nodeA,
  columns.nodeB,
  columns.announcedAt,
];
const policyColumns = (columns: PolicyColumns) => [
  columns.htlcMinimum,
  columns.htlcMaximum,
  columns.feeBase,
  columns.feeProportionalMillionths,
  columns.updatedAt,
  columns.cltvDelta,
  columns.flags,
];

/** Ends exist, and the channels rise. */
function* isSound(
  { count, scidHigh, scidLow, nodeA, nodeB }: ChannelColumns,
  nodeCount: number,
): Generator<undefined, boolean> {
  for (let channel = 0; channel < count; channel++) {
    const a = nodeA[channel] ?? nodeCount;
    const b = nodeB[channel] ?? nodeCount;
    if (channel % SLICE === SLICE - 1) yield;
    if (a >= nodeCount || b >= nodeCount || a === b) return false;
    if (channel === 0) continue;
    const high = (scidHigh[channel] ?? 0) - (scidHigh[channel - 1] ?? 0);
    if (high < 0 || (high === 0 && (scidLow[channel] ?? 0) <= (scidLow[channel - 1] ?? 0))) return false;
  }
  return true;
}

function* areAmounts(column: Float64Array): Generator<undefined, boolean> {
  for (let from = 0; from < column.length; from += SLICE) {
    const part = column.subarray(from, from + SLICE);
    if (!part.every((amount) => amount >= 0 && Number.isInteger(amount))) return false;
    yield;
  }
  return true;
}
