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
    // bLIP 50: "a hex encoding of a random binary blob of at least 80 bits, with randomness acquired from a
    // cryptographically secure source."
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
      log('warn', 'lsp', 'a bad message', { peerId, why: read.error });
      // bLIP 50 §Message Payload Format: "MUST ignore the message"; "SHOULD NOT send further BOLT8 messages with ID 37913
      // to the peer on this connection session."
      if (this.#isAwaited(peerId)) this.#mute(peerId, { code: 'nonsense', detail: read.error });
      return;
    }
    const message = read.value;
    // bLIP 50 §LSPS Extension And Versioning: "MUST ignore unrecognized LSP-initiated notification `method`s."
    if (message.tag === 'notification')
      return log('info', 'lsp', 'an unknown notification', { peerId, method: message.method });
    // bLIP 50 §Disconnection Handling: "If a client receives a JSON-RPC 2.0 response with an `id` it does not remember sending a request for, it MUST ignore
    // that response." One that was sent to somebody else is not theirs to answer.
    if (message.id === null || this.#waiting.get(message.id)?.peerId !== peerId)
      return log('warn', 'lsp', 'an answer to nothing', { peerId });
    if (message.tag === 'result') return this.#answer(message.id, ok(message));
    log('info', 'lsp', 'an error', { peerId, code: message.code, words: message.words });
    this.#answer(message.id, err(failureOfCode(message.code)));
  }

  /** A new connection: "SHOULD re-attempt this on reconnection." */
  up(peerId: NodeId): void {
    this.#muted.delete(peerId);
  }

  down(peerId: NodeId): void {
    this.#fail(peerId, { code: 'disconnected' });
  }

  stop(): void {
    for (const id of this.#waiting.keys()) this.#answer(id, err({ code: 'disconnected' }));
  }

  #isAwaited(peerId: NodeId): boolean {
    return [...this.#waiting.values()].some((waiting) => waiting.peerId === peerId);
  }

  #mute(peerId: NodeId, failure: LspFailure): void {
    this.#muted.add(peerId);
    this.#fail(peerId, failure);
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
