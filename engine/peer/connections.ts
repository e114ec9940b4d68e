import { assert } from '../base/assert.ts';
import { fromHex, toHex } from '../base/bytes.ts';
import type { NodeId } from '../base/ids.ts';
import type { Clock, Dial, PeerAddress, Random, Socket, SocketHandlers } from '../base/ports.ts';
import { err, ok } from '../base/result.ts';
import { isPoint } from '../crypto/secp256k1.ts';
import type { Init } from '../wire/connection.ts';
import type { WireMessage } from '../wire/wire-message.ts';
import type { CloseReason } from './close-reason.ts';
import { Link } from './link.ts';
import {
  newPeer,
  statusOf,
  type ConnectionId,
  type ConnectOutcome,
  type Peer,
  type PeerStatus,
} from './peer.ts';
import { failuresAfter, reconnectDelayMs } from './reconnect.ts';
import type { PeerEvent, SessionConfig } from './session.ts';
import { survivor } from './takeover.ts';

/** Incoming connections that have not said who they are. */
const MAX_UNIDENTIFIED = 32;
/** Peers from which no more come in unasked. */
const MAX_PEERS = 500;

export type ConnectionsPorts = {
  readonly dial: Dial;
  readonly clock: Clock;
  readonly random: Random;
  readonly session: SessionConfig;
  readonly hasChannel: (nodeId: NodeId) => boolean;
  /**
   * `init` was exchanged. Between two of these for one node there is always an `onDown`. Nothing is sent before
   * `begin` is called with this `connection`: see there.
   */
  readonly onUp: (nodeId: NodeId, remoteInit: Init, connection: ConnectionId) => void;
  /** `length`: of its bytes. */
  readonly onMessage: (nodeId: NodeId, message: WireMessage, length: number) => void;
  /** The connection that `onUp` told of is over. */
  readonly onDown: (nodeId: NodeId, reason: CloseReason) => void;
  /** What `list` says has changed. */
  readonly onChange: () => void;
};

/** All connections of the node: one per peer, kept up for those peers that it wants to keep. */
export class PeerConnections {
  readonly #peers = new Map<NodeId, Peer>();
  readonly #unidentified = new Set<Link>();
  readonly #ports: ConnectionsPorts;
  readonly #ourId: NodeId;
  #stopped = false;
  #connections = 0;

  constructor(ports: ConnectionsPorts) {
    this.#ports = ports;
    this.#ourId = toHex(ports.session.identity.publicKey) as NodeId;
  }

  /** Connects now and again whenever the connection ends, until `release`. */
  keep(nodeId: NodeId, address: PeerAddress): void {
    const peer = this.#peer(nodeId);
    peer.kept = true;
    peer.address = address;
    this.#dial(peer);
  }

  /** Connects once. `done` hears at once when there is a connection already; it is called exactly once. */
  connect(nodeId: NodeId, address: PeerAddress, done: (outcome: ConnectOutcome) => void): void {
    if (this.#stopped) return done(err({ code: 'requested' }));
    const peer = this.#peer(nodeId);
    if (peer.remoteInit !== null) return done(ok(peer.remoteInit));
    peer.waiting.push(done);
    peer.address ??= address;
    if (!isSame(peer.dialling?.address ?? null, address)) peer.asked = address;
    this.#dial(peer);
  }

  /** Hangs up and does not dial again. */
  release(nodeId: NodeId): void {
    const peer = this.#peers.get(nodeId);
    if (peer === undefined) return;
    peer.kept = false;
    this.#hangUp(peer, { code: 'requested' });
    this.#forgetIfIdle(peer);
    this.#ports.onChange();
  }

  /** Hangs up; a kept peer is dialled again after a while. */
  disconnect(nodeId: NodeId, reason: CloseReason): void {
    this.#peers.get(nodeId)?.link?.close(reason);
  }

  /** For a listening socket: the handlers of one incoming connection. */
  accept(socket: Socket): SocketHandlers {
    if (this.#stopped) {
      socket.close();
      return { onOpen: () => undefined, onData: () => undefined, onClose: () => undefined };
    }
    // The oldest had the most time to say it: whoever is silent shuts nobody out.
    const [oldest] = this.#unidentified;
    if (this.#unidentified.size >= MAX_UNIDENTIFIED) oldest?.close({ code: 'crowded' });
    const { link, handlers } = Link.answer(this.#ports.session, socket, this.#ports.clock, this.#onEvent);
    this.#unidentified.add(link);
    return handlers;
  }

  /**
   * From here on messages go to this connection. To be called as the first effect of the turn that tells the channels
   * of it: a message that was made for the connection before must not arrive ahead of `channel_reestablish`.
   */
  begin(nodeId: NodeId, connection: ConnectionId): void {
    const peer = this.#peers.get(nodeId);
    if (peer !== undefined && peer.remoteInit !== null && peer.connection === connection) peer.begun = true;
  }

  /** False when the connection is over or not begun: what belongs to a channel is said again after `channel_reestablish`. */
  send(nodeId: NodeId, message: WireMessage): boolean {
    const peer = this.#peers.get(nodeId);
    if (peer?.link == null || !peer.begun) return false;
    peer.link.send(message);
    return true;
  }

  /** What the peer said in `init`; null when it is not connected. */
  remoteInit(nodeId: NodeId): Init | null {
    return this.#peers.get(nodeId)?.remoteInit ?? null;
  }

  list(): readonly PeerStatus[] {
    return [...this.#peers.values()].map(statusOf);
  }

  /** The network came back, or the machine woke: asks every peer for a sign of life and dials the others now. */
  wake(): void {
    for (const peer of this.#peers.values()) {
      if (peer.link !== null) peer.link.probe();
      else if (peer.kept) {
        peer.failures = 0;
        this.#dial(peer);
      }
    }
  }

  /** Hangs up everywhere, for good. */
  stop(): void {
    this.#stopped = true;
    for (const link of this.#unidentified) link.close({ code: 'requested' });
    for (const peer of this.#peers.values()) this.#hangUp(peer, { code: 'requested' });
  }

  #peer(nodeId: NodeId): Peer {
    let peer = this.#peers.get(nodeId);
    if (peer === undefined) {
      peer = newPeer(nodeId);
      this.#peers.set(nodeId, peer);
    }
    return peer;
  }

  #dial(peer: Peer): void {
    const address = peer.asked ?? peer.address;
    peer.retry?.();
    peer.retry = null;
    if (this.#stopped || address === null || peer.link !== null || peer.dialling !== null) return;
    peer.asked = null;
    const remote = fromHex(peer.nodeId);
    if (peer.nodeId === this.#ourId || !isPoint(remote)) return this.#onNobody(peer);
    const dialled = Link.dial(
      this.#ports.session,
      remote,
      this.#ports.clock,
      (handlers) => this.#ports.dial(address, handlers),
      (link, event) => {
        if (event.tag === 'closed' && peer.dialling?.link === link) this.#onDialFailed(peer, event.reason);
        else this.#onEvent(link, event);
      },
    );
    peer.dialling = { link: dialled, address };
    this.#ports.onChange();
  }

  /** Our own id, or no curve point: trying again would not help. */
  #onNobody(peer: Peer): void {
    const socket = { code: 'nobody', detail: 'no other node can have this id' };
    const reason = { code: 'unreachable', socket } as const;
    peer.lastError = reason;
    this.#answer(peer, err(reason));
    this.#forgetIfIdle(peer);
    this.#ports.onChange();
  }

  readonly #onEvent = (link: Link, event: PeerEvent): void => {
    const { nodeId } = link;
    if (event.tag === 'closed') {
      this.#unidentified.delete(link);
      const peer = nodeId === null ? undefined : this.#peers.get(nodeId);
      if (peer?.link === link) this.#onLinkClosed(peer, link, event.reason);
      return;
    }
    assert(nodeId !== null, 'an event of nobody');
    const peer = this.#peer(nodeId);
    if (event.tag === 'identified') this.#onIdentified(peer, link);
    else if (event.tag === 'ready') this.#onReady(peer, event.remoteInit);
    else this.#ports.onMessage(nodeId, event.message, event.length);
  };

  #onIdentified(peer: Peer, link: Link): void {
    this.#unidentified.delete(link);
    if (peer.dialling?.link === link) {
      peer.address = peer.dialling.address;
      peer.dialling = null;
    }
    const old = peer.link;
    const isWanted = link.outgoing || peer.kept || this.#ports.hasChannel(peer.nodeId);
    if (old === null && !isWanted && this.#peers.size > MAX_PEERS) {
      this.#forgetIfIdle(peer);
      return link.close({ code: 'crowded' });
    }
    if (old !== null) {
      const stays = survivor(old, link, this.#ourId, peer.nodeId);
      if (stays === 'old') {
        old.probe();
        return link.close({ code: 'replaced' });
      }
      old.close({ code: 'replaced' });
    }
    peer.retry?.();
    peer.retry = null;
    peer.link = link;
  }

  #onReady(peer: Peer, remoteInit: Init): void {
    peer.remoteInit = remoteInit;
    peer.asked = null;
    peer.connection = ++this.#connections as ConnectionId;
    this.#ports.onUp(peer.nodeId, remoteInit, peer.connection);
    this.#answer(peer, ok(remoteInit));
    this.#ports.onChange();
  }

  #onDialFailed(peer: Peer, reason: CloseReason): void {
    peer.dialling = null;
    if (peer.link !== null) return;
    // Somebody has named another address meanwhile.
    if (peer.asked !== null) return this.#dial(peer);
    this.#onEnded(peer, reason, null);
  }

  #onLinkClosed(peer: Peer, link: Link, reason: CloseReason): void {
    const wasUp = peer.remoteInit !== null;
    peer.link = null;
    peer.remoteInit = null;
    peer.begun = false;
    if (wasUp) this.#ports.onDown(peer.nodeId, reason);
    if (reason.code === 'replaced') return;
    const readyFor = link.readyAt === null ? null : this.#ports.clock.monotonicMs() - link.readyAt;
    this.#onEnded(peer, reason, readyFor);
  }

  #onEnded(peer: Peer, reason: CloseReason, readyForMs: number | null): void {
    peer.lastError = reason;
    peer.failures = failuresAfter(peer.failures, reason, readyForMs);
    if (peer.dialling === null) this.#answer(peer, err(reason));
    if (peer.kept && !this.#stopped && peer.dialling === null && peer.address !== null) {
      const delay = reconnectDelayMs(peer.failures, this.#jitter());
      peer.retry?.();
      peer.retry = this.#ports.clock.after(delay, () => this.#dial(peer));
    }
    this.#forgetIfIdle(peer);
    this.#ports.onChange();
  }

  #answer(peer: Peer, outcome: ConnectOutcome): void {
    const { waiting } = peer;
    peer.waiting = [];
    for (const done of waiting) done(outcome);
  }

  #hangUp(peer: Peer, reason: CloseReason): void {
    peer.retry?.();
    peer.retry = null;
    peer.asked = null;
    peer.dialling?.link.close(reason);
    peer.link?.close(reason);
  }

  /** A peer that came to us, or that was dialled once, is nothing to list when it is gone. */
  #forgetIfIdle(peer: Peer): void {
    if (!peer.kept && peer.link === null && peer.dialling === null) this.#peers.delete(peer.nodeId);
  }

  #jitter(): number {
    return new DataView(this.#ports.random(4).slice().buffer).getUint32(0) / 2 ** 32;
  }
}

const isSame = (a: PeerAddress | null, b: PeerAddress): boolean => a?.host === b.host && a.port === b.port;
