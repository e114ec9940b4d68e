import { ranOut } from '../base/slices.ts';
import type { Graph } from './graph.ts';
import { nodeIdAt } from './graph.ts';
import { channelsOfNode, walkChannels } from './channels-of-node.ts';
import { nodeDetailAt, type NodeDetails } from './graph/node-details.ts';
import { aliasOf } from './node-alias.ts';

/** Names as they are compared, by index of the node; made when first asked for. */
const names = new WeakMap<NodeDetails, readonly string[]>();

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

/** Nodes between two moments in which others are served. */
const SLICE = 1_024;

function* namesOf({ details }: Graph): Generator<undefined, readonly string[]> {
  const known = names.get(details);
  if (known !== undefined) return known;
  const made: string[] = [];
  for (let node = 0; node < details.starts.length; node++) {
    if (node % SLICE === SLICE - 1) yield;
    const detail = nodeDetailAt(details, node);
    made.push(detail === null ? '' : folded(aliasOf(detail)));
  }
  names.set(details, made);
  return made;
}

/**
 * Indices of the nodes whose name holds `text`, or whose id begins with it, at most `limit`: the very name first, then
 * names that begin so, among equals those with more channels. A name proves nothing: anybody may take any.
 */
export const findNodes = (graph: Graph, text: string, limit: number): readonly number[] =>
  ranOut(findNodesInSlices(graph, text, limit));

/** The same, giving way every thousand nodes. */
export function* findNodesInSlices(
  graph: Graph,
  text: string,
  limit: number,
): Generator<undefined, readonly number[]> {
  const wanted = folded(text.trim());
  if (wanted === '') return [];
  const all = yield* namesOf(graph);
  yield* walkChannels(graph);
  const mayBeId = /^[0-9a-f]{4,66}$/.test(wanted);
  const found: { readonly node: number; readonly rank: number; readonly channels: number }[] = [];
  for (let node = 0; node < graph.nodes.count; node++) {
    if (node % SLICE === SLICE - 1) yield;
    const rank =
      rankOf(all[node] ?? '', wanted) ?? (mayBeId && nodeIdAt(graph, node).startsWith(wanted) ? 0 : null);
    if (rank !== null) found.push({ node, rank, channels: channelsOfNode(graph, node).length });
  }
  return found
    .sort((a, b) => a.rank - b.rank || b.channels - a.channels || a.node - b.node)
    .slice(0, limit)
    .map(({ node }) => node);
}

function rankOf(name: string, wanted: string): number | null {
  const at = name.indexOf(wanted);
  if (at < 0) return null;
  return at > 0 ? 2 : name === wanted ? 0 : 1;
}
