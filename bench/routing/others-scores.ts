import { type Graph } from '../../engine/gossip/graph.ts';
import { balances, offer, type Prior } from './judge.ts';
import type { LdkRouter } from './ldk-router.ts';
import { LeydenRouter } from './leyden-router.ts';
import { SNAPSHOT_AT } from './network.ts';
import { queries } from './query.ts';

const DAYS = 14;
const DAY = 86_400;

/** The balances of one day: where each channel's money usually lies, and a little of chance. */
export function balancesOf(graph: Graph, prior: Prior, day: number): Float64Array {
  const usual = balances(graph, prior, 20_260_203);
  const other = balances(graph, prior, 1_000 + day);
  return usual.map((held, channel) => Math.floor(0.8 * held + 0.2 * (other[channel] ?? held)));
}

/** What LDK's scorer writes of two weeks of probes, the last of them a day ago. */
export function learntByProbing(
  leyden: LeydenRouter,
  ldk: LdkRouter,
  prior: Prior,
  probesEachDay: number,
): Uint8Array {
  const { graph } = leyden;
  const scout = new LeydenRouter();
  scout.use(graph);
  for (let day = 0; day < DAYS; day++) {
    const at = SNAPSHOT_AT - (DAYS - day) * DAY;
    const truth = balancesOf(graph, prior, day);
    const asked = queries(graph, probesEachDay, {
      seed: day,
      leastSat: 10_000,
      mostSat: 1_000_000,
      maxParts: 1,
    });
    for (const query of asked)
      for (const part of scout.find(query, []) ?? [])
        ldk.probed(part, offer(graph, truth.slice(), query.payer, part), at);
  }
  return ldk.scores();
}
