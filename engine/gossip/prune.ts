import { ranOut } from '../base/slices.ts';
import type { Timestamp } from '../base/units.ts';
import { POLICY_KNOWN, type Graph } from './graph.ts';
import { keepChannels } from './graph/keep-channels.ts';

/** BOLT 7 §Pruning the Network View: "older than two weeks (1209600 seconds)". */
export const STALE_SECONDS = 1_209_600;

/**
 * Without the channels of which nobody told anything for two weeks, and the nodes whose last one that was. Gives way
 * now and then.
 * BOLT 7 §Pruning the Network View: "if the `timestamp` of the latest `channel_update` in either direction is older
 * than two weeks (1209600 seconds): MAY prune the channel." Both directions are judged: a node that is away for long
 * is of no use even where its peer keeps saying so. A channel that was announced lately has that time to be told of.
 *
 * DIVERGES from BOLT 7 §Pruning the Network View "if the funding output of a channel is spent and received 72 block
 * confirmations: SHOULD be removed": because Esplora tells of no spends unasked, and fifty thousand questions a block are
 * too many. A closed channel goes when nobody has told of it for two weeks; until then payments fail over it and learn.
 */
export function* pruneInSlices(graph: Graph, now: Timestamp): Generator<undefined, Graph> {
  const since = now - STALE_SECONDS;
  const { channels, policies } = graph;
  const isFresh = (edge: number): boolean =>
    ((policies.flags[edge] ?? 0) & POLICY_KNOWN) !== 0 && (policies.updatedAt[edge] ?? 0) >= since;
  return yield* keepChannels(
    graph,
    (channel) =>
      (channels.announcedAt[channel] ?? 0) >= since || (isFresh(2 * channel) && isFresh(2 * channel + 1)),
  );
}

/** The same at once. */
export const pruneStale = (graph: Graph, now: Timestamp): Graph => ranOut(pruneInSlices(graph, now));
