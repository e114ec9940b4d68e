import { ranOut } from '../base/slices.ts';
import type { Graph } from './graph.ts';

/** Of node `i`: `channels[starts[i]]` up to, not with, `channels[starts[i + 1]]`. */
type Index = { readonly starts: Uint32Array; readonly channels: Uint32Array };

/** Made when first asked for: only who looks around on the map needs it, and then often. */
const indices = new WeakMap<Graph, Index>();

/**
 * The channels of a node, in rising order, told of or not: `graph.incoming` has only those that a channel_update was
 * heard of. Of the first question about a graph all channels are walked once.
 */
export function channelsOfNode(graph: Graph, node: number): Uint32Array {
  const index = indices.get(graph) ?? ranOut(walkChannels(graph));
  return index.channels.subarray(index.starts[node] ?? 0, index.starts[node + 1] ?? 0);
}

/** Channels between two moments in which others are served. */
const SLICE = 4_096;

/** What the first question does, giving way now and then. */
export function* walkChannels(graph: Graph): Generator<undefined, Index> {
  const known = indices.get(graph);
  if (known !== undefined) return known;
  const { nodes } = graph;
  const { count, nodeA, nodeB } = graph.channels;
  const starts = new Uint32Array(nodes.count + 2);
  const countIn = (node: number): void => void (starts[node + 2] = (starts[node + 2] ?? 0) + 1);
  for (let channel = 0; channel < count; channel++) {
    if (channel % SLICE === SLICE - 1) yield;
    countIn(nodeA[channel] ?? 0);
    countIn(nodeB[channel] ?? 0);
  }
  for (let node = 2; node < starts.length; node++)
    starts[node] = (starts[node] ?? 0) + (starts[node - 1] ?? 0);
  const channels = new Uint32Array(2 * count);
  const putIn = (node: number, channel: number): void => {
    const at = starts[node + 1] ?? 0;
    channels[at] = channel;
    // Each start moves up to its end, which is where the next begins.
    starts[node + 1] = at + 1;
  };
  for (let channel = 0; channel < count; channel++) {
    if (channel % SLICE === SLICE - 1) yield;
    putIn(nodeA[channel] ?? 0, channel);
    putIn(nodeB[channel] ?? 0, channel);
  }
  const index = { starts: starts.subarray(0, nodes.count + 1), channels };
  indices.set(graph, index);
  return index;
}
