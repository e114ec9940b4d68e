import type { NodeId } from '../base/ids.ts';

/** One of two connections with the same node. */
export type Contender = {
  /** We dialled it. */
  readonly outgoing: boolean;
  /** Monotonic milliseconds at the end of its handshake. */
  readonly establishedAt: number | null;
};

/** Two handshakes so close together, one from each side, are both sides dialling at once. */
const SIMULTANEOUS_MS = 10_000;

/**
 * BOLT 1 §Connection Handling and Multiplexing: "Implementations MUST use a single connection per peer". The newest
 * handshake wins: a peer that dials again has lost the old connection, though we may not know yet. But when both
 * dialled at once, each would see the other's connection as the newer and both would go: then the connection that
 * the node with the lower id dialled stays, the rule that LND has.
 */
export function survivor(old: Contender, fresh: Contender, ourId: NodeId, peerId: NodeId): 'old' | 'fresh' {
  const apartMs = (fresh.establishedAt ?? 0) - (old.establishedAt ?? 0);
  const crossed = old.outgoing !== fresh.outgoing && apartMs < SIMULTANEOUS_MS;
  if (!crossed) return 'fresh';
  const oursStays = ourId < peerId;
  return old.outgoing === oursStays ? 'old' : 'fresh';
}
