import type { Branded } from '../base/brand.ts';
import type { NodeId } from '../base/ids.ts';
import type { Cancel, PeerAddress } from '../base/ports.ts';
import type { Result } from '../base/result.ts';
import type { Init } from '../wire/connection.ts';
import type { CloseReason } from './close-reason.ts';
import type { Link } from './link.ts';

/** Tells the connections with one node apart. */
export type ConnectionId = Branded<number, 'ConnectionId'>;

export type ConnectOutcome = Result<Init, CloseReason>;

export type PeerStatus = {
  readonly nodeId: NodeId;
  /** Null for a peer that has only ever come to us. */
  readonly address: PeerAddress | null;
  readonly state: 'connected' | 'connecting' | 'disconnected';
  /** Dialled again whenever the connection ends. */
  readonly kept: boolean;
  /** Why the last connection or attempt ended; null when there was none, and while connected. */
  readonly lastError: CloseReason | null;
};

/** What `PeerConnections` knows of one peer. */
export type Peer = {
  readonly nodeId: NodeId;
  /** Where it was found last, or is said to be by whoever keeps it. */
  address: PeerAddress | null;
  /** To be tried once, before that. */
  asked: PeerAddress | null;
  kept: boolean;
  /** The one connection whose handshake is done. */
  link: Link | null;
  /** Null until `ready`. */
  remoteInit: Init | null;
  connection: ConnectionId;
  /** The node has heard of this connection: what it sends from now on is meant for it. */
  begun: boolean;
  dialling: { readonly link: Link; readonly address: PeerAddress } | null;
  failures: number;
  retry: Cancel | null;
  lastError: CloseReason | null;
  waiting: ((outcome: ConnectOutcome) => void)[];
};

export const newPeer = (nodeId: NodeId): Peer => ({
  nodeId,
  address: null,
  asked: null,
  kept: false,
  link: null,
  remoteInit: null,
  connection: 0 as ConnectionId,
  begun: false,
  dialling: null,
  failures: 0,
  retry: null,
  lastError: null,
  waiting: [],
});

export function statusOf(peer: Peer): PeerStatus {
  const { nodeId, address, kept } = peer;
  if (peer.remoteInit !== null) return { nodeId, address, state: 'connected', kept, lastError: null };
  const state = peer.link !== null || peer.dialling !== null ? 'connecting' : 'disconnected';
  return { nodeId, address, state, kept, lastError: peer.lastError };
}
