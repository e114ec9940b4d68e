import type { NodeId } from '../base/ids.ts';
import type { Scid } from '../base/units.ts';
import { closedNodes } from '../gossip/closed-nodes.ts';
import { channelIndexOf, nodeIdAt, POLICY_DISABLED, POLICY_KNOWN, type Graph } from '../gossip/graph.ts';
import { ranOut } from '../base/slices.ts';
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
  /** The node that the channel leads from. */
  readonly source: Uint32Array;
  /** 2 × channel + direction of the graph. */
  readonly edge: Uint32Array;
  readonly feeBase: Uint32Array;
  readonly feeProportionalMillionths: Uint32Array;
  readonly cltvDelta: Uint16Array;
  readonly htlcMinimum: Float64Array;
  readonly htlcMaximum: Float64Array;
  /** Millisatoshis. Where it is not known: the larger of what the two ends take. */
  readonly capacity: Float64Array;
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
  const view = {
    source: new Uint32Array(usable),
    edge: new Uint32Array(usable),
    feeBase: new Uint32Array(usable),
    feeProportionalMillionths: new Uint32Array(usable),
    cltvDelta: new Uint16Array(usable),
    htlcMinimum: new Float64Array(usable),
    htlcMaximum: new Float64Array(usable),
    capacity: new Float64Array(usable),
  };
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
      view.source[row] = source;
      view.edge[row] = edge;
      view.feeBase[row] = policies.feeBase[edge] ?? 0;
      view.feeProportionalMillionths[row] = policies.feeProportionalMillionths[edge] ?? 0;
      view.cltvDelta[row] = policies.cltvDelta[edge] ?? 0;
      view.htlcMinimum[row] = policies.htlcMinimum[edge] ?? 0;
      view.htlcMaximum[row] = maximum;
      view.capacity[row] = capacityOf(graph, channel);
      row++;
    }
  }
  starts[nodeCount] = row;
  yield;
  const out = yield* outgoing(nodeCount, starts, view.source);
  return { graph, nodeCount, starts, ...view, ...out, space: new SearchSpace(nodeCount, 2 * channels.count) };
}

/** The same with scratch of its own: for searches in slices, between which others search. */
export const withOwnSpace = (view: RouteView): RouteView => ({
  ...view,
  space: new SearchSpace(view.nodeCount, 2 * view.graph.channels.count),
});

function* outgoing(
  nodeCount: number,
  starts: Uint32Array,
  source: Uint32Array,
): Generator<undefined, Pick<RouteView, 'outStarts' | 'outRows' | 'outTargets'>> {
  const rows = starts[nodeCount] ?? 0;
  const outStarts = new Uint32Array(nodeCount + 1);
  for (let row = 0; row < rows; row++) {
    if (row % SLICE === SLICE - 1) yield;
    const after = (source[row] ?? 0) + 1;
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
      const from = source[row] ?? 0;
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

/** Millisatoshis. Where it was not told: the larger of what the two ends take. What nobody has is cut to what a record holds. */
export function capacityOf({ channels, policies }: Graph, channel: number): number {
  const known = (channels.capacity[channel] ?? 0) * 1000;
  const [a, b] = [policies.htlcMaximum[2 * channel] ?? 0, policies.htlcMaximum[2 * channel + 1] ?? 0];
  return Math.min(known > 0 ? known : Math.max(a, b), Number.MAX_SAFE_INTEGER);
}
