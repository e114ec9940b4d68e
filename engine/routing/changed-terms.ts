import { channelIndexOf, policyAt, type Graph } from '../gossip/graph.ts';
import type { Scorer } from './scorer.ts';

/**
 * Channels that passed nothing on by the terms of `before` are no longer gone around where `after` has other ones: that
 * a fee had risen, or an end was away, is told by the next channel_update. Terms are compared, not their age: a snapshot
 * gives all that it tells of the same age.
 */
export function pardonChanged(scorer: Scorer, before: Graph, after: Graph): void {
  for (const { what } of scorer.shuns)
    if (typeof what === 'bigint') {
      const [was, is] = [channelIndexOf(before, what), channelIndexOf(after, what)];
      if (was < 0 || is < 0) continue;
      if (
        ([0, 1] as const).some(
          (direction) => termsOf(before, was, direction) !== termsOf(after, is, direction),
        )
      )
        scorer.pardon(what);
    }
}

function termsOf(graph: Graph, channel: number, direction: 0 | 1): string {
  const policy = policyAt(graph, channel, direction);
  if (policy === null) return '';
  const { disabled, cltvDelta, feeBase, feeProportionalMillionths, htlcMinimum, htlcMaximum } = policy;
  return [disabled, cltvDelta, feeBase, feeProportionalMillionths, htlcMinimum, htlcMaximum].join();
}
