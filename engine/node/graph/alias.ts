import type { NodeId } from '../../base/ids.ts';
import { nodeDetailOf, nodeIndexOf, type Graph } from '../../gossip/graph.ts';
import { aliasOf } from '../../gossip/node-alias.ts';

/** What the node at `index` calls itself; null when it says nothing that can be shown. Anybody may take any name. */
export function aliasAt(graph: Graph, index: number): string | null {
  const detail = nodeDetailOf(graph, index);
  return detail === null ? null : aliasOf(detail) || null;
}

export type AliasOf = (id: NodeId) => string | null;

export function aliasOfNode(graph: Graph, id: NodeId): string | null {
  const index = nodeIndexOf(graph, id);
  return index < 0 ? null : aliasAt(graph, index);
}
