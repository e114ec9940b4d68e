import type { NodeId } from '../base/ids.ts';
import type { Scid } from '../base/units.ts';
import { closedNodes } from '../gossip/closed-nodes.ts';
import { channelIndexOf, nodeIdAt, POLICY_DISABLED, POLICY_KNOWN, type Graph } from '../gossip/graph.ts';
import { ranOut } from '../base/slices.ts';
import { ChannelRows } from './rows.ts';
import { SearchSpace } from './search/space.ts';

/**
 * A graph laid out for searching: the usable directions of all channels, those that lead to one node side by side, in
 * the order in which a search reads them. Made once for each graph (a few milliseconds), and cheap to keep.
 */
export type RouteView = {
  readonly graph: Graph;
  readonly nodeCount: number;
  /** Of node `i`: rows `starts[i]` up to, not with, `starts[i + 1]`. */
  readonly starts: Uint32Array;
  readonly rows: ChannelRows;
  /** The rows by the node that they lead from: of node `i`, `outStarts[i]` up to `outStarts[i + 1]`. */
  readonly outStarts: Uint32Array;
  readonly outRows: Uint32Array;
  /** By place in `outRows`: the node that the row leads to. */
  readonly outTargets: Uint32Array;
  /** Scratch of searches, which run one after the other. */
  readonly space: SearchSpace;
};

/** Directed channels between two moments in which others are served. */
const SLICE = 4_096;

export function routeView(graph: Graph): RouteView {
  return ranOut(routeViewInSlices(graph));
}

/** The same, giving way every few thousand steps. */
export function* routeViewInSlices(graph: Graph): Generator<undefined, RouteView> {
  const { channels, policies, incoming } = graph;
  const nodeCount = graph.nodes.count;
  const usable = incoming.edges.length;
  const starts = new Uint32Array(nodeCount + 1);
  const rows = new ChannelRows(usable);
  const closed = yield* closedNodes(graph);
  yield;
  let row = 0;
  for (let node = 0; node < nodeCount; node++) {
    starts[node] = row;
    const end = incoming.starts[node + 1] ?? 0;
    for (let at = incoming.starts[node] ?? 0; at < end; at++) {
      if (at % SLICE === SLICE - 1) yield;
      const edge = incoming.edges[at] ?? 0;
      const flags = policies.flags[edge] ?? 0;
      const maximum = policies.htlcMaximum[edge] ?? 0;
      if ((flags & POLICY_KNOWN) === 0 || (flags & POLICY_DISABLED) !== 0 || maximum === 0) continue;
      const channel = edge >>> 1;
      const source = ((edge & 1) === 0 ? channels.nodeA[channel] : channels.nodeB[channel]) ?? 0;
      if (closed.has(source)) continue;
      rows.set(row, {
        source,
        edge,
        feeBase: policies.feeBase[edge] ?? 0,
        feeProportionalMillionths: policies.feeProportionalMillionths[edge] ?? 0,
        cltvDelta: policies.cltvDelta[edge] ?? 0,
        htlcMinimum: policies.htlcMinimum[edge] ?? 0,
        htlcMaximum: maximum,
        capacity: capacityOf(graph, channel),
      });
      row++;
    }
  }
  starts[nodeCount] = row;
  yield;
  const out = yield* outgoing(nodeCount, starts, rows);
  return { graph, nodeCount, starts, rows, ...out, space: new SearchSpace(nodeCount, row) };
}

/** The same with scratch of its own: for searches in slices, between which others search. */
export const withOwnSpace = (view: RouteView): RouteView => ({
  ...view,
  space: new SearchSpace(view.nodeCount, view.starts[view.nodeCount] ?? 0),
});

function* outgoing(
  nodeCount: number,
  starts: Uint32Array,
  channels: ChannelRows,
): Generator<undefined, Pick<RouteView, 'outStarts' | 'outRows' | 'outTargets'>> {
  const rows = starts[nodeCount] ?? 0;
  const outStarts = new Uint32Array(nodeCount + 1);
  for (let row = 0; row < rows; row++) {
    if (row % SLICE === SLICE - 1) yield;
    const after = channels.source(row) + 1;
    outStarts[after] = (outStarts[after] ?? 0) + 1;
  }
  for (let node = 0; node < nodeCount; node++)
    outStarts[node + 1] = (outStarts[node + 1] ?? 0) + (outStarts[node] ?? 0);
  const filled = outStarts.slice();
  const outRows = new Uint32Array(rows);
  const outTargets = new Uint32Array(rows);
  for (let node = 0; node < nodeCount; node++) {
    const end = starts[node + 1] ?? 0;
    for (let row = starts[node] ?? 0; row < end; row++) {
      if (row % SLICE === SLICE - 1) yield;
      const from = channels.source(row);
      const at = filled[from] ?? 0;
      filled[from] = at + 1;
      outRows[at] = row;
      outTargets[at] = node;
    }
  }
  return { outStarts, outRows, outTargets };
}

/** The directed channel of that name; −1 when the graph has none that leads from there (to there, where that is said). */
export function directedOf(graph: Graph, scid: Scid, from: NodeId, to?: NodeId): number {
  const channel = channelIndexOf(graph, scid);
  if (channel < 0) return -1;
  const { nodeA, nodeB } = graph.channels;
  const ends = [nodeIdAt(graph, nodeA[channel] ?? 0), nodeIdAt(graph, nodeB[channel] ?? 0)] as const;
  const direction = ends[0] === from ? 0 : 1;
  const isThere = ends[direction] === from && (to === undefined || ends[1 - direction] === to);
  return isThere ? 2 * channel + direction : -1;
}

/** The row of that directed channel; −1 when it cannot be used. Looked for at the end that has fewer. */
export function rowOf({ graph, starts, outStarts, outRows, rows }: RouteView, name: number): number {
  const { nodeA, nodeB } = graph.channels;
  const isForward = (name & 1) === 0;
  const from = (isForward ? nodeA : nodeB)[name >>> 1] ?? 0;
  const to = (isForward ? nodeB : nodeA)[name >>> 1] ?? 0;
  const [first, end] = [starts[to] ?? 0, starts[to + 1] ?? 0];
  const [outFirst, outEnd] = [outStarts[from] ?? 0, outStarts[from + 1] ?? 0];
  if (end - first <= outEnd - outFirst) {
    for (let row = first; row < end; row++) if (rows.edge(row) === name) return row;
    return -1;
  }
  for (let at = outFirst; at < outEnd; at++) {
    const row = outRows[at] ?? 0;
    if (rows.edge(row) === name) return row;
  }
  return -1;
}

/** Millisatoshis. Where it was not told: the larger of what the two ends take. What nobody has is cut to what a record holds. */
export function capacityOf({ channels, policies }: Graph, channel: number): number {
  const known = (channels.capacity[channel] ?? 0) * 1000;
  const [a, b] = [policies.htlcMaximum[2 * channel] ?? 0, policies.htlcMaximum[2 * channel + 1] ?? 0];
  return Math.min(known > 0 ? known : Math.max(a, b), Number.MAX_SAFE_INTEGER);
}
