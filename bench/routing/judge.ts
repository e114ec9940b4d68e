import type { Scid } from '../../engine/base/units.ts';
import { channelIndexOf, nodeIdAt, type Graph } from '../../engine/gossip/graph.ts';
import { drawer } from '../../engine/testkit/told-network.ts';
import type { FoundPart, Lesson, Query, Router } from './query.ts';

/** How a channel's money lies, as a share on the side of node_id_1. */
export const PRIORS = {
  /** As likely anywhere. */
  uniform: (draw: () => number) => draw(),
  /** Nearly always at one of the ends, as lnd's bimodal estimator and probing studies of drained channels have it. */
  drained: (draw: () => number) => {
    const near = Math.min(1, -Math.log(1 - draw()) * 0.15);
    return draw() < 0.5 ? near : 1 - near;
  },
  /** Often rebalanced: the mean of three draws. */
  balanced: (draw: () => number) => (draw() + draw() + draw()) / 3,
} as const;
export type Prior = keyof typeof PRIORS;

/**
 * Of node_id_1, in millisatoshis, for each channel; `whole`: all that it holds. Capacities as the larger of what the ends
 * take, where not known.
 */
export function balances({ channels, policies }: Graph, prior: Prior | 'whole', seed: number): Float64Array {
  const draw = drawer(seed);
  const share = prior === 'whole' ? (): number => 1 : PRIORS[prior];
  const held = new Float64Array(channels.count);
  for (let channel = 0; channel < channels.count; channel++)
    held[channel] = Math.floor(share(draw) * roomOf({ channels, policies }, channel));
  return held;
}

const roomOf = ({ channels, policies }: Pick<Graph, 'channels' | 'policies'>, channel: number): number =>
  (channels.capacity[channel] ?? 0) * 1000 ||
  Math.max(policies.htlcMaximum[2 * channel] ?? 0, policies.htlcMaximum[2 * channel + 1] ?? 0);

export type Verdict = {
  readonly paid: boolean;
  readonly feeMsat: bigint;
  /** HTLCs that were offered. */
  readonly htlcs: number;
  /** How often it was looked for a way and waited for an answer. */
  readonly rounds: number;
  readonly findMs: number;
};

const ROUNDS = 10;

/** Pays as a wallet does: all parts at once, those that were refused by another way, until all are there or ten rounds are over. */
export function judge(graph: Graph, truth: Float64Array, router: Router, query: Query): Verdict {
  const held = truth.slice();
  const avoid = new Set<bigint>();
  let left = query.amountMsat;
  let partsLeft = query.maxParts;
  let feeMsat = 0n;
  let htlcs = 0;
  let findMs = 0;
  let rounds = 0;
  while (rounds < ROUNDS && left > 0n && partsLeft > 0) {
    const start = performance.now();
    const asked = { ...query, amountMsat: left, maxFeeMsat: query.maxFeeMsat - feeMsat, maxParts: partsLeft };
    const found = router.find(asked, [...avoid]);
    findMs += performance.now() - start;
    router.check?.();
    if (found === null) break;
    rounds++;
    const lessons: Lesson[] = [];
    for (const part of found) {
      htlcs++;
      const refusedAt = offer(graph, held, query.payer, part);
      lessons.push({ part, refusedAt });
      const first = part[0]?.amountMsat ?? 0n;
      const last = part.at(-1)?.amountMsat ?? 0n;
      if (refusedAt === null) {
        left -= last;
        partsLeft--;
        feeMsat += first - last;
      } else avoid.add(part[refusedAt]?.scid ?? 0n);
    }
    router.learn(lessons);
  }
  return { paid: left <= 0n, feeMsat, htlcs, rounds, findMs };
}

/** Null, and the balances move, when each channel can carry it; else the place of the first that cannot. */
export function offer(graph: Graph, held: Float64Array, payer: string, part: FoundPart): number | null {
  let from: string = payer;
  const moves: [channel: number, sign: 1 | -1, amount: number][] = [];
  for (const [i, { scid, nodeId, amountMsat }] of part.entries()) {
    const channel = channelIndexOf(graph, scid as Scid);
    const isA = nodeIdAt(graph, graph.channels.nodeA[channel] ?? 0) === from;
    const own = held[channel] ?? 0;
    const amount = Number(amountMsat);
    if ((isA ? own : roomOf(graph, channel) - own) < amount) return i;
    moves.push([channel, isA ? -1 : 1, amount]);
    from = nodeId;
  }
  for (const [channel, sign, amount] of moves) held[channel] = (held[channel] ?? 0) + sign * amount;
  return null;
}
