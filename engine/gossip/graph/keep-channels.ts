import { emptyChannels, emptyPolicies, type Graph } from '../graph.ts';
import { adjacencyOf } from './adjacency.ts';
import { copyPolicy } from './policies.ts';

/** The graph with those channels alone that `isKept` (an index) names; the same graph when that is all. */
export function keepChannels(graph: Graph, isKept: (channel: number) => boolean): Graph {
  const { channels, policies } = graph;
  let kept = 0;
  for (let channel = 0; channel < channels.count; channel++) if (isKept(channel)) kept++;
  if (kept === channels.count) return graph;
  const columns = emptyChannels(kept);
  const left = emptyPolicies(kept);
  let at = 0;
  for (let channel = 0; channel < channels.count; channel++) {
    if (!isKept(channel)) continue;
    columns.scidHigh[at] = channels.scidHigh[channel] ?? 0;
    columns.scidLow[at] = channels.scidLow[channel] ?? 0;
    columns.nodeA[at] = channels.nodeA[channel] ?? 0;
    columns.nodeB[at] = channels.nodeB[channel] ?? 0;
    columns.capacity[at] = channels.capacity[channel] ?? 0;
    columns.announcedAt[at] = channels.announcedAt[channel] ?? 0;
    copyPolicy(policies, 2 * channel, left, 2 * at);
    copyPolicy(policies, 2 * channel + 1, left, 2 * at + 1);
    at++;
  }
  const pruned = { ...columns, count: kept };
  return {
    ...graph,
    channels: pruned,
    policies: left,
    incoming: adjacencyOf(graph.nodes.count, pruned, left),
  };
}
