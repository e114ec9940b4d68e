import { NETWORKS } from '../../engine/base/network.ts';
import type { Result } from '../../engine/base/result.ts';
import { blockDelta, msat, timestamp, type Scid } from '../../engine/base/units.ts';
import { applySnapshot } from '../../engine/gossip/apply-snapshot.ts';
import { channelIndexOf, emptyGraph, nodeIdAt, type Graph } from '../../engine/gossip/graph.ts';
import { decodeGraph } from '../../engine/gossip/graph-record.ts';
import type { ExternalScores } from '../../engine/routing/external-scores.ts';
import { findRoute } from '../../engine/routing/find-route.ts';
import type { FindRouteRefusal, Route, RouteRequest } from '../../engine/routing/route.ts';
import { Scorer } from '../../engine/routing/scorer.ts';
import { routeView, type RouteView } from '../../engine/routing/view.ts';
import { faultsOf } from '../../engine/testkit/route-check.ts';
import { unwrapOk } from '../node/unwrap.ts';
import { SNAPSHOT_AT } from './network.ts';
import type { FoundPart, Lesson, Query, Router } from './query.ts';

/** What is asked of us for a question of the bench. */
export const requestOf = (query: Query, avoid: readonly bigint[]): RouteRequest => ({
  payer: query.payer,
  payee: query.payee,
  amountMsat: msat(query.amountMsat),
  finalCltvDelta: blockDelta(40),
  maxFeeMsat: msat(query.maxFeeMsat),
  maxCltvDelta: blockDelta(1_008),
  maxParts: query.maxParts,
  avoid: { scids: new Set(avoid as Scid[]) },
  now: timestamp(SNAPSHOT_AT),
});

type Found = { readonly query: Query; readonly avoid: readonly bigint[]; readonly route: Route };

export class LeydenRouter implements Router {
  graph: Graph = emptyGraph(NETWORKS.mainnet.genesisHash);
  #view: RouteView | null = null;
  #scorer = new Scorer();
  #last: Found | null = null;

  apply(bytes: Uint8Array, now: number = SNAPSHOT_AT): void {
    this.use(unwrapOk(applySnapshot(this.graph, bytes, timestamp(now))));
  }

  /** What `encodeGraph` kept. */
  reload(bytes: Uint8Array): void {
    this.use(unwrapOk(decodeGraph(NETWORKS.mainnet.genesisHash, bytes)));
  }

  /** What payments taught. */
  forget(): void {
    this.#scorer = new Scorer();
  }

  /** Those of others. */
  merge(scores: ExternalScores): void {
    this.#scorer.merge(scores);
  }

  use(graph: Graph): void {
    this.graph = graph;
    this.#view = routeView(graph);
  }

  search(query: Query, avoid: readonly bigint[]): Result<Route, FindRouteRefusal> {
    if (this.#view === null) throw new Error('apply a snapshot first');
    return findRoute(this.#view, this.#scorer, requestOf(query, avoid));
  }

  find(query: Query, avoid: readonly bigint[]): readonly FoundPart[] | null {
    const found = this.search(query, avoid);
    this.#last = found.ok ? { query, avoid, route: found.value } : null;
    return found.ok ? found.value : null;
  }

  check(): void {
    if (this.#last !== null) this.assertValid(this.#last);
  }

  /** What is counted as found, priced or paid is a way that every node on it would take, as far as the map tells. */
  assertValid({ query, avoid, route }: Found): void {
    const faults = faultsOf(this.graph, requestOf(query, avoid), route);
    if (faults.length > 0) throw new Error(`a way that does not hold: ${faults.join(', ')}`);
  }

  learn(lessons: readonly Lesson[]): void {
    for (const { part, refusedAt } of lessons)
      for (const [i, { scid, nodeId, amountMsat }] of part.entries()) {
        if (refusedAt !== null && i > refusedAt) break;
        const channel = channelIndexOf(this.graph, scid as Scid);
        const { nodeB, capacity } = this.graph.channels;
        const direction = nodeIdAt(this.graph, nodeB[channel] ?? 0) === nodeId ? 0 : 1;
        const { htlcMaximum } = this.graph.policies;
        const known = (capacity[channel] ?? 0) * 1000;
        const room =
          known > 0 ? known : Math.max(htlcMaximum[2 * channel] ?? 0, htlcMaximum[2 * channel + 1] ?? 0);
        const outcome = i === refusedAt ? 'refused' : refusedAt === null ? 'kept' : 'passed';
        this.#scorer.learn(
          { scid: scid as Scid, direction, amount: Number(amountMsat), outcome },
          room,
          SNAPSHOT_AT,
        );
      }
  }
}
