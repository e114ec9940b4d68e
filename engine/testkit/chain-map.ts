import type { NodeId } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import { applySnapshot } from '../gossip/apply-snapshot.ts';
import { emptyGraph } from '../gossip/graph.ts';
import type { RouteMap } from '../payment/graph-routes.ts';
import { Scorer } from '../routing/scorer.ts';
import { routeView } from '../routing/view.ts';
import { writeSnapshot } from './snapshot-writer.ts';

/** A chain of nodes with so many channels from each to the next. */
export function chainMap(nodes: readonly NodeId[], channelsEach: number): RouteMap {
  const { genesisHash: chainHash } = NETWORKS.regtest;
  const channels = nodes.slice(1).flatMap((nodeB, i) =>
    Array.from({ length: channelsEach }, (_, n) => ({
      scid: BigInt(10 * i + n + 1),
      nodeA: nodes[i] ?? nodeB,
      nodeB,
      capacity: 1_000_000n,
    })),
  );
  const policies = channels.flatMap(({ scid }) =>
    ([0, 1] as const).map((direction) => ({ scid, direction, cltvDelta: 20, htlcMaximum: 10n ** 9n })),
  );
  const bytes = writeSnapshot({ version: 2, chainHash, at: 1_000_000, channels, policies });
  const graph = applySnapshot(emptyGraph(chainHash), bytes);
  if (!graph.ok) throw new Error(graph.error.code);
  return { view: routeView(graph.value), scorer: new Scorer() };
}
