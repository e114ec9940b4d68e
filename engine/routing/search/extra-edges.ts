import type { NodeId } from '../../base/ids.ts';
import type { Scid } from '../../base/units.ts';
import { nodeIndexOf } from '../../gossip/graph.ts';
import { lastLayers, LAYERS_ROOM, relayLayer, type LastLayers } from '../../onion/layers.ts';
import type { Bounds } from '../bounds.ts';
import { learntChance } from '../learnt.ts';
import { successProbability } from '../liquidity.ts';
import type { ChannelAmount, RouteRequest, Together } from '../route.ts';
import { capacityOf, directedOf, type RouteView } from '../view.ts';
import { MOST_EXTRA_NODES } from './space.ts';

/** A channel that the graph does not have, or not so: one of our own, of a hint, or with terms that its node told. */
export type ExtraEdge = {
  readonly source: number;
  readonly target: number;
  readonly scid: Scid;
  readonly feeBase: number;
  readonly feeProportionalMillionths: number;
  readonly cltvDelta: number;
  readonly htlcMinimum: number;
  readonly htlcMaximum: number;
  /** What all parts together may carry over it. */
  most: number;
  /** The directed channel of the graph that it stands for; −1: the graph has none such. */
  readonly directed: number;
  /** What it could hold at the most: its capacity, or what it refused. Infinity: nobody knows, and it is not doubted. */
  holds: number;
  /** Ours: its balance is known. */
  readonly isOwn: boolean;
  /** Of a blinded path. */
  readonly layers: LastLayers | null;
  /** How many channels it counts as: a blinded path is as long as its layers are. */
  readonly length: number;
  /** What parts planned before send over it. */
  used: number;
  /** Of our own: how many parts planned before do, and what of it is in parts that are dust. */
  parts: number;
  dust: number;
  readonly together: Numbers<Together> | null;
};
type Numbers<T> = { readonly [K in keyof T]: number };

/** The most that one more part may carry over it. */
export function roomOf({ htlcMaximum, most, used, parts, together }: ExtraEdge): number {
  if (together === null) return Math.min(htlcMaximum, most - used);
  if (parts >= together.slots) return 0;
  return most - used - Math.max(0, parts * together.each - together.spare);
}

/** How likely it can carry one more part of that amount, as channels of the graph are judged. */
export function chanceOf(edge: ExtraEdge, amount: number, bounds: Bounds | null): number {
  const { holds, directed, used } = edge;
  if (holds === Infinity) return 1;
  const slot = directed < 0 ? 0 : (bounds?.slots[directed] ?? 0);
  return bounds === null || slot === 0
    ? successProbability(amount + used, 0, holds, holds)
    : learntChance(bounds, slot, amount + used, holds);
}

/** Whether one more part of that amount can go over it. */
export function takes(edge: ExtraEdge, amount: number): boolean {
  const { together } = edge;
  if (amount < edge.htlcMinimum || amount > roomOf(edge)) return false;
  return together === null || amount >= together.dustBelow || edge.dust + amount <= together.dustRoom;
}

/** Counts a part as going over it (`sign` 1), or as not going any more (−1). */
export function count(edge: ExtraEdge, amount: number, sign: 1 | -1): void {
  edge.used += sign * amount;
  edge.parts += sign;
  if (amount < (edge.together?.dustBelow ?? 0)) edge.dust += sign * amount;
}

type Given = 'source' | 'target' | 'used' | 'parts' | 'dust' | 'length' | 'together';
type Described = Omit<ExtraEdge, Given> & Partial<Pick<ExtraEdge, 'together'>>;

const numbersOf = ({ slots, each, spare, dustBelow, dustRoom }: Together): Numbers<Together> => ({
  slots,
  each: Number(each),
  spare: Number(spare),
  dustBelow: Number(dustBelow),
  dustRoom: Number(dustRoom),
});

/** What the map has of a channel, whoever else names it; `htlcMaximum` of that direction. */
type OnMap = Pick<ExtraEdge, 'directed' | 'holds' | 'htlcMaximum'>;
/** No channel of the map. */
const UNKNOWN: OnMap = { directed: -1, holds: Infinity, htlcMaximum: Infinity };

/** 90,000 bitcoin: what a double counts exactly in millisatoshis. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** The graph's nodes and those that only this payment knows of, numbered on behind them. */
export class ExtraEdges {
  readonly edges: ExtraEdge[] = [];
  /** By the node that they lead to. */
  readonly #into = new Map<number, number[]>();
  readonly #outOf = new Map<number, number[]>();
  readonly #numbers = new Map<NodeId, number>();
  readonly #names: NodeId[] = [];
  readonly #view: RouteView;
  readonly #toItself: number;

  constructor(view: RouteView, { payer, payee, firstHops, hints = [], avoid, policies = [] }: RouteRequest) {
    this.#view = view;
    // Who pays itself stands at both ends: as payee it is a node apart, which hints alone lead to.
    if (payer === payee) this.#names.push(payee);
    this.#toItself = payer === payee ? view.nodeCount : -1;
    const into = (id: NodeId): number =>
      id === payee && this.#toItself >= 0 ? this.#toItself : this.numberOf(id);
    const isAvoided = (scid: Scid, ...nodes: readonly NodeId[]): boolean =>
      avoid?.scids?.has(scid) === true || nodes.some((node) => avoid?.nodes?.has(node) === true);
    for (const hint of hints)
      for (const [i, hop] of hint.entries()) {
        const to = hint[i + 1]?.nodeId ?? payee;
        if (hop.nodeId === to || hop.nodeId === payer || isAvoided(hop.scid, hop.nodeId, to)) continue;
        // What the node said since stands below.
        if (policies.some(({ scid, from }) => scid === hop.scid && from === hop.nodeId)) continue;
        // Back to ourselves lead channels of ours, whose balance we know.
        const known = this.#toItself >= 0 ? UNKNOWN : this.#onMap(hop.scid, hop.nodeId, to);
        this.#add(hop.nodeId, into(to), {
          directed: known.directed,
          holds: known.holds,
          scid: hop.scid,
          feeBase: Number(hop.feeBase),
          feeProportionalMillionths: hop.feeProportionalMillionths,
          cltvDelta: hop.cltvExpiryDelta,
          htlcMinimum: Number(hop.htlcMinimum ?? 0n),
          htlcMaximum: Math.min(Number(hop.htlcMaximum ?? NO_LIMIT), known.htlcMaximum, NO_LIMIT),
          // A hint that has a maximum is a blinded path: what its channels let through together nobody tells.
          most: Math.min(Number(hop.htlcMaximum ?? NO_LIMIT), known.holds),
          isOwn: false,
          layers: hop.layers ?? null,
        });
      }
    for (const { scid, from, to, ...policy } of policies) {
      if (from === payer || isAvoided(scid, from, to)) continue;
      const { directed, holds } = this.#onMap(scid, from, to);
      this.#add(from, into(to), {
        directed,
        holds,
        scid,
        feeBase: Number(policy.feeBase),
        feeProportionalMillionths: policy.feeProportionalMillionths,
        cltvDelta: policy.cltvDelta,
        htlcMinimum: Number(policy.htlcMinimum),
        htlcMaximum: Math.min(Number(policy.htlcMaximum), NO_LIMIT),
        most: holds,
        isOwn: false,
        layers: null,
      });
    }
    for (const { scid, peer, sendableMsat, minimumMsat, together } of firstHops ?? []) {
      if (isAvoided(scid, peer)) continue;
      this.#add(payer, this.numberOf(peer), {
        scid,
        feeBase: 0,
        feeProportionalMillionths: 0,
        cltvDelta: 0,
        htlcMinimum: Number(minimumMsat),
        htlcMaximum: Number(sendableMsat),
        most: Number(sendableMsat),
        directed: -1,
        holds: Infinity,
        isOwn: true,
        layers: null,
        ...(together === undefined ? {} : { together: numbersOf(together) }),
      });
    }
  }

  /** The number of the payee; -1 when nobody knows it. */
  payee(id: NodeId): number {
    return this.#toItself >= 0 ? this.#toItself : this.find(id);
  }

  /** -1 when neither the graph nor anything said here knows it. */
  find(id: NodeId): number {
    const known = nodeIndexOf(this.#view.graph, id);
    return known >= 0 ? known : (this.#numbers.get(id) ?? -1);
  }

  /** The node's number; one that nobody knows gets one, as long as there are any. */
  numberOf(id: NodeId): number {
    const found = this.find(id);
    if (found >= 0 || this.#names.length >= MOST_EXTRA_NODES) return found;
    const number = this.#view.nodeCount + this.#names.length;
    this.#numbers.set(id, number);
    this.#names.push(id);
    return number;
  }

  nameOf(number: number): NodeId | undefined {
    return this.#names[number - this.#view.nodeCount];
  }

  /** The channel of that name in that direction, where it is one of these. */
  named({ scid, from }: ChannelAmount): ExtraEdge | undefined {
    const source = this.find(from);
    return this.edges.find((edge) => edge.scid === scid && edge.source === source);
  }

  /** Indices into `edges`. */
  into(node: number): readonly number[] | undefined {
    return this.#into.get(node);
  }

  /** The same by the node that they lead from. */
  outOf(node: number): readonly number[] | undefined {
    return this.#outOf.get(node);
  }

  #onMap(scid: Scid, from: NodeId, to: NodeId): OnMap {
    const { graph } = this.#view;
    const directed = directedOf(graph, scid, from, to);
    if (directed < 0) return UNKNOWN;
    // Nobody told of any terms of it: then nothing tells what it holds, either.
    const [holds, htlcMaximum] = [
      capacityOf(graph, directed >>> 1),
      graph.policies.htlcMaximum[directed] ?? 0,
    ];
    return { directed, holds: holds || Infinity, htlcMaximum: htlcMaximum || Infinity };
  }

  #add(from: NodeId, target: number, edge: Described): void {
    const source = this.numberOf(from);
    const bytes = edge.layers === null ? 0 : lastLayers(edge.layers, 0);
    if (source < 0 || target < 0 || bytes > LAYERS_ROOM) return;
    // Several hints may end alike: one channel, which can carry what it can once.
    if (this.edges.some((one) => one.scid === edge.scid && one.source === source && one.target === target))
      return;
    const list = this.#into.get(target) ?? [];
    this.#into.set(target, list);
    list.push(this.edges.length);
    const out = this.#outOf.get(source) ?? [];
    this.#outOf.set(source, out);
    out.push(this.edges.length);
    const length = Math.max(1, bytes / relayLayer(0));
    this.edges.push({ together: null, ...edge, source, target, used: 0, parts: 0, dust: 0, length });
  }
}
