import type { NodeId } from '../base/ids.ts';
import { blockDelta, blockHeight, msat, type Scid } from '../base/units.ts';
import { lastLayers, PLAIN_PAYEE } from '../onion/layers.ts';
import { encodePayload } from '../onion/payload.ts';
import { shiftSize } from '../onion/sphinx.ts';
import { channelIndexOf, nodeIdAt, policyAt, type DirectedPolicy, type Graph } from '../gossip/graph.ts';
import type { Route, RoutePart, RouteRequest } from '../routing/route.ts';

type Leg = Pick<
  DirectedPolicy,
  'feeBase' | 'feeProportionalMillionths' | 'htlcMinimum' | 'htlcMaximum' | 'cltvDelta'
> & {
  readonly from: NodeId;
  readonly to: NodeId;
  /** Of all that goes over it together; null: nobody tells. */
  readonly capacity: bigint | null;
};

/**
 * Everything that is wrong with a route, in words: judged from the graph and the request alone, in whole numbers, by
 * none of the code that made it. Empty when it would be taken by every node on it, as far as they told.
 */
export function faultsOf(graph: Graph, request: RouteRequest, route: Route): readonly string[] {
  const faults: string[] = [];
  const check = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  const carried = new Map<string, bigint>();
  const carry = (scid: Scid, from: NodeId, amount: bigint): bigint => {
    const sum = (carried.get(`${scid}/${from}`) ?? 0n) + amount;
    carried.set(`${scid}/${from}`, sum);
    return sum;
  };
  for (const { scid, from, amountMsat } of request.inFlight ?? []) carry(scid, from, amountMsat);
  let arrives = 0n;
  let fees = 0n;
  check(route.length >= 1 && route.length <= request.maxParts, `${route.length} parts`);
  for (const part of route) {
    let from = request.payer;
    let delay = 0;
    const seen = new Set<NodeId>([from]);
    check(part.length <= 20, 'too many hops');
    check(onionBytes(request, part) <= 1300, 'too long for an onion');
    for (const [i, hop] of part.entries()) {
      const leg = legOf(graph, request, hop.scid, from);
      if (leg === null) {
        faults.push(`no channel ${hop.scid} from ${from}`);
        break;
      }
      check(leg.to === hop.nodeId, 'the channel leads elsewhere');
      // Who pays itself stands at both ends.
      const isBack = i === part.length - 1 && request.payer === request.payee && hop.nodeId === request.payee;
      check(isBack || !seen.has(hop.nodeId), 'a node twice');
      check(request.avoid?.scids?.has(hop.scid) !== true, 'an avoided channel');
      check(request.avoid?.nodes?.has(hop.nodeId) !== true, 'an avoided node');
      seen.add(hop.nodeId);
      check(hop.amountMsat >= leg.htlcMinimum, 'below the minimum');
      check(hop.amountMsat <= leg.htlcMaximum, 'above the maximum');
      const all = carry(hop.scid, from, hop.amountMsat);
      check(leg.capacity === null || all <= leg.capacity, 'above the capacity');
      for (const refused of request.avoid?.amounts ?? [])
        if (refused.scid === hop.scid && refused.from === from)
          check(all < refused.amountMsat, 'as much as was refused');
      const before = part[i - 1];
      if (before !== undefined) {
        const fee = leg.feeBase + (hop.amountMsat * BigInt(leg.feeProportionalMillionths)) / 1_000_000n;
        check(before.feeMsat >= fee, 'too low a fee');
        check(before.amountMsat === hop.amountMsat + before.feeMsat, 'the amounts do not add up');
        check(before.cltvDelta >= leg.cltvDelta, 'too small a delay');
        fees += before.feeMsat;
      }
      delay += hop.cltvDelta;
      from = hop.nodeId;
    }
    check(from === request.payee, 'it ends elsewhere');
    check(delay <= request.maxCltvDelta, 'held for too long');
    const last = part.at(-1);
    check(last?.feeMsat === 0n && last.cltvDelta === request.finalCltvDelta, 'the end of the part');
    arrives += last?.amountMsat ?? 0n;
  }
  for (const fault of togetherFaults(request, route)) faults.push(fault);
  check(arrives === request.amountMsat, `${arrives} arrive`);
  check(fees <= request.maxFeeMsat, 'above the limit of fees');
  return faults;
}

/** Parts over one channel of our own leave room for each other's outputs, slots and dust. */
function togetherFaults({ firstHops = [] }: RouteRequest, route: Route): readonly string[] {
  return firstHops.flatMap(({ scid, sendableMsat, together }) => {
    const amounts = route.flatMap(([first]) => (first.scid === scid ? [first.amountMsat as bigint] : []));
    if (together === undefined || amounts.length === 0) return [];
    const sum = (all: readonly bigint[]): bigint => all.reduce((total, one) => total + one, 0n);
    const outputs = BigInt(amounts.length - 1) * together.each - together.spare;
    return [
      ...(amounts.length > together.slots ? ['more parts than slots'] : []),
      ...(sum(amounts) + (outputs > 0n ? outputs : 0n) > sendableMsat ? ['no room for the outputs'] : []),
      ...(sum(amounts.filter((amount) => amount < together.dustBelow)) > together.dustRoom
        ? ['too much dust']
        : []),
    ];
  });
}

/** Each layer as it is written for a node of today, and what the payee, or a blinded path, takes. */
function onionBytes({ layers = PLAIN_PAYEE, hints = [] }: RouteRequest, part: RoutePart): number {
  const last = part[part.length - 1] ?? part[0];
  const tail = hints.flatMap((hint) => hint.find(({ scid }) => scid === last.scid)?.layers ?? [])[0];
  let bytes = lastLayers(tail ?? layers, Number(last.amountMsat));
  // The first of a blinded path has its layer there.
  for (const { amountMsat, scid } of tail === undefined ? part.slice(1) : part.slice(1, -1)) {
    const payload = {
      amtToForward: amountMsat,
      outgoingCltvValue: blockHeight(934_000),
      shortChannelId: scid,
    };
    bytes += shiftSize(encodePayload(payload).length);
  }
  return bytes;
}

function legOf(
  graph: Graph,
  { payer, payee, firstHops, hints = [], policies = [] }: RouteRequest,
  scid: Scid,
  from: NodeId,
): Leg | null {
  const own = from === payer ? firstHops?.find((hop) => hop.scid === scid) : undefined;
  const plain = { feeBase: msat(0), feeProportionalMillionths: 0, cltvDelta: blockDelta(0) };
  if (own !== undefined) {
    const { peer: to, sendableMsat: htlcMaximum, minimumMsat: htlcMinimum } = own;
    return { ...plain, from, to, htlcMinimum, htlcMaximum, capacity: htlcMaximum };
  }
  // What its node says of it itself counts before all else; what it holds is not of that.
  const told = from === payer ? undefined : policies.find((one) => one.scid === scid && one.from === from);
  if (told !== undefined) return { ...told, capacity: heldOnMap(graph, scid, from, told.to) };
  for (const hint of hints)
    for (const [i, hop] of hint.entries())
      if (hop.scid === scid && hop.nodeId === from) {
        const to = hint[i + 1]?.nodeId ?? payee;
        const { feeBase, feeProportionalMillionths, cltvExpiryDelta: cltvDelta } = hop;
        const { htlcMinimum = msat(0) } = hop;
        // Whoever names a channel that everybody knows makes it no wider, and no second one.
        const most = lesser(hop.htlcMaximum ?? null, mostOnMap(graph, scid, from, to));
        const capacity = lesser(hop.htlcMaximum ?? null, heldOnMap(graph, scid, from, to));
        const limits = { htlcMinimum, htlcMaximum: msat(most ?? 2n ** 63n), capacity };
        return { feeBase, feeProportionalMillionths, cltvDelta, from, to, ...limits };
      }
  if (from === payer && firstHops !== undefined) return null;
  const channel = channelIndexOf(graph, scid);
  if (channel < 0) return null;
  const ends = endsOf(graph, channel);
  const direction = ends[0] === from ? 0 : 1;
  const policy = policyAt(graph, channel, direction);
  const to = ends[1 - direction];
  if (ends[direction] !== from || to === undefined || policy === null || policy.disabled) return null;
  return { ...policy, from, to, capacity: heldOnMap(graph, scid, from, to) ?? policy.htlcMaximum };
}

const endsOf = (graph: Graph, channel: number): readonly NodeId[] =>
  [graph.channels.nodeA[channel], graph.channels.nodeB[channel]].map((node) => nodeIdAt(graph, node ?? 0));

/** Null: nobody tells. */
const lesser = (one: bigint | null, other: bigint | null): bigint | null =>
  one === null || (other !== null && other < one) ? other : one;

/** What `from` lets through at the most; null where the graph does not tell. */
function mostOnMap(graph: Graph, scid: Scid, from: NodeId, to: NodeId): bigint | null {
  const channel = channelIndexOf(graph, scid);
  if (channel < 0) return null;
  const ends = endsOf(graph, channel);
  if (!ends.includes(from) || !ends.includes(to)) return null;
  return policyAt(graph, channel, ends[0] === from ? 0 : 1)?.htlcMaximum ?? null;
}

/** What the channel holds, or the most that either end lets through; null where the graph tells neither. */
function heldOnMap(graph: Graph, scid: Scid, from: NodeId, to: NodeId): bigint | null {
  const channel = channelIndexOf(graph, scid);
  if (channel < 0) return null;
  const ends = endsOf(graph, channel);
  if (!ends.includes(from) || !ends.includes(to)) return null;
  const known = BigInt(graph.channels.capacity[channel] ?? 0) * 1000n;
  const [one = 0n, other = 0n] = ([0, 1] as const).map(
    (direction): bigint | undefined => policyAt(graph, channel, direction)?.htlcMaximum,
  );
  const widest = one > other ? one : other;
  return known > 0n ? known : widest > 0n ? widest : null;
}
