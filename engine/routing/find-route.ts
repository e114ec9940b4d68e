import { assert } from '../base/assert.ts';
import { err, ok, type Result } from '../base/result.ts';
import { ranOut } from '../base/slices.ts';
import { blockDelta, msat, type Scid } from '../base/units.ts';
import { nodeIdAt, scidAt } from '../gossip/graph.ts';
import { PLAIN_PAYEE } from '../onion/layers.ts';
import type { FindRouteRefusal, Route, RouteHop, RoutePart, RouteRequest } from './route.ts';
import type { Scorer } from './scorer.ts';
import { avoidance, beside } from './search/conditions.ts';
import { ExtraEdges } from './search/extra-edges.ts';
import type { Goal, Ground } from './search/ground.ts';
import { planParts, type Plan } from './search/plan-parts.ts';
import type { PlannedPart } from './search/planned-part.ts';
import type { RouteView } from './view.ts';
import { CHEAPEST, DEFAULT_WEIGHTS, FEWER_HOPS, SHORTEST, type Weights } from './weights.ts';

/** 21 million bitcoin would not fit a double; nobody has so much in channels. */
const MOST = 9_000_000_000_000_000;
/**
 * A plan that is so likely to arrive at once is not split to make it likelier. Over balances drawn by each of the
 * bench's priors, 0.8 offered a quarter more HTLCs of large payments, and got no more of them paid.
 */
const GOOD_CHANCE = 0.4;
/**
 * And no plan is split to save less than a fifth of its fees and weights: each HTLC more is one more that may be stuck
 * on its way. By the same bench, a sixth fewer HTLCs of large payments, for half of a per cent more fees.
 */
const WORTH_SPLITTING = 0.8;

/**
 * The way to pay: one part, or several where that is likelier to arrive or nothing else can. Cheapest in fees and in
 * what `DEFAULT_WEIGHTS` counts besides; every channel's limits hold, fees and delays stay below the bounds, and parts
 * share what channels can carry. Pure, apart from the view's scratch.
 */
export const findRoute = (
  view: RouteView,
  scorer: Scorer,
  request: RouteRequest,
): Result<Route, FindRouteRefusal> => ranOut(findRouteInSlices(view, scorer, request));

type Found = Generator<undefined, Result<Route, FindRouteRefusal>>;

/** The same, giving way every few thousand steps. Until it is over, nothing else may use the view's scratch. */
export function* findRouteInSlices(view: RouteView, scorer: Scorer, request: RouteRequest): Found {
  const shunned = scorer.shunned(request.now);
  if (shunned === null) return yield* search(view, scorer, request);
  const { avoid = {}, payer, payee } = request;
  const scids = new Set([...shunned.scids, ...(avoid.scids ?? [])]);
  const nodes = new Set([...shunned.nodes].filter((node) => node !== payer && node !== payee));
  for (const node of avoid.nodes ?? []) nodes.add(node);
  const around = yield* search(view, scorer, { ...request, avoid: { ...avoid, scids, nodes } });
  // Whoever passed nothing on a while ago may do so now.
  return around.ok ? around : yield* search(view, scorer, request);
}

type Planning = Generator<undefined, Plan | null>;

function* search(view: RouteView, scorer: Scorer, request: RouteRequest): Found {
  const { amountMsat, firstHops } = request;
  if (amountMsat <= 0n) return err({ code: 'amount-too-small', minimum: msat(1) });
  if (amountMsat > MOST) return err({ code: 'amount-too-large', maximum: msat(MOST) });
  if (firstHops?.length === 0) return err({ code: 'no-path', reason: 'no-channel' });
  const extra = new ExtraEdges(view, request);
  const payer = extra.numberOf(request.payer);
  const payee = extra.payee(request.payee);
  if (payee < 0) return err({ code: 'no-path', reason: 'unknown-payee' });
  if (payer < 0 || request.avoid?.nodes?.has(request.payee) === true)
    return err({ code: 'no-path', reason: 'no-route' });
  const sendable = firstHops?.reduce((sum, hop) => sum + hop.sendableMsat, 0n);
  if (sendable !== undefined && sendable < amountMsat)
    return err({ code: 'insufficient-balance', sendable: msat(sendable) });

  const ground: Ground = {
    view,
    extra,
    bounds: yield* scorer.boundsInSlices(view, request.now),
    layers: request.layers ?? PLAIN_PAYEE,
    limits: { hit: false, long: false },
    ...avoidance(view, extra, request),
  };
  const goal = (weights: Weights, maxFee: number): Goal => ({
    payer,
    payee,
    amount: Number(amountMsat),
    maxFee,
    finalCltv: request.finalCltvDelta,
    maxCltv: request.maxCltvDelta,
    ownChannels: firstHops !== undefined,
    weights,
  });
  const limit = Math.min(Number(request.maxFeeMsat), MOST);
  const parts = Math.max(1, request.maxParts);
  const noRoute = { code: 'no-path', reason: 'no-route' } as const;
  if (!canCarry(ground, payer, payee, Number(amountMsat), firstHops !== undefined)) return err(noRoute);
  const anyOf = function* (all: readonly Weights[], maxFee: number): Planning {
    for (const weights of all) {
      const plan = yield* anyPlan(ground, goal(weights, maxFee), parts);
      if (plan !== null) return plan;
    }
    return null;
  };
  /** By the weights of the limits that stood in the way. */
  const otherwise = function* (maxFee: number): Planning {
    const plan = ground.limits.hit ? yield* anyOf([CHEAPEST, SHORTEST], maxFee) : null;
    return plan ?? (ground.limits.long ? yield* anyOf(FEWER_HOPS, maxFee) : null);
  };
  return yield* beside(view, extra, request.inFlight ?? [], function* () {
    const plan = (yield* bestPlan(ground, goal(DEFAULT_WEIGHTS, limit), parts)) ?? (yield* otherwise(limit));
    if (plan !== null) return ok(plan.parts.map((part) => written(view, extra, request, part)));
    const dearer = ground.limits.hit ? yield* otherwise(MOST) : null;
    return err(
      dearer === null
        ? noRoute
        : { code: 'fee-above-limit', fee: msat(dearer.fee), limit: request.maxFeeMsat },
    );
  });
}

/**
 * The whole where it is likely to arrive at once. Else what can carry it at all, and of that, halves and quarters the
 * cheapest.
 */
function* bestPlan(ground: Ground, goal: Goal, maxParts: number): Planning {
  let best = yield* planParts(ground, goal, 1, { first: goal.amount, width: false });
  if (maxParts === 1) return best;
  best ??= yield* anyPlan(ground, goal, maxParts);
  for (let share = 2; share <= 4 && best !== null && best.chance < GOOD_CHANCE; share *= 2) {
    const first = Math.ceil(goal.amount / share);
    const plan = yield* planParts(ground, goal, maxParts, { first, width: false });
    if (plan !== null && plan.cost < WORTH_SPLITTING * best.cost) best = plan;
  }
  return best;
}

/** Parts as wide as their paths: when all of that fails, nothing else is looked for. */
const anyPlan = (ground: Ground, goal: Goal, maxParts: number): Planning =>
  planParts(ground, goal, maxParts, { first: goal.amount, width: true });

/** Whether the channels next to both ends could hold it all, so that nothing is searched for in vain. */
function canCarry(
  { view, extra }: Ground,
  payer: number,
  payee: number,
  amount: number,
  ownChannels: boolean,
): boolean {
  let into = 0;
  let out = ownChannels ? Infinity : 0;
  for (const index of extra.into(payee) ?? []) into += extra.edges[index]?.most ?? 0;
  const { starts, outStarts, outRows, rows } = view;
  const last = payer < view.nodeCount ? (outStarts[payer + 1] ?? 0) : 0;
  for (let at = payer < view.nodeCount ? (outStarts[payer] ?? 0) : 0; at < last; at++)
    out += rows.capacity(outRows[at] ?? 0);
  const end = payee < view.nodeCount ? (starts[payee + 1] ?? 0) : 0;
  for (let row = payee < view.nodeCount ? (starts[payee] ?? 0) : 0; row < end; row++)
    into += rows.capacity(row);
  return into >= amount && out >= amount;
}

function written(view: RouteView, extra: ExtraEdges, request: RouteRequest, part: PlannedPart): RoutePart {
  const { steps } = part;
  const hops = steps.map(({ edge, node, amount }, i): RouteHop => {
    const after = steps[i + 1];
    return {
      nodeId: extra.nameOf(node) ?? nodeIdAt(view.graph, node),
      scid: scidOf(view, extra, edge),
      amountMsat: msat(amount),
      feeMsat: msat(after === undefined ? 0 : amount - after.amount),
      cltvDelta: after === undefined ? request.finalCltvDelta : blockDelta(delayOf(view, extra, after.edge)),
    };
  });
  const [first, ...rest] = hops;
  assert(first !== undefined, 'a path without channels');
  return [first, ...rest];
}

const scidOf = (view: RouteView, extra: ExtraEdges, edge: number): Scid =>
  extra.edges[-1 - edge]?.scid ?? scidAt(view.graph, view.rows.edge(edge) >>> 1);
const delayOf = (view: RouteView, extra: ExtraEdges, edge: number): number =>
  extra.edges[-1 - edge]?.cltvDelta ?? view.rows.at(edge).cltvDelta;
