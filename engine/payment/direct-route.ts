import { fromHex } from '../base/bytes.ts';
import type { NodeId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { blockHeight, msat, type BlockHeight, type Msat } from '../base/units.ts';
import { isPoint } from '../crypto/secp256k1.ts';
import type { Hint } from '../routing/route.ts';
import { heldIn } from './outgoing.ts';
import { relayFee } from '../onion/htlc-check.ts';
import { lastLayers, LAYERS_ROOM, PLAIN_PAYEE, relayLayer } from '../onion/layers.ts';
import type { RouteRefusal } from './payment-refusal.ts';
import { feeOfRoute, type PayChannel, type Route, type RouteHop, type RouteQuery } from './route.ts';

/** The channels that lead from a peer of ours to the payee; none when the payee is the peer. */
type Tail = Hint;
type HintHop = Tail[number];

/**
 * Routes that need no map of the network: to a peer of ours, or from one along a route hint. One part; the cheapest
 * way, over the channel with the most room.
 */
export function findDirectRoutes(query: RouteQuery): Result<readonly Route[], RouteRefusal> {
  const { channels, avoid } = query;
  if (channels.length === 0) return err({ code: 'no-path', reason: 'no-channel' });
  const candidates: { readonly channel: PayChannel; readonly hops: Route['hops'] }[] = [];
  for (const tail of tailsOf(query)) {
    const first = tail[0]?.nodeId ?? query.payee;
    const hops = hopsOf(query, tail);
    if (hops === null) continue;
    for (const channel of channels)
      if (channel.peerId === first && !avoid.channels.has(channel.channelId))
        candidates.push({ channel, hops });
  }
  const usable = candidates.filter(({ channel }) => channel.isUsable);
  if (usable.length === 0)
    return err({ code: 'no-path', reason: candidates.length > 0 ? 'peer-offline' : 'no-route' });

  const affordable = usable.filter(({ hops }) => feeOfRoute({ hops }) <= query.maxFee);
  if (affordable.length === 0) {
    const fee = usable.map(({ hops }) => feeOfRoute({ hops })).reduce((a, b) => (a < b ? a : b));
    return err({ code: 'fee-above-limit', fee: msat(fee), limit: query.maxFee });
  }
  const large = affordable.filter(({ channel, hops }) => hops[0].amount >= channel.remoteHtlcMinimum);
  if (large.length === 0) {
    const minimum = affordable
      .map(({ channel }) => channel.remoteHtlcMinimum)
      .reduce((a, b) => (a < b ? a : b));
    return err({ code: 'amount-too-small', minimum });
  }
  const [best] = large
    .filter(({ channel, hops }) => hops[0].amount <= channel.sendable)
    .sort((a, b) => order(feeOfRoute(a), feeOfRoute(b)) || order(b.channel.sendable, a.channel.sendable));
  if (best === undefined) return err({ code: 'insufficient-balance', sendable: mostSendable(large) });
  return ok([{ channelId: best.channel.channelId, hops: best.hops }]);
}

const order = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

const mostSendable = (
  candidates: readonly { readonly channel: PayChannel; readonly hops: Route['hops'] }[],
): Msat => {
  const rooms = candidates.map(({ channel, hops }) => channel.sendable - feeOfRoute({ hops }));
  return msat(rooms.reduce((a, b) => (a > b ? a : b), 0n));
};

/** Every way to end a route: the payee itself, and each hint from each of its nodes on. */
function tailsOf(query: RouteQuery): readonly Tail[] {
  const { routeHints, ourId, payee, avoid, amount, policies, inFlight } = query;
  /** The hint, or what its node said since. */
  const told = (hop: HintHop): HintHop => {
    const policy = policies.find(({ scid, from }) => scid === hop.scid && from === hop.nodeId);
    return policy === undefined ? hop : { ...hop, ...policy, cltvExpiryDelta: policy.cltvDelta };
  };
  if (avoid.nodes.has(payee)) return [];
  const tails: Tail[] = [[]];
  for (const hint of routeHints)
    for (let from = 0; from < hint.length; from++) {
      const tail = hint.slice(from).map(told);
      const isOpen = tail.every(
        ({ nodeId, scid }) =>
          nodeId !== ourId &&
          nodeId !== payee &&
          !avoid.nodes.has(nodeId) &&
          !avoid.scids.has(scid) &&
          !avoid.amounts.some(
            (limit) => limit.scid === scid && limit.amountMsat <= amount + heldIn(inFlight(), limit),
          ),
      );
      // Whoever wrote the invoice chose these keys: one that is no point cannot be encrypted to.
      if (isOpen && tail.every(({ nodeId }) => isPoint(fromHex(nodeId)))) tails.push(tail);
    }
  return tails;
}

/** Amounts and expiries from the payee back to the first node. Null when they leave their bounds. */
function hopsOf(query: RouteQuery, tail: Tail): Route['hops'] | null {
  let amount: bigint = query.amount;
  let expiry: number = query.finalCltvExpiry;
  let next: { readonly nodeId: NodeId; readonly via: HintHop | null } = {
    nodeId: query.payee,
    via: tail.at(-1) ?? null,
  };
  const hops: RouteHop[] = [];
  for (let i = tail.length - 1; ; i--) {
    if (expiry > query.maxCltvExpiry || amount > MAX_AMOUNT || !isTaken(next.via, amount)) return null;
    hops.unshift(hop(next.nodeId, next.via, amount, expiry));
    const via = next.via;
    if (via === null) break;
    // BOLT 7 §HTLC Fees: the node takes its fee on what it forwards, and its delta off the expiry.
    amount += relayFee(via, msat(amount));
    expiry += via.cltvExpiryDelta;
    next = { nodeId: via.nodeId, via: tail[i - 1] ?? null };
  }
  const [first, ...rest] = hops;
  return first === undefined || !isShort(query, tail, rest) ? null : [first, ...rest];
}

/** Whether an onion has room for it: `onward` are the nodes behind the first, each in the layer of the one before. */
function isShort(
  { amount, layers = PLAIN_PAYEE }: RouteQuery,
  tail: Tail,
  onward: readonly RouteHop[],
): boolean {
  const blinded = tail.at(-1)?.layers;
  const named = blinded === undefined ? onward : onward.slice(0, -1);
  const relays = named.reduce((sum, next) => sum + relayLayer(Number(next.amount)), 0);
  return relays + lastLayers(blinded ?? layers, Number(amount)) <= LAYERS_ROOM;
}

/** Within what the channel, or the blinded path, lets through. */
const isTaken = (via: HintHop | null, amount: bigint): boolean =>
  amount >= (via?.htlcMinimum ?? 0n) && amount <= (via?.htlcMaximum ?? amount);

/** 21 million bitcoin. */
const MAX_AMOUNT = 2_100_000_000_000_000_000n;

const hop = (nodeId: NodeId, via: HintHop | null, amount: bigint, expiry: number): RouteHop => ({
  nodeId,
  scid: via?.scid ?? null,
  amount: msat(amount),
  cltvExpiry: blockHeight(expiry) satisfies BlockHeight,
});
