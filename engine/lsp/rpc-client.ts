import { toHex } from '../base/bytes.ts';
import type { NodeId } from '../base/ids.ts';
import type { Cancel, Clock, Log, Random } from '../base/ports.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { WireMessage } from '../wire/wire-message.ts';
import { failureOfCode, type LspFailure } from './lsp-failure.ts';
import { readLspMessage, requestMessage, type LspMessage } from './lsps0.ts';

export type RpcPorts = {
  /** False when there is no connection. */
  readonly send: (peerId: NodeId, message: WireMessage) => boolean;
  readonly random: Random;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
};

export type RpcAnswer = Result<Extract<LspMessage, { tag: 'result' }>, LspFailure>;
type Waiting = {
  readonly peerId: NodeId;
  readonly done: (answer: RpcAnswer) => void;
  readonly cancel: Cancel;
};

/**
 * bLIP 50 §Disconnection Handling: "SHOULD treat a timeout event as a temporary server failure, and forget the `id` of the
 * timed-out request."
 * DIVERGES from bLIP 50 §Disconnection Handling: "a reasonable timeout, on the scale of minutes": a person looks at the
 * screen, and what is lost by asking again is a quote.
 */
export const ANSWER_MS = 20_000;

/** The client's side of LSPS0 with any number of LSPs. In memory: whoever asks keeps what must outlive the process. */
export class RpcClient {
  readonly #ports: RpcPorts;
  readonly #waiting = new Map<string, Waiting>();
  /** Spoke nonsense on this connection. */
  readonly #muted = new Set<NodeId>();

  constructor(ports: RpcPorts) {
    this.#ports = ports;
  }

  /** `done` hears exactly once. */
  ask(
    peerId: NodeId,
    method: string,
    params: Parameters<typeof requestMessage>[2],
    done: (answer: RpcAnswer) => void,
  ): void {
    const { random, clock, send, log } = this.#ports;
    if (this.#muted.has(peerId)) return done(err({ code: 'nonsense', detail: 'on this connection' }));
    // bLIP 50 §Disconnection Handling: "Clients MUST use a high-entropy `id` string for JSON-RPC 2.0 requests, such as […] a
    // hex encoding of a random binary blob of at least 80 bits, with randomness acquired from a cryptographically secure
    // source."; "Clients MUST NOT use just a simple incrementing counter for the `id`."
    const id = toHex(random(16));
    const cancel = clock.after(ANSWER_MS, () => {
      log('info', 'lsp', 'no answer', { peerId, method });
      this.#answer(id, err({ code: 'no-answer' }));
    });
    this.#waiting.set(id, { peerId, done, cancel });
    if (!send(peerId, requestMessage(id, method, params))) this.#answer(id, err({ code: 'disconnected' }));
  }

  /** A message of type 37913 came. */
  heard(peerId: NodeId, payload: Uint8Array): void {
    const { log } = this.#ports;
    const read = readLspMessage(payload);
    if (!read.ok) {
      // bLIP 50 §Message Payload Format: "MUST ignore the message."; "SHOULD log this as an unusual event."; "SHOULD NOT send
      // further BOLT8 messages with ID 37913 to the peer on this connection session."
      log('warn', 'lsp', 'a bad message', { peerId, why: read.error });
      this.#muted.add(peerId);
      this.#fail(peerId, { code: 'nonsense', detail: read.error });
      return;
    }
    const message = read.value;
    // bLIP 50 §LSPS Extension And Versioning: "MUST ignore unrecognized LSP-initiated notification `method`s."; "SHOULD log
    // this as unusual." There is none that we asked for.
    if (message.tag === 'notification')
      return log('info', 'lsp', 'an unknown notification', { peerId, method: message.method });
    // bLIP 50 §Disconnection Handling: "If a client receives a JSON-RPC 2.0 response with an `id` it does not remember
    // sending a request for, it MUST ignore that response." One that was sent to somebody else is not theirs to answer.
    // bLIP 50 §Message Payload Format: "MAY send responses in an order different from the order in which the client sent the
    // requests."
    if (message.id === null || this.#waiting.get(message.id)?.peerId !== peerId)
      return log('warn', 'lsp', 'an answer to nothing', { peerId });
    if (message.tag === 'result') return this.#answer(message.id, ok(message));
    log('info', 'lsp', 'an error', { peerId, code: message.code, words: message.words });
    this.#answer(message.id, err(failureOfCode(message.code)));
  }

  /** A new connection. bLIP 50 §Message Payload Format: "SHOULD re-attempt this on reconnection." */
  up(peerId: NodeId): void {
    this.#muted.delete(peerId);
  }

  down(peerId: NodeId): void {
    this.#fail(peerId, { code: 'disconnected' });
  }

  stop(): void {
    for (const id of this.#waiting.keys()) this.#answer(id, err({ code: 'disconnected' }));
  }

  #fail(peerId: NodeId, failure: LspFailure): void {
    for (const [id, waiting] of this.#waiting) if (waiting.peerId === peerId) this.#answer(id, err(failure));
  }

  #answer(id: string, answer: RpcAnswer): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    waiting.cancel();
    waiting.done(answer);
  }
}
