import type { Result } from './result.ts';
import type { Timestamp } from './units.ts';

export type HttpRequest = {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** Sent as text/plain without own headers, so that no CORS preflight is needed. */
  readonly body?: string | Uint8Array;
  readonly timeoutMs: number;
  /** The answer is cut off, as a failure, past this many bytes. */
  readonly maxBytes: number;
};
export type HttpResponse = { readonly status: number; readonly body: Uint8Array };
export type HttpFailure = {
  readonly code: 'unreachable' | 'timeout' | 'too-large' | 'aborted';
  readonly detail: string;
};
/** One request; never rejects. */
export type Http = (request: HttpRequest) => Promise<Result<HttpResponse, HttpFailure>>;

export type SocketClose = { readonly code: string; readonly detail: string };
/** A byte stream to a peer (WebSocket through a proxy, TCP in Node.js). */
export type Socket = {
  /** Queues bytes; returns false when the transport asks to slow down. Ignored after close. */
  readonly send: (bytes: Uint8Array) => boolean;
  readonly close: () => void;
  /** Bytes that are queued here and not yet handed to the network. */
  readonly buffered: () => number;
};
export type SocketHandlers = {
  readonly onOpen: () => void;
  readonly onData: (bytes: Uint8Array) => void;
  /** Called once, also when the connection never opened. Nothing is called after it. */
  readonly onClose: (reason: SocketClose) => void;
};
export type PeerAddress = { readonly host: string; readonly port: number };
export type Dial = (address: PeerAddress, handlers: SocketHandlers) => Socket;

/** Cancels what was asked for; harmless when it already happened. */
export type Cancel = () => void;
export type Clock = {
  readonly now: () => Timestamp;
  /** Monotonic milliseconds, for measuring only. */
  readonly monotonicMs: () => number;
  readonly after: (delayMs: number, run: () => void) => Cancel;
};

/** Cryptographically secure random bytes. */
export type Random = (length: number) => Uint8Array;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** Details must hold no secret and no peer-controlled text longer than a line. */
export type Log = (
  level: LogLevel,
  scope: string,
  message: string,
  detail?: Readonly<Record<string, string | number | boolean>>,
) => void;
