import type { Graph } from '../../engine/gossip/graph.ts';
import { nodeIdAt } from '../../engine/gossip/graph.ts';
import type { NodeId } from '../../engine/base/ids.ts';
import { drawer } from '../../engine/testkit/told-network.ts';

export type Query = {
  readonly payer: NodeId;
  readonly payee: NodeId;
  readonly amountMsat: bigint;
  readonly maxFeeMsat: bigint;
  readonly maxParts: number;
};

/** A hop as both sides give it: what arrives at the end of the channel. */
export type FoundHop = { readonly scid: bigint; readonly nodeId: NodeId; readonly amountMsat: bigint };
export type FoundPart = readonly FoundHop[];

/** What an attempt came to: the place of the channel that refused, or null when it arrived. */
export type Lesson = { readonly part: FoundPart; readonly refusedAt: number | null };

export type Router = {
  /** Null when there is none. `avoid`: channels that refused this payment before. */
  readonly find: (query: Query, avoid: readonly bigint[]) => readonly FoundPart[] | null;
  /** Throws where what was found last is no way that every node on it would take, as far as the map tells. */
  readonly check?: () => void;
  readonly learn: (lessons: readonly Lesson[]) => void;
  readonly forget: () => void;
};

/**
 * Payments between nodes that have channels in use, each as likely; amounts from `leastSat` to `mostSat`, as likely in
 * each order of magnitude. Most may pay one per cent and 50 sat, as LDK's RouteParameters do by default.
 */
export function queries(
  graph: Graph,
  count: number,
  {
    seed,
    leastSat,
    mostSat,
    maxParts,
  }: {
    readonly seed: number;
    readonly leastSat: number;
    readonly mostSat: number;
    readonly maxParts: number;
  },
): readonly Query[] {
  const draw = drawer(seed);
  const live: number[] = [];
  for (let node = 0; node < graph.nodes.count; node++) if (isLive(graph, node)) live.push(node);
  const pick = (): NodeId => nodeIdAt(graph, live[Math.floor(draw() * live.length)] ?? 0);
  const all: Query[] = [];
  while (all.length < count) {
    const payer = pick();
    const payee = pick();
    const amountMsat = BigInt(Math.round(leastSat * (mostSat / leastSat) ** draw())) * 1000n;
    if (payer === payee) continue;
    all.push({ payer, payee, amountMsat, maxFeeMsat: amountMsat / 100n + 50_000n, maxParts });
  }
  return all;
}

/** Somebody can pay it, and it can pay. */
function isLive({ incoming, policies }: Graph, node: number): boolean {
  const { starts, edges } = incoming;
  let receives = false;
  let pays = false;
  for (const edge of edges.subarray(starts[node], starts[node + 1])) {
    receives ||= policies.flags[edge] === 1;
    pays ||= policies.flags[edge ^ 1] === 1;
  }
  return receives && pays;
}
