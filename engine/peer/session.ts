import { assert, unreachable } from '../base/assert.ts';
import { toHex } from '../base/bytes.ts';
import { nodeId, type NodeId, type Point } from '../base/ids.ts';
import type { Random } from '../base/ports.ts';
import { isSecretKey } from '../crypto/secp256k1.ts';
import type { NoiseIdentity } from '../noise/handshake.ts';
import { Transport } from '../noise/transport.ts';
import type { Init } from '../wire/connection.ts';
import { decodeMessage, encodeMessage, type WireMessage } from '../wire/wire-message.ts';
import type { CloseReason } from './close-reason.ts';
import { Handshaking } from './handshaking.ts';
import { newSession, transition } from './session/machine.ts';
import { nextTickAt } from './session/on-tick.ts';
import type { Milliseconds, SessionEffect, SessionEnv, SessionEvent, SessionState } from './session/state.ts';

export { DEFAULT_TIMING } from './session/state.ts';

export type SessionConfig = Omit<SessionEnv, 'now'> & {
  readonly identity: NoiseIdentity;
  readonly random: Random;
};

export type PeerEvent =
  /** The handshake is done: this is who it is. Before `ready`, and before any message. */
  | { readonly tag: 'identified'; readonly nodeId: NodeId }
  /** `init` was exchanged; `remoteInit.features` holds both of its maps. */
  | { readonly tag: 'ready'; readonly remoteInit: Init }
  /** `length`: of its bytes. */
  | { readonly tag: 'message'; readonly message: WireMessage; readonly length: number }
  /** The last event: close the socket after `send` is written. */
  | { readonly tag: 'closed'; readonly reason: CloseReason };

/** What an input leads to. First `send` goes to the socket, then the events are acted on. */
export type SessionOutput = { readonly send: readonly Uint8Array[]; readonly events: readonly PeerEvent[] };

type Channel =
  | { readonly tag: 'handshake'; readonly handshaking: Handshaking }
  | { readonly tag: 'transport'; readonly transport: Transport };

/**
 * One connection, from its first byte to its last: bytes, messages and the time in; bytes and events out. Owns no
 * socket and no timer: call `tick` at `nextTickAt`. Never throws for what a peer sends.
 */
export class PeerSession {
  #channel: Channel;
  #state: SessionState;
  #nodeId: NodeId | null = null;
  #send: Uint8Array[] = [];
  #events: PeerEvent[] = [];
  /** Of the message that is being read. */
  #length = 0;
  readonly #config: SessionConfig;

  private constructor(config: SessionConfig, now: Milliseconds, handshaking: Handshaking) {
    this.#config = config;
    this.#channel = { tag: 'handshake', handshaking };
    this.#state = newSession({ now, timing: config.timing });
  }

  /** For a socket that we opened. `output` holds the first act. @throws {Bug} when `remote` is not a point. */
  static dial(
    config: SessionConfig,
    remote: Point,
    now: Milliseconds,
  ): { readonly session: PeerSession; readonly output: SessionOutput } {
    const { handshaking, send } = Handshaking.dialling(config.identity, remote, freshSecret(config.random));
    return { session: new PeerSession(config, now, handshaking), output: { send: [send], events: [] } };
  }

  /** For a socket that was opened to us. */
  static answer(config: SessionConfig, now: Milliseconds): PeerSession {
    return new PeerSession(config, now, Handshaking.answering(config.identity, freshSecret(config.random)));
  }

  /** Null until the handshake is done. */
  get nodeId(): NodeId | null {
    return this.#nodeId;
  }

  get state(): SessionState {
    return this.#state;
  }

  get nextTickAt(): Milliseconds | null {
    return nextTickAt(this.#state, this.#config);
  }

  receive(bytes: Uint8Array, now: Milliseconds): SessionOutput {
    if (this.#channel.tag === 'handshake') this.#onHandshake(this.#channel.handshaking, bytes, now);
    else this.#onStream(this.#channel.transport, bytes, now);
    return this.#output();
  }

  /** Held until `init` has come; dropped when the session is over. */
  send(message: WireMessage, now: Milliseconds): SessionOutput {
    this.#step({ tag: 'send', message }, now);
    return this.#output();
  }

  tick(now: Milliseconds): SessionOutput {
    this.#step({ tag: 'tick' }, now);
    return this.#output();
  }

  /** Asks for a sign of life, soon. */
  probe(now: Milliseconds): SessionOutput {
    this.#step({ tag: 'probe' }, now);
    return this.#output();
  }

  close(reason: CloseReason, now: Milliseconds): SessionOutput {
    this.#step({ tag: 'close', reason }, now);
    return this.#output();
  }

  #onHandshake(handshaking: Handshaking, bytes: Uint8Array, now: Milliseconds): void {
    if (this.#state.phase === 'closed') return;
    const progress = handshaking.receive(bytes);
    switch (progress.tag) {
      case 'failed':
        this.#step({ tag: 'close', reason: progress.failure }, now);
        return;
      case 'waiting':
        if (progress.send !== null) this.#send.push(progress.send);
        return;
      case 'done': {
        if (progress.send !== null) this.#send.push(progress.send);
        const transport = new Transport(progress.keys);
        this.#channel = { tag: 'transport', transport };
        this.#nodeId = nodeId(toHex(progress.keys.remoteStatic));
        this.#events.push({ tag: 'identified', nodeId: this.#nodeId });
        this.#step({ tag: 'established' }, now);
        this.#onStream(transport, progress.rest, now);
        return;
      }
      default:
        unreachable(progress);
    }
  }

  #onStream(transport: Transport, bytes: Uint8Array, now: Milliseconds): void {
    if (this.#state.phase === 'closed') return;
    const { messages, failure } = transport.receive(bytes);
    for (const message of messages) {
      if (this.state.phase === 'closed') return;
      this.#length = message.length;
      this.#step({ tag: 'message', message: decodeMessage(message) }, now);
    }
    if (failure !== null) this.#step({ tag: 'close', reason: failure }, now);
  }

  #step(event: SessionEvent, now: Milliseconds): void {
    const { features, chains, remoteAddress, isCustom, timing } = this.#config;
    const env: SessionEnv = { now, features, chains, remoteAddress, isCustom, timing };
    const { next, after } = transition(this.#state, event, env);
    this.#state = next;
    for (const effect of after) this.#run(effect);
  }

  #run(effect: SessionEffect): void {
    switch (effect.tag) {
      case 'send':
        assert(this.#channel.tag === 'transport', 'message before the handshake is done');
        this.#send.push(this.#channel.transport.seal(encodeMessage(effect.message)));
        return;
      case 'ready':
        this.#events.push({ tag: 'ready', remoteInit: effect.remoteInit });
        return;
      case 'deliver':
        this.#events.push({ tag: 'message', message: effect.message, length: this.#length });
        return;
      case 'close':
        this.#events.push({ tag: 'closed', reason: effect.reason });
        return;
      default:
        unreachable(effect);
    }
  }

  #output(): SessionOutput {
    const output = { send: this.#send, events: this.#events };
    this.#send = [];
    this.#events = [];
    return output;
  }
}

function freshSecret(random: Random): Uint8Array {
  for (;;) {
    const secret = random(32);
    if (isSecretKey(secret)) return secret;
  }
}
