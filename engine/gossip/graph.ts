import type { BlockHash, NodeId } from '../base/ids.ts';
import { nodeId } from '../base/ids.ts';
import { toHex } from '../base/bytes.ts';
import { blockDelta, msat, type BlockDelta, type Msat, type Scid } from '../base/units.ts';
import { noAdjacency, type Adjacency } from './graph/adjacency.ts';
import { nodeDetailAt, noNodeDetails, type NodeDetail, type NodeDetails } from './graph/node-details.ts';
import { emptyNodeTable, findNode, type NodeTable } from './graph/node-table.ts';

/**
 * The public channels, in columns: entry `i` of each is channel `i`. In rising order of short channel id, each once.
 * A channel is announced by node_id_1 (`nodeA`) and node_id_2 (`nodeB`), given as indices of the node table.
 */
export type ChannelColumns = {
  readonly count: number;
  /** The upper and the lower 32 bits of the short channel id. */
  readonly scidHigh: Uint32Array;
  readonly scidLow: Uint32Array;
  readonly nodeA: Uint32Array;
  readonly nodeB: Uint32Array;
  /** Satoshis; 0 when not known. */
  readonly capacity: Float64Array;
  /** Unix time: when the channel was told of. */
  readonly announcedAt: Uint32Array;
};

/**
 * What the two ends ask for: entry `2 × channel + direction`, direction 0 from `nodeA` to `nodeB` (as in
 * channel_update's channel_flags). Amounts are whole millisatoshis in doubles: exact below 90,000 bitcoin, and larger
 * limits are rounded to the safe side.
 */
export type PolicyColumns = {
  readonly flags: Uint8Array;
  readonly cltvDelta: Uint16Array;
  readonly feeBase: Uint32Array;
  readonly feeProportionalMillionths: Uint32Array;
  readonly htlcMinimum: Float64Array;
  readonly htlcMaximum: Float64Array;
  /** Unix time of the channel_update. */
  readonly updatedAt: Uint32Array;
};

/** Bits of `PolicyColumns.flags`. */
export const POLICY_KNOWN = 1;
export const POLICY_DISABLED = 2;

/**
 * The map of the network. Never changed in place by those who apply snapshots: a new graph shares the columns that
 * stayed the same, so whoever holds an old one (a path search under way) may go on reading it.
 */
export type Graph = {
  readonly chainHash: BlockHash;
  /** Unix time up to which snapshots told: names the next delta. 0 when there was none. */
  readonly snapshotAt: number;
  /** Unix time of the last snapshot that told of every channel. 0 when there was none, or nobody wrote it down. */
  readonly wholeAt: number;
  /** Names the servers that told of it: without them it is begun anew. 0 when nobody wrote it down. */
  readonly origin: number;
  readonly nodes: NodeTable;
  readonly details: NodeDetails;
  readonly channels: ChannelColumns;
  readonly policies: PolicyColumns;
  /** The directed channels that lead to each node. */
  readonly incoming: Adjacency;
};

export const emptyChannels = (room: number): ChannelColumns => ({
  count: 0,
  scidHigh: new Uint32Array(room),
  scidLow: new Uint32Array(room),
  nodeA: new Uint32Array(room),
  nodeB: new Uint32Array(room),
  capacity: new Float64Array(room),
  announcedAt: new Uint32Array(room),
});

export const emptyPolicies = (channels: number): PolicyColumns => ({
  flags: new Uint8Array(2 * channels),
  cltvDelta: new Uint16Array(2 * channels),
  feeBase: new Uint32Array(2 * channels),
  feeProportionalMillionths: new Uint32Array(2 * channels),
  htlcMinimum: new Float64Array(2 * channels),
  htlcMaximum: new Float64Array(2 * channels),
  updatedAt: new Uint32Array(2 * channels),
});

export function emptyGraph(chainHash: BlockHash): Graph {
  return {
    chainHash,
    snapshotAt: 0,
    wholeAt: 0,
    origin: 0,
    nodes: emptyNodeTable,
    details: noNodeDetails,
    channels: emptyChannels(0),
    policies: emptyPolicies(0),
    incoming: noAdjacency,
  };
}

/** What the node says of itself; null where nothing is known. */
export const nodeDetailOf = ({ details }: Graph, index: number): NodeDetail | null =>
  nodeDetailAt(details, index);

/** The index of a node; -1 when the graph does not have it. */
export const nodeIndexOf = ({ nodes }: Graph, id: NodeId): number => findNode(nodes, id);

export const nodeIdAt = ({ nodes }: Graph, index: number): NodeId =>
  nodeId(toHex(nodes.keys.subarray(33 * index, 33 * index + 33)));

export const scidAt = ({ channels }: Graph, channel: number): Scid =>
  ((BigInt(channels.scidHigh[channel] ?? 0) << 32n) | BigInt(channels.scidLow[channel] ?? 0)) as Scid;

/** The index of a channel; -1 when the graph does not have it. */
export function channelIndexOf({ channels }: Graph, scid: Scid): number {
  const high = Number(scid >> 32n);
  const low = Number(scid & 0xffff_ffffn);
  let from = 0;
  let to = channels.count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const order = (channels.scidHigh[middle] ?? 0) - high || (channels.scidLow[middle] ?? 0) - low;
    if (order === 0) return middle;
    if (order < 0) from = middle + 1;
    else to = middle;
  }
  return -1;
}

/** One direction of a channel, as channel_update says it. */
export type DirectedPolicy = {
  readonly disabled: boolean;
  readonly cltvDelta: BlockDelta;
  readonly feeBase: Msat;
  readonly feeProportionalMillionths: number;
  readonly htlcMinimum: Msat;
  readonly htlcMaximum: Msat;
  readonly updatedAt: number;
};

/** Null when nothing was told of that direction. */
export function policyAt({ policies }: Graph, channel: number, direction: 0 | 1): DirectedPolicy | null {
  const edge = 2 * channel + direction;
  const flags = policies.flags[edge] ?? 0;
  if ((flags & POLICY_KNOWN) === 0) return null;
  return {
    disabled: (flags & POLICY_DISABLED) !== 0,
    cltvDelta: blockDelta(policies.cltvDelta[edge] ?? 0),
    feeBase: msat(policies.feeBase[edge] ?? 0),
    feeProportionalMillionths: policies.feeProportionalMillionths[edge] ?? 0,
    htlcMinimum: msat(policies.htlcMinimum[edge] ?? 0),
    htlcMaximum: msat(policies.htlcMaximum[edge] ?? 0),
    updatedAt: policies.updatedAt[edge] ?? 0,
  };
}
