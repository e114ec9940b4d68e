import type { ChannelStatus } from '../channel/refusal.ts';
import type { ChannelId, NodeId, PaymentHash } from '../base/ids.ts';
import type { Result } from '../base/result.ts';
import type { BlockHeight, Msat, Sat, Scid } from '../base/units.ts';
import type { LastLayers } from '../onion/layers.ts';
import type { ChannelAmount, Hint, Together, ToldPolicy } from '../routing/route.ts';
import type { RouteRefusal } from './payment-refusal.ts';

/** One node on the way, ours not counted. */
export type RouteHop = {
  readonly nodeId: NodeId;
  /** The channel that leads to it from the node before; null for the first, which our own channel leads to. */
  readonly scid: Scid | null;
  /** What arrives at it. */
  readonly amount: Msat;
  /** Of the HTLC that arrives at it. */
  readonly cltvExpiry: BlockHeight;
};

/** One way for one HTLC: over our channel `channelId` to `hops[0]`, on to the payee, the last. */
export type Route = { readonly channelId: ChannelId; readonly hops: readonly [RouteHop, ...RouteHop[]] };

/** A channel of ours, as far as paying is concerned: a `ChannelSummary` is one. */
export type PayChannel = {
  readonly channelId: ChannelId;
  readonly peerId: NodeId;
  readonly isUsable: boolean;
  /** Left out: not on its way to an end. */
  readonly status?: ChannelStatus;
  /** The largest single HTLC that it takes now. */
  readonly sendable: Msat;
  /** What several that are sent at once take from one another. Left out: their amounts alone. */
  readonly together?: Together | undefined;
  readonly remoteHtlcMinimum: Msat;
  /** Ours in it, with what is under way; left out: not known. */
  readonly local?: Msat;
  /** What of ours has to stay in it; left out: nothing. */
  readonly reserve?: Sat;
  /** Of its funding output; left out: not known. */
  readonly capacity?: Sat;
  readonly htlcs?: readonly {
    readonly direction: 'incoming' | 'outgoing';
    readonly amount: Msat;
  }[];
  /** Whether an HTLC of ours in it is for this hash: what a restored channel pays is known of by nothing else. */
  readonly isPaying: (hash: PaymentHash) => boolean;
};

/** Whether one of them has an HTLC of ours for it. */
export const isUnderWay = (hash: PaymentHash, channels: readonly PayChannel[]): boolean =>
  channels.some(({ isPaying }) => isPaying(hash));

/** What failed this payment before and is not to be tried again. */
export type Avoid = {
  readonly channels: ReadonlySet<ChannelId>;
  readonly scids: ReadonlySet<Scid>;
  readonly nodes: ReadonlySet<NodeId>;
  /** So much, and more, does not go through. */
  readonly amounts: readonly ChannelAmount[];
};

export type RouteQuery = {
  readonly ourId: NodeId;
  readonly payee: NodeId;
  /** What is to arrive. */
  readonly amount: Msat;
  readonly maxFee: Msat;
  /** Expiry at the payee. */
  readonly finalCltvExpiry: BlockHeight;
  readonly maxCltvExpiry: BlockHeight;
  /** Of the payee: route hints, and blinded tails. */
  readonly routeHints: readonly Hint[];
  /** What the payee takes in the onion. Left out: a payment secret. */
  readonly layers?: LastLayers;
  /** 1: the payee takes a payment only whole. */
  readonly maxParts: number;
  readonly channels: readonly PayChannel[];
  readonly avoid: Avoid;
  /** What HTLCs of ours that are under way use. Counted when a way over the map is looked for. */
  readonly inFlight: () => readonly ChannelAmount[];
  /** Of nodes on the way, told to this payment alone. */
  readonly policies: readonly ToldPolicy[];
};

/** The seam where path finding comes in: one route, or several whose last amounts add up to `amount`. Pure. */
export type FindRoutes = (query: RouteQuery) => Result<readonly Route[], RouteRefusal>;

/** Ways that were looked for before the turn that takes them, and what they are for. */
export type FoundWays = {
  readonly amount: Msat;
  readonly maxFee: Msat;
  readonly routes: Result<readonly Route[], RouteRefusal>;
};

/** What all nodes on the way keep. */
export const feeOfRoute = ({ hops }: Pick<Route, 'hops'>): bigint =>
  hops[0].amount - (hops.at(-1)?.amount ?? hops[0].amount);
