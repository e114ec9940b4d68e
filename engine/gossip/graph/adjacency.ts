import type { ChannelColumns, PolicyColumns } from '../graph.ts';

/** For each node the directed channels (2 × channel + direction) that lead to it. */
export type Adjacency = {
  /** Of node `i`: `edges[starts[i]]` up to, not with, `edges[starts[i + 1]]`. */
  readonly starts: Uint32Array;
  readonly edges: Uint32Array;
};

const KNOWN = 1;
/** Directed channels between two moments in which others are served. */
const SLICE = 8_192;

export const noAdjacency: Adjacency = { starts: new Uint32Array(1), edges: new Uint32Array(0) };

/** Gives way now and then. */
export function* adjacencyOf(
  nodeCount: number,
  { count, nodeA, nodeB }: ChannelColumns,
  { flags }: PolicyColumns,
): Generator<undefined, Adjacency> {
  const starts = new Uint32Array(nodeCount + 2);
  let total = 0;
  for (let edge = 0; edge < 2 * count; edge++) {
    if (edge % SLICE === SLICE - 1) yield;
    if (((flags[edge] ?? 0) & KNOWN) === 0) continue;
    const target = (edge & 1) === 0 ? (nodeB[edge >>> 1] ?? 0) : (nodeA[edge >>> 1] ?? 0);
    // Two further: the second pass moves each start up to its end.
    starts[target + 2] = (starts[target + 2] ?? 0) + 1;
    total++;
  }
  for (let node = 2; node < starts.length; node++)
    starts[node] = (starts[node] ?? 0) + (starts[node - 1] ?? 0);
  const edges = new Uint32Array(total);
  for (let edge = 0; edge < 2 * count; edge++) {
    if (edge % SLICE === SLICE - 1) yield;
    if (((flags[edge] ?? 0) & KNOWN) === 0) continue;
    const target = (edge & 1) === 0 ? (nodeB[edge >>> 1] ?? 0) : (nodeA[edge >>> 1] ?? 0);
    const at = starts[target + 1] ?? 0;
    edges[at] = edge;
    starts[target + 1] = at + 1;
  }
  return { starts: starts.subarray(0, nodeCount + 1), edges };
}
