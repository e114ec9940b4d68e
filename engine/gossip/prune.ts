import type { Timestamp } from '../base/units.ts';
import { emptyChannels, emptyPolicies, POLICY_KNOWN, type Graph } from './graph.ts';
import { adjacencyOf } from './graph/adjacency.ts';
import { copyPolicy } from './graph/policies.ts';

const STALE_SECONDS = 14 * 86_400;

/**
 * Without the channels of which nobody told anything for two weeks.
 * BOLT 7 §Pruning the Network View: "if the `timestamp` of the latest `channel_update` in either direction is older
 * than two weeks (1209600 seconds): MAY prune the channel." Both directions are judged: a node that is away for long
 * is of no use even where its peer keeps saying so. A channel that was announced lately has that time to be told of.
 */
export function pruneStale(graph: Graph, now: Timestamp): Graph {
  const since = now - STALE_SECONDS;
  const { channels, policies } = graph;
  const isFresh = (edge: number): boolean =>
    ((policies.flags[edge] ?? 0) & POLICY_KNOWN) !== 0 && (policies.updatedAt[edge] ?? 0) >= since;
  const isKept = (channel: number): boolean =>
    (channels.announcedAt[channel] ?? 0) >= since || (isFresh(2 * channel) && isFresh(2 * channel + 1));

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
