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
export type GraphPolicy = {
  readonly disabled: boolean;
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
  readonly nodeA: string;
  readonly nodeB: string;
  /** Null when it was not told. */
  readonly capacitySat: bigint | null;
  readonly fromA: GraphPolicy | null;
  readonly fromB: GraphPolicy | null;
};
/** `next`: what to ask for the rest with; null at the end. */
export type GraphPage<T> = { readonly items: readonly T[]; readonly next: number | null };

export type NetworkGraphApi = {
  info(): Promise<GraphInfo>;
  /** Asks the snapshot servers now. */
  refresh(): Answer<GraphInfo>;
  /** Asks the servers of scores now. */
  refreshScores(): Answer<GraphInfo>;
  node(nodeId: string): Answer<GraphNode>;
  channel(scid: bigint): Answer<GraphChannel>;
  /** Node ids from place `from` on, at most `limit` of up to 1,000. */
  listNodes(from: number, limit: number): Answer<GraphPage<string>>;
  listChannels(from: number, limit: number): Answer<GraphPage<GraphChannel>>;
};
