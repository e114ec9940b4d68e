import type { NodeId } from '../base/ids.ts';
import type { BlockDelta, Msat, Scid, Timestamp } from '../base/units.ts';
import type { HintHop } from '../invoice/bolt11.ts';
import type { LastLayers } from '../onion/layers.ts';

/** One channel of a part, and the node that it leads to. */
export type RouteHop = {
  readonly nodeId: NodeId;
  /** How the node before names the channel to `nodeId` in its onion; for the payer's own: the channel's alias or id. */
  readonly scid: Scid;
  /** What arrives at `nodeId`. */
  readonly amountMsat: Msat;
  /** What `nodeId` keeps for passing it on; 0 at the payee. */
  readonly feeMsat: Msat;
  /** Blocks that `nodeId` asks for between the HTLC it takes and the one it offers; at the payee: `finalCltvDelta`. */
  readonly cltvDelta: BlockDelta;
};

/** One HTLC of ours on its way to the payee, the last of its hops. */
export type RoutePart = readonly [RouteHop, ...RouteHop[]];

/** The parts' last amounts add up to what was asked for. */
export type Route = readonly RoutePart[];

/** A channel of the payer's own. */
export type FirstHop = {
  readonly scid: Scid;
  readonly peer: NodeId;
  /** The most that one more HTLC may carry. */
  readonly sendableMsat: Msat;
  /** The least that one may carry. */
  readonly minimumMsat: Msat;
  /** Left out: several take nothing from one another but their amounts. */
  readonly together?: Together;
};

/** What several HTLCs over a channel of ours take from one another, beside their amounts. */
export type Together = {
  /** How many there may be. */
  readonly slots: number;
  /** What each after the first takes besides, once `spare` is used up. */
  readonly each: Msat;
  readonly spare: Msat;
  /** Those below `dustBelow` may be `dustRoom` together. */
  readonly dustBelow: Msat;
  readonly dustRoom: Msat;
};

/** What a node asks for in its channel, other than the graph or a hint has it: told by the node itself. */
export type ToldPolicy = {
  readonly scid: Scid;
  /** Whose policy it is: it passes on over the channel. */
  readonly from: NodeId;
  readonly to: NodeId;
  readonly feeBase: Msat;
  readonly feeProportionalMillionths: number;
  readonly cltvDelta: BlockDelta;
  readonly htlcMinimum: Msat;
  readonly htlcMaximum: Msat;
};

/** An amount in the channel, from the node `from` on. */
export type ChannelAmount = { readonly scid: Scid; readonly from: NodeId; readonly amountMsat: Msat };

/**
 * Channels that the payee told of, in the direction of the payment. A blinded path is one: from its introduction node
 * on, with what it asks for as a whole, and the payee's own delay.
 */
export type Hint = readonly (HintHop & {
  /** Left out: any amount. */
  readonly htlcMinimum?: Msat;
  readonly htlcMaximum?: Msat;
  /** Of a blinded path: what its nodes take in the onion, the introduction node included. */
  readonly layers?: LastLayers;
})[];

export type RouteRequest = {
  readonly payer: NodeId;
  /** The payer itself: then the way leads back to it over `hints` alone. */
  readonly payee: NodeId;
  readonly amountMsat: Msat;
  readonly finalCltvDelta: BlockDelta;
  /** Of all parts together. */
  readonly maxFeeMsat: Msat;
  /** From the HTLC that we offer to the tip: all delays together, the last one too. */
  readonly maxCltvDelta: BlockDelta;
  /** 1: the payee takes a payment only whole. */
  readonly maxParts: number;
  /** What the payee takes in the onion, unless the way ends along a blinded path. Left out: a payment secret. */
  readonly layers?: LastLayers;
  /** Left out: the payer's channels are those of the graph. */
  readonly firstHops?: readonly FirstHop[];
  readonly hints?: readonly Hint[];
  readonly avoid?: {
    readonly scids?: ReadonlySet<Scid>;
    readonly nodes?: ReadonlySet<NodeId>;
    /** So much, and more, does not go through. */
    readonly amounts?: readonly ChannelAmount[];
  };
  /** What HTLCs of ours that are under way use already. */
  readonly inFlight?: readonly ChannelAmount[];
  readonly policies?: readonly ToldPolicy[];
  readonly now: Timestamp;
};

export type FindRouteRefusal =
  /** `unknown-payee`: neither the graph nor a hint names it. `no-channel`: the payer has none. */
  | { readonly code: 'no-path'; readonly reason: 'unknown-payee' | 'no-channel' | 'no-route' }
  /** Our channels together cannot send it. `sendable`: what they can, before fees. */
  | { readonly code: 'insufficient-balance'; readonly sendable: Msat }
  /** The best way found would cost `fee`. */
  | { readonly code: 'fee-above-limit'; readonly fee: Msat; readonly limit: Msat }
  | { readonly code: 'amount-too-small'; readonly minimum: Msat }
  | { readonly code: 'amount-too-large'; readonly maximum: Msat };
