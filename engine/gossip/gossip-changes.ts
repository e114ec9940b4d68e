import { fromHex } from '../base/bytes.ts';
import type { NodeId } from '../base/ids.ts';
import type { Sat, Scid } from '../base/units.ts';
import { DIRECTION, DISABLE, type ChannelUpdate, type NodeAnnouncement } from '../wire/gossip.ts';
import {
  channelIndexOf,
  emptyChannels,
  nodeIndexOf,
  POLICY_DISABLED,
  POLICY_KNOWN,
  type ChannelColumns,
  type Graph,
  type PolicyColumns,
} from './graph.ts';
import { adjacencyOf } from './graph/adjacency.ts';
import { keepChannels } from './graph/keep-channels.ts';
import { NodeDetailsBuilder } from './graph/node-details.ts';
import { NodeTableBuilder } from './graph/node-table.ts';
import { mergeChannels } from './snapshot/announcements.ts';

/** A channel whose announcement and funding output were found right. */
export type FoundChannel = {
  readonly scid: Scid;
  readonly nodeA: NodeId;
  readonly nodeB: NodeId;
  readonly capacity: Sat;
  /** Unix time. */
  readonly announcedAt: number;
};

/** One direction of a channel, by name. */
export type EdgeName = `${bigint}/${0 | 1}`;
export const edgeName = ({ scid, channelFlags }: ChannelUpdate): EdgeName =>
  `${scid}/${(channelFlags & DIRECTION) as 0 | 1}`;

/** What peers told, verified, and not on the map yet. */
export class GossipChanges {
  readonly channels = new Map<Scid, FoundChannel>();
  /** The nodes of these. */
  readonly ends = new Set<NodeId>();
  readonly updates = new Map<EdgeName, ChannelUpdate>();
  readonly nodes = new Map<NodeId, NodeAnnouncement>();
  /** Nodes whose channels go. */
  readonly forgotten = new Set<NodeId>();

  addChannel(channel: FoundChannel): void {
    this.channels.set(channel.scid, channel);
    this.ends.add(channel.nodeA);
    this.ends.add(channel.nodeB);
  }

  get size(): number {
    return this.channels.size + this.updates.size + this.nodes.size + this.forgotten.size;
  }
}

/** Steps after which someone else may be served: see `applyInSlices`. */
const SLICE = 1_024;

/** A graph with the changes in it; `graph` stays as it was. Gives way now and then. */
export function* applyGossip(graph: Graph, changes: GossipChanges): Generator<undefined, Graph> {
  const found = [...changes.channels.values()].sort((a, b) => (a.scid < b.scid ? -1 : 1));
  const nodes = yield* NodeTableBuilder.of(graph.nodes, 2 * found.length);
  const told: { count: number } & Omit<ChannelColumns, 'count'> = emptyChannels(found.length);
  for (const [i, { scid, nodeA, nodeB, capacity, announcedAt }] of found.entries()) {
    if (i % SLICE === SLICE - 1) yield;
    const a = place(nodes, nodeA);
    const b = place(nodes, nodeB);
    // Crowded, by ids made to be: see NodeTableBuilder.
    if (a < 0 || b < 0) continue;
    const at = told.count++;
    told.scidHigh[at] = Number(scid >> 32n);
    told.scidLow[at] = Number(scid & 0xffff_ffffn);
    told.nodeA[at] = a;
    told.nodeB[at] = b;
    told.capacity[at] = Number(capacity);
    told.announcedAt[at] = announcedAt;
  }
  yield;
  const { channels, policies } = yield* mergeChannels(graph.channels, graph.policies, told);
  yield;
  const merged: Graph = { ...graph, nodes: nodes.done(), channels, policies };
  let done = 0;
  for (const update of changes.updates.values()) {
    if (++done % SLICE === 0) yield;
    const channel = channelIndexOf(merged, update.scid);
    if (channel >= 0) putUpdate(policies, channel, channels.capacity[channel] ?? 0, update);
  }
  const details = new NodeDetailsBuilder(graph.details, merged.nodes.count);
  for (const { nodeId, features, addresses, alias, timestamp } of changes.nodes.values()) {
    if (++done % SLICE === 0) yield;
    const node = nodeIndexOf(merged, nodeId);
    if (node >= 0)
      details.put(node, { features, addresses, alias: withoutZeros(alias), announcedAt: timestamp });
  }
  yield;
  const whole: Graph = {
    ...merged,
    details: yield* details.done(merged.nodes.count),
    incoming: yield* adjacencyOf(merged.nodes.count, channels, policies),
  };
  if (changes.forgotten.size === 0) return whole;
  yield;
  const gone = new Set([...changes.forgotten].map((id) => nodeIndexOf(whole, id)));
  return yield* keepChannels(
    whole,
    (channel) => !gone.has(channels.nodeA[channel] ?? -1) && !gone.has(channels.nodeB[channel] ?? -1),
  );
}

function place(nodes: NodeTableBuilder, id: NodeId): number {
  const bytes = fromHex(id);
  return nodes.add(bytes, 0, bytes[0] ?? 0);
}

function putUpdate(policies: PolicyColumns, channel: number, capacity: number, update: ChannelUpdate): void {
  const edge = 2 * channel + (update.channelFlags & DIRECTION);
  if (
    ((policies.flags[edge] ?? 0) & POLICY_KNOWN) !== 0 &&
    (policies.updatedAt[edge] ?? 0) >= update.timestamp
  )
    return;
  const most = capacity === 0 ? ALL_MONEY : BigInt(capacity) * 1000n;
  // BOLT 7 §channel_update: "if `htlc_maximum_msat` < `htlc_minimum_msat`: SHOULD ignore this channel during route
  // considerations. if `htlc_maximum_msat` is greater than channel capacity: […] SHOULD ignore this channel during
  // route considerations."
  const isUsable = update.htlcMinimum <= update.htlcMaximum && update.htlcMaximum <= most;
  const isOff = !isUsable || (update.channelFlags & DISABLE) !== 0;
  policies.flags[edge] = POLICY_KNOWN | (isOff ? POLICY_DISABLED : 0);
  policies.cltvDelta[edge] = update.cltvExpiryDelta;
  policies.feeBase[edge] = update.feeBase;
  policies.feeProportionalMillionths[edge] = update.feeProportionalMillionths;
  policies.htlcMinimum[edge] = Number(update.htlcMinimum < ALL_MONEY ? update.htlcMinimum : ALL_MONEY);
  policies.htlcMaximum[edge] = Number(update.htlcMaximum < most ? update.htlcMaximum : most);
  policies.updatedAt[edge] = update.timestamp;
}

/** 21 million bitcoin, in millisatoshis. */
const ALL_MONEY = 2_100_000_000_000_000_000n;

function withoutZeros(alias: Uint8Array): Uint8Array {
  let end = alias.length;
  while (end > 0 && alias[end - 1] === 0) end--;
  return alias.slice(0, end);
}
