import { expect, it } from 'vitest';
import { NETWORKS } from '../base/network.ts';
import { blockDelta, msat, timestamp } from '../base/units.ts';
import { applySnapshot } from '../gossip/apply-snapshot.ts';
import { emptyGraph, nodeIdAt, policyAt, type Graph } from '../gossip/graph.ts';
import { faultsOf } from '../testkit/route-check.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { drawer, madeUpNode, toldNetwork } from '../testkit/told-network.ts';
import { findRoute } from './find-route.ts';
import type { RouteRequest } from './route.ts';
import { Scorer } from './scorer.ts';
import { routeView } from './view.ts';

const { genesisHash: chainHash } = NETWORKS.regtest;
const NOW = timestamp(1_770_076_800);
const FINAL = 40;
const NETWORKS_TRIED = 2_000;

/** What one HTLC along a way costs in fees, and in blocks, the payee's own not counted. */
type Price = { readonly fee: number; readonly blocks: number };

function graphOf(seed: number, nodes: number): Graph {
  const { channels, policies } = toldNetwork(seed, nodes, 2.2);
  const bytes = writeSnapshot({ version: 2, chainHash, at: NOW, channels, policies });
  const applied = applySnapshot(emptyGraph(chainHash), bytes);
  if (!applied.ok) throw new Error(applied.error.code);
  return applied.value;
}

/** Of every way without a node twice that can carry it, from the payee back. */
function pricesOf(graph: Graph, payer: number, payee: number, amount: number): readonly Price[] {
  const { nodeA, nodeB, capacity, count } = graph.channels;
  const from = (node: number, carried: number, blocks: number, seen: readonly number[]): readonly Price[] => {
    const all: Price[] = [];
    for (let channel = 0; channel < count; channel++)
      for (const direction of [0, 1] as const) {
        const [source, target] = direction === 0 ? [nodeA, nodeB] : [nodeB, nodeA];
        const before = source[channel] ?? -1;
        const policy = policyAt(graph, channel, direction);
        if (target[channel] !== node || seen.includes(before) || policy === null || policy.disabled) continue;
        if (carried < policy.htlcMinimum || carried > policy.htlcMaximum) continue;
        if (carried > (capacity[channel] ?? 0) * 1000) continue;
        if (before === payer) {
          all.push({ fee: carried - amount, blocks });
          continue;
        }
        const fee =
          Number(policy.feeBase) + Math.floor((carried * policy.feeProportionalMillionths) / 1_000_000);
        all.push(...from(before, carried + fee, blocks + policy.cltvDelta, [...seen, before]));
      }
    return all;
  };
  return from(payee, amount, 0, [payee]);
}

const isWithin = (limits: Price, { fee, blocks }: Price): boolean =>
  fee <= limits.fee && blocks <= limits.blocks;

/** In made-up networks of six to nine nodes: how often a way is within the limits, and how often one is found. */
function triedWith(limitsOf: (prices: readonly Price[], draw: () => number) => Price | null) {
  const tried = { within: 0, without: 0, found: 0 };
  for (let seed = 0; seed < NETWORKS_TRIED; seed++) {
    const nodes = 6 + (seed % 4);
    const graph = graphOf(seed, nodes);
    const draw = drawer(seed);
    const ids = Array.from({ length: graph.nodes.count }, (_, node) => nodeIdAt(graph, node));
    const [payer, payee] = [madeUpNode(0), madeUpNode(nodes - 1)];
    const amount = Math.floor(1_000_000 * 10 ** (draw() * 3));
    const prices = pricesOf(graph, ids.indexOf(payer), ids.indexOf(payee), amount);
    const limits = prices.length === 0 ? null : limitsOf(prices, draw);
    if (limits === null) continue;
    const asked: RouteRequest = {
      payer,
      payee,
      amountMsat: msat(amount),
      finalCltvDelta: blockDelta(FINAL),
      maxFeeMsat: msat(limits.fee),
      maxCltvDelta: blockDelta(FINAL + limits.blocks),
      maxParts: 1,
      now: NOW,
    };
    const found = findRoute(routeView(graph), new Scorer(), asked);
    if (found.ok) expect(faultsOf(graph, asked, found.value)).toEqual([]);
    if (!prices.some((one) => isWithin(limits, one))) {
      expect(found.ok).toBe(false);
      tried.without++;
      continue;
    }
    tried.within++;
    if (found.ok) tried.found++;
  }
  return tried;
}

it('within limits of fees and blocks around what the ways there are ask for, one is found whenever there is one', () => {
  const { within, without, found } = triedWith((prices, draw) => {
    const pick = (): Price => prices[Math.floor(draw() * prices.length)]!;
    const around = (what: number): number => Math.floor(what * (0.9 + 0.2 * draw()));
    return { fee: around(pick().fee), blocks: around(pick().blocks) };
  });
  expect(found).toBe(within);
  expect(within).toBeGreaterThan(500);
  expect(without).toBeGreaterThan(100);
});

it('within the very limits of a way that is neither the cheapest nor the quickest, it is found in 97 of 100 cases', () => {
  const { within, found } = triedWith((prices, draw) => {
    const cheapest = Math.min(...prices.map(({ fee }) => fee));
    const quickest = Math.min(...prices.map(({ blocks }) => blocks));
    // No other is both cheaper and quicker: it, or none.
    const between = prices.filter(
      (one) =>
        one.fee > cheapest &&
        one.blocks > quickest &&
        !prices.some((other) => isWithin(one, other) && !isWithin(other, one)),
    );
    return between[Math.floor(draw() * between.length)] ?? null;
  });
  expect(within).toBeGreaterThan(50);
  expect(found / within).toBeGreaterThanOrEqual(0.97);
});
