import { emptyChannels, emptyPolicies, type ChannelColumns, type Graph } from '../graph.ts';
import { adjacencyOf } from './adjacency.ts';
import { keepDetails } from './node-details.ts';
import { emptyNodeTable, NodeTableBuilder } from './node-table.ts';
import { copyPolicy } from './policies.ts';

/** Channels or nodes between two moments in which others are served. */
const SLICE = 1_024;
const NODE_BYTES = 33;

/**
 * The graph with those channels alone that `isKept` (an index) names, and the nodes that have one; the same graph when
 * that is all. Gives way now and then.
 */
export function* keepChannels(
  graph: Graph,
  isKept: (channel: number) => boolean,
): Generator<undefined, Graph> {
  const { channels, policies } = graph;
  const rows = new Uint32Array(channels.count);
  let kept = 0;
  for (let channel = 0; channel < channels.count; channel++) {
    if (isKept(channel)) rows[kept++] = channel;
    if (channel % SLICE === SLICE - 1) yield;
  }
  const columns = { ...emptyChannels(kept), count: kept };
  const left = emptyPolicies(kept);
  for (let at = 0; at < kept; at++) {
    const channel = rows[at] ?? 0;
    columns.scidHigh[at] = channels.scidHigh[channel] ?? 0;
    columns.scidLow[at] = channels.scidLow[channel] ?? 0;
    columns.nodeA[at] = channels.nodeA[channel] ?? 0;
    columns.nodeB[at] = channels.nodeB[channel] ?? 0;
    columns.capacity[at] = channels.capacity[channel] ?? 0;
    columns.announcedAt[at] = channels.announcedAt[channel] ?? 0;
    copyPolicy(policies, 2 * channel, left, 2 * at);
    copyPolicy(policies, 2 * channel + 1, left, 2 * at + 1);
    if (at % SLICE === SLICE - 1) yield;
  }
  const nodes = yield* keepNodes(graph, columns);
  if (nodes === null && kept === channels.count) return graph;
  yield;
  const count = nodes?.nodes.count ?? graph.nodes.count;
  return {
    ...graph,
    ...nodes,
    channels: columns,
    policies: left,
    incoming: yield* adjacencyOf(count, columns, left),
  };
}

/** Numbers the nodes of these channels anew, in the channels too; null where each node has one. */
function* keepNodes(
  { nodes, details }: Graph,
  { count, nodeA, nodeB }: ChannelColumns,
): Generator<undefined, Pick<Graph, 'nodes' | 'details'> | null> {
  const places = new Uint32Array(nodes.count);
  for (let channel = 0; channel < count; channel++) {
    for (const ends of [nodeA, nodeB]) places[ends[channel] ?? 0] = 1;
    if (channel % SLICE === SLICE - 1) yield;
  }
  const rows = new Uint32Array(nodes.count);
  let kept = 0;
  for (let node = 0; node < nodes.count; node++) {
    if (places[node] === 1) rows[kept++] = node;
    if (node % SLICE === SLICE - 1) yield;
  }
  if (kept === nodes.count) return null;
  yield;
  const builder = yield* NodeTableBuilder.of(emptyNodeTable, kept);
  for (let at = 0; at < kept; at++) {
    const start = NODE_BYTES * (rows[at] ?? 0);
    // One that finds no place in the table that is made anew would be another then.
    if (builder.add(nodes.keys, start, nodes.keys[start] ?? 0) !== at) return null;
    places[rows[at] ?? 0] = at;
    if (at % SLICE === SLICE - 1) yield;
  }
  for (let channel = 0; channel < count; channel++) {
    for (const ends of [nodeA, nodeB]) ends[channel] = places[ends[channel] ?? 0] ?? 0;
    if (channel % SLICE === SLICE - 1) yield;
  }
  yield;
  return { nodes: builder.done(), details: yield* keepDetails(details, rows.subarray(0, kept)) };
}
