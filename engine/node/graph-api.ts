import type { Answer } from './api.ts';

/** The map of the network that payments find their way by. */
export type GraphInfo = {
  readonly nodes: number;
  readonly channels: number;
  /** Unix seconds up to which the map tells; null while there is none. */
  readonly snapshotAt: number | null;
  readonly refreshing: boolean;
  /** Why the last refresh did not come to anything; null when it did, or there was none yet. Ours, never a server's words. */
  readonly lastError: string | null;
  readonly scores: ScoresInfo;
};
/** What is known of how much channels can carry. */
export type ScoresInfo = {
  /** Channels that payments of ours taught of. */
  readonly learnt: number;
  /** From a server; `newestAt`: unix seconds of the newest of them. Null while there are none. */
  readonly external: { readonly channels: number; readonly newestAt: number | null } | null;
  readonly refreshing: boolean;
  /** As that of the map. */
  readonly lastError: string | null;
};
export type GraphNode = {
  readonly nodeId: string;
  /** What it calls itself, on nobody's word but its own; empty when not known. No control characters. */
  readonly alias: string;
  /** BOLT 9 bits that it announced, hex; empty when not known. */
  readonly features: string;
  /** Short channel ids of its public channels. */
  readonly channels: readonly bigint[];
};
export type NodeName = { readonly nodeId: string; readonly alias: string };
export type GraphPolicy = {
  /** It says of itself that nothing goes this way now; or its terms contradict themselves, or the capacity. */
  readonly disabled: boolean;
  /** Blocks. */
  readonly cltvDelta: number;
  readonly feeBaseMsat: bigint;
  readonly feeProportionalMillionths: number;
  readonly htlcMinimumMsat: bigint;
  readonly htlcMaximumMsat: bigint;
  /** Unix seconds. */
  readonly updatedAt: number;
};
export type GraphChannel = {
  readonly scid: bigint;
  /** The lesser of the two ids. */
  readonly nodeA: string;
  readonly nodeB: string;
  /** Null when it was not told. */
  readonly capacitySat: bigint | null;
  /** What `nodeA` asks for on the way to `nodeB`; null when it has not said. */
  readonly fromA: GraphPolicy | null;
  readonly fromB: GraphPolicy | null;
};
/** `next`: what to ask for the rest with; null at the end. */
export type GraphPage<T> = { readonly items: readonly T[]; readonly next: number | null };

export type NetworkGraphApi = {
  info(): Promise<GraphInfo>;
  /** Asks the snapshot servers for a whole map now: it takes the place of the one that is there. Refusal: 'snapshot-unavailable'. */
  refresh(): Answer<GraphInfo>;
  /** Asks the servers of scores now. Refusal: 'scores-unavailable'. */
  refreshScores(): Answer<GraphInfo>;
  /** By 66 hex digits. Refusals: 'invalid-argument', 'not-on-the-map'. The first question about a map walks it once. */
  node(nodeId: string): Answer<GraphNode>;
  /**
   * Nodes whose name holds `text`, or whose id begins with it, the likeliest first, at most `limit` of up to 100. Names
   * are what nodes call themselves: anybody may take any. Refusal: 'invalid-argument'.
   */
  findNodes(text: string, limit: number): Answer<readonly NodeName[]>;
  /** By short channel id, `block << 40 | index << 16 | output`. Refusals: 'invalid-argument', 'not-on-the-map'. */
  channel(scid: bigint): Answer<GraphChannel>;
  /**
   * Node ids from place `from` on, at most `limit` of up to 1,000. Places are those of the map as it is now: they stay
   * while it grows, and move when channels are forgotten. Refusal: 'invalid-argument'.
   */
  listNodes(from: number, limit: number): Answer<GraphPage<string>>;
  /** The same of channels, in rising order of short channel id: places move with every change of the map. */
  listChannels(from: number, limit: number): Answer<GraphPage<GraphChannel>>;
};
