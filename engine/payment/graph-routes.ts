import { Bug } from '../base/assert.ts';
import { fromHex } from '../base/bytes.ts';
import type { NodeId } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import { err, ok, type Result } from '../base/result.ts';
import { ranOut } from '../base/slices.ts';
import { blockDelta, blockHeight, type Scid, type Timestamp } from '../base/units.ts';
import { isPoint } from '../crypto/secp256k1.ts';
import { channelIndexOf, emptyGraph, policyAt } from '../gossip/graph.ts';
import { findRouteInSlices } from '../routing/find-route.ts';
import type { FindRouteRefusal, RoutePart } from '../routing/route.ts';
import { Scorer } from '../routing/scorer.ts';
import { routeView, type RouteView } from '../routing/view.ts';
import { findDirectRoutes } from './direct-route.ts';
import type { RouteRefusal } from './payment-refusal.ts';
import type { FindRoutes, PayChannel, Route, RouteHop, RouteQuery } from './route.ts';
import type { TermsNow } from './told-policy.ts';

/** Nodes of the map whose ids are no keys, found one by one: whoever made such a map does not get more tries. */
const MOST_RETRIES = 8;

/** Below every real short channel id: it names a channel of ours within one search. */
const ownScid = (index: number): Scid => (-1n - BigInt(index)) as Scid;

/** A map of the network, and what payments taught about its channels. */
export type RouteMap = { readonly view: RouteView; readonly scorer: Scorer };

/** Who knows no node still pays peers, and along hints, in several parts where one channel is too small. */
let emptyMap: RouteMap | null = null;
const noMap = (): RouteMap =>
  (emptyMap ??= { view: routeView(emptyGraph(NETWORKS.mainnet.genesisHash)), scorer: new Scorer() });

/** Ways over a map of the network, `null` while there is none: then to peers and along hints alone. */
export const graphRoutes =
  (map: RouteMap | null, now: () => Timestamp): FindRoutes =>
  (query) =>
    ranOut(graphRoutesInSlices(map, now, query));

type Found = Generator<undefined, Result<readonly Route[], RouteRefusal>>;

/** The same, giving way now and then. Until it is over, nothing else may use the view's scratch. */
export function* graphRoutesInSlices(map: RouteMap | null, now: () => Timestamp, query: RouteQuery): Found {
  if (map === null) {
    // Whole, if that goes: its refusal tells more, too.
    const whole = findDirectRoutes(query);
    if (whole.ok || query.maxParts === 1) return whole;
    // A channel of ours, or a blinded path, is too narrow for the whole.
    if (whole.error.code !== 'insufficient-balance' && whole.error.code !== 'no-path') return whole;
    const { view, scorer } = noMap();
    const parts = yield* overGraph(view, scorer, query, now());
    return parts.ok ? parts : whole;
  }
  const found = yield* overGraph(map.view, map.scorer, query, now());
  // What refuses a way to a peer tells more of our own channels than the map can.
  if (!found.ok && found.error.code === 'no-path') return findDirectRoutes(query);
  return found;
}

export const termsOnMap =
  (map: RouteMap | null): TermsNow =>
  (scid, from, to) => {
    if (map === null) return null;
    const { graph } = map.view;
    const channel = channelIndexOf(graph, scid);
    // BOLT 7: node_id_1 is the lesser of the two, and direction 0 is its own.
    const policy = channel < 0 ? null : policyAt(graph, channel, from < to ? 0 : 1);
    return policy === null || policy.disabled ? null : { scid, from, to, ...policy };
  };

function* overGraph(view: RouteView, scorer: Scorer, query: RouteQuery, now: Timestamp): Found {
  const { ourId, payee, amount, maxFee, avoid, channels } = query;
  const usable = channels.filter(({ isUsable, channelId }) => isUsable && !avoid.channels.has(channelId));
  if (usable.length === 0) return err({ code: 'no-path', reason: 'no-channel' });
  const nodes = new Set(avoid.nodes);
  const inFlight = query.inFlight();
  for (let tries = 0; tries <= MOST_RETRIES; tries++) {
    const found = yield* findRouteInSlices(view, scorer, {
      payer: ourId,
      payee,
      amountMsat: amount,
      maxFeeMsat: maxFee,
      // Counted from the payee's expiry on: the rest is the same for every way.
      finalCltvDelta: blockDelta(0),
      maxCltvDelta: blockDelta(Math.max(0, query.maxCltvExpiry - query.finalCltvExpiry)),
      maxParts: query.maxParts,
      ...(query.layers === undefined ? {} : { layers: query.layers }),
      firstHops: usable.map(({ peerId, sendable, together, remoteHtlcMinimum }, index) => ({
        scid: ownScid(index),
        peer: peerId,
        sendableMsat: sendable,
        minimumMsat: remoteHtlcMinimum,
        ...(together === undefined ? {} : { together }),
      })),
      hints: query.routeHints,
      avoid: { scids: avoid.scids, nodes, amounts: avoid.amounts },
      inFlight,
      policies: query.policies,
      now,
    });
    if (!found.ok) return err(refusalOf(found.error));
    const bad = badNode(found.value);
    if (bad === null) return ok(found.value.map((part) => routeOf(part, usable, query)));
    nodes.add(bad);
  }
  return err({ code: 'no-path', reason: 'no-route' });
}

/** The onion cannot be encrypted to what is no point of the curve, and nobody checked the ids of a map. */
function badNode(parts: readonly RoutePart[]): NodeId | null {
  for (const part of parts) for (const { nodeId } of part) if (!isPoint(fromHex(nodeId))) return nodeId;
  return null;
}

function routeOf(part: RoutePart, channels: readonly PayChannel[], { finalCltvExpiry }: RouteQuery): Route {
  let expiry: number = finalCltvExpiry;
  const hops: RouteHop[] = [];
  for (const { nodeId, scid, amountMsat, cltvDelta } of part.toReversed()) {
    // The payee's own delay is in `finalCltvExpiry` already.
    if (hops.length > 0) expiry += cltvDelta;
    hops.unshift({ nodeId, scid, amount: amountMsat, cltvExpiry: blockHeight(expiry) });
  }
  const [first, ...rest] = hops;
  const channel = channels[Number(-1n - part[0].scid)];
  if (first === undefined || channel === undefined)
    throw new Bug('a way that does not begin with a channel of ours');
  return { channelId: channel.channelId, hops: [{ ...first, scid: null }, ...rest] };
}

function refusalOf(refusal: FindRouteRefusal): RouteRefusal {
  if (refusal.code !== 'no-path') return refusal;
  return { code: 'no-path', reason: refusal.reason === 'no-channel' ? 'no-channel' : 'no-route' };
}
